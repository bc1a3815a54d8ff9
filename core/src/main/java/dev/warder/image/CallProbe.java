package dev.warder.image;

import dev.warder.catalog.SyscallTable;
import dev.warder.image.elf.ElfExecutable;
import dev.warder.image.x86_64.Encoder;

/// A program of one system call, to ask a kernel what no file of its tells.
public final class CallProbe {
  private CallProbe() {}

  /// The ELF file. Its exit status is the low byte of what the call returns: 256 less the errno where it fails. A kernel
  /// without the ABI of the table has no `exit_group` by that number either, and ends it by SIGILL.
  ///
  /// @param table numbers of an ABI that is entered by the instruction `syscall`
  public static byte[] write(SyscallTable table, String call, long... arguments) {
    var a = new Assembly();
    Value.Var result = a.var("result");
    var values = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      values[i] = Value.of(arguments[i]);
    }
    a.enter(a.var("stack"), 0);
    a.call(result, call, values);
    a.call(result, "exit_group", result);
    a.abort();
    Code code = a.finish();
    byte[] machineCode = Encoder.encode(code, table);
    return new ElfExecutable(ElfExecutable.EM_X86_64, code.data(), machineCode, code.writableBytes()).bytes();
  }
}
