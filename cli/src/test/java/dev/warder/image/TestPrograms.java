package dev.warder.image;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.elf.ElfExecutable;
import dev.warder.image.x86_64.Encoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/// Programs that need no file but their own, made by the same assembler as images.
public final class TestPrograms {
  /// By the instruction `syscall`, in a process of its own.
  public static final long BY_SYSCALL = 0;

  /// By the instruction `int 0x80`, in a process of its own: the ABI of x86.
  public static final long BY_INT80 = 1;

  /// By the instruction `syscall`, in the probe's own process.
  public static final long BY_SYSCALL_HERE = 2;

  public static final int CALL_BYTES = 64;
  public static final int ANSWER_BYTES = 24;

  private static final int SIGKILL = 9;
  private static final int SIGCHLD = 17;
  private static final int SIG_BLOCK = 0;

  /// How many operations are replaced by the subroutine, of three bytes each.
  private static final int MAKER_ROOM = 40;

  private TestPrograms() {}

  /// Prints `hello` and exits with 21.
  public static byte[] hello() {
    var a = new Assembly();
    Value.Var result = a.var("result");
    a.enter(a.var("stack"), 0);
    a.call(result, "write", 1, "hello\n", 6);
    a.call(result, "exit_group", 21);
    a.abort();
    return elf(a.finish());
  }

  /// Reads calls from stdin, makes each in a process of its own and writes to stdout what came of it.
  ///
  /// A call is eight 64-bit numbers: the [way][#BY_SYSCALL] it is made, its number and six arguments. An answer is
  /// three: 1 if the call returned, what it returned, the wait status of the process. A call that takes longer than
  /// 100 ms is ended by SIGKILL.
  ///
  /// Under a filter it needs read, write, mmap, clone with SIGCHLD alone, wait4, kill, rt_sigprocmask,
  /// rt_sigtimedwait and exit_group.
  public static byte[] probe() {
    var a = new Assembly();
    Value.Buffer call = a.buffer("call", CALL_BYTES + 8);
    Value.Buffer status = a.buffer("status", 8);
    Value.Buffer answer = a.buffer("answer", ANSWER_BYTES);
    Value.Data childSignal = a.bytes(longs(1L << SIGCHLD - 1));
    Value.Data patience = a.bytes(longs(0, 100_000_000));
    Value.Var r = a.var("result");
    Value.Var shared = a.var("shared");
    Value.Var pid = a.var("pid");
    Value.Var copied = a.var("copied");
    Op.Label next = a.label("next");
    Op.Label parent = a.label("parent");
    Op.Label here = a.label("here");
    Op.Label wait = a.label("wait");
    Op.Label slow = a.label("slow");
    Op.Label tell = a.label("tell");
    Op.Label done = a.label("done");
    Op.Label broken = a.label("broken");
    Op.Label make = a.label("make");
    a.enter(a.var("stack"), 0);
    a.callOr(broken, shared, "mmap", 0, 4096, Uapi.PROT_READ.value() | Uapi.PROT_WRITE.value(),
        Uapi.MAP_SHARED.value() | Uapi.MAP_ANONYMOUS.value(), -1, 0);
    a.callOr(broken, r, "rt_sigprocmask", SIG_BLOCK, childSignal, 0, 8);
    a.place(next);
    a.callOr(broken, r, "read", 0, call, CALL_BYTES);
    a.jumpIf(r, Op.Test.EQ, 0, done);
    a.jumpIf(r, Op.Test.NE, CALL_BYTES, broken);
    a.store(Op.Width.LONG, shared, 0, Value.of(0));
    a.store(Op.Width.LONG, shared, 8, Value.of(0));
    a.store(Op.Width.LONG, status, 0, Value.of(0));
    a.load(copied, Op.Width.LONG, call, 0);
    a.jumpIf(copied, Op.Test.EQ, BY_SYSCALL_HERE, here);
    a.callOr(broken, pid, "clone", SIGCHLD, 0, 0, 0, 0);
    a.jumpIf(pid, Op.Test.NE, 0, parent);
    make(a, call, make, shared, copied);
    a.call(r, "exit_group", 0);

    a.place(here);
    make(a, call, make, shared, copied);
    a.jump(tell);

    a.place(parent);
    a.place(wait);
    a.call(r, "rt_sigtimedwait", childSignal, 0, patience, 8);
    a.jumpIf(r, Op.Test.LT, 0, slow);
    a.callOr(broken, r, "wait4", pid, status, Uapi.WNOHANG, 0);
    a.jumpIf(r, Op.Test.EQ, 0, wait);
    a.jump(tell);
    a.place(slow);
    a.callOr(broken, r, "kill", pid, SIGKILL);
    a.callOr(broken, r, "wait4", pid, status, 0, 0);

    a.place(tell);
    for (int at = 0; at < ANSWER_BYTES; at += 8) {
      a.load(copied, Op.Width.LONG, at < 16 ? shared : status, at % 16);
      a.store(Op.Width.LONG, answer, at, copied);
    }
    a.callOr(broken, r, "write", 1, answer, ANSWER_BYTES);
    a.jump(next);
    a.place(done);
    a.call(r, "exit_group", 0);
    a.place(broken);
    a.call(r, "exit_group", 99);
    a.place(make);
    for (int i = 0; i < MAKER_ROOM; i++) {
      a.abort();
    }
    return elfWithMaker(a.finish(), call);
  }

  private static void make(Assembly a, Value.Buffer call, Op.Label make, Value.Var shared, Value.Var copied) {
    a.invoke(make);
    a.load(copied, Op.Width.LONG, call, CALL_BYTES);
    a.store(Op.Width.LONG, shared, 8, copied);
    a.store(Op.Width.LONG, shared, 0, Value.of(1));
  }

  private static byte[] longs(long... values) {
    var bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  /// Portable code makes only calls known beforehand, and none by `int 0x80`. So the subroutine that makes the call in
  /// the buffer is machine code, put in place of a row of [Op.Abort].
  private static byte[] elfWithMaker(Code code, Value.Buffer call) {
    byte[] machineCode = Encoder.encode(code, Catalog.get().table(Arch.X86_64));
    int address = ElfExecutable.WRITABLE_ADDRESS + 8 * code.variables() + call.offset();
    byte[] maker = HexFormat.of().parseHex("""
        55                     push rbp
        53                     push rbx
        41 57                  push r15
        41 bf 00 00 00 00      mov r15d, call
        49 83 3f 01            cmp qword [r15], BY_INT80
        74 20                  je int80
        49 8b 47 08            mov rax, [r15+8]
        49 8b 7f 10            mov rdi, [r15+16]
        49 8b 77 18            mov rsi, [r15+24]
        49 8b 57 20            mov rdx, [r15+32]
        4d 8b 57 28            mov r10, [r15+40]
        4d 8b 47 30            mov r8, [r15+48]
        4d 8b 4f 38            mov r9, [r15+56]
        0f 05                  syscall
        eb 20                  jmp end
        49 8b 47 08            int80: mov rax, [r15+8]
        49 8b 5f 10            mov rbx, [r15+16]
        49 8b 4f 18            mov rcx, [r15+24]
        49 8b 57 20            mov rdx, [r15+32]
        49 8b 77 28            mov rsi, [r15+40]
        49 8b 7f 30            mov rdi, [r15+48]
        49 8b 6f 38            mov rbp, [r15+56]
        cd 80                  int 0x80
        48 98                  cdqe
        49 89 47 40            end: mov [r15+64], rax
        41 5f                  pop r15
        5b                     pop rbx
        5d                     pop rbp
        c3                     ret
        """.replaceAll("(?m) {2,}.*$", "").replaceAll("\\s", ""));
    ByteBuffer.wrap(maker).order(ByteOrder.LITTLE_ENDIAN).putInt(6, address);
    byte[] room = HexFormat.of().parseHex("f40f0b".repeat(MAKER_ROOM));
    int at = 0;
    while (!Arrays.equals(machineCode, at, at + room.length, room, 0, room.length)) {
      at++;
    }
    System.arraycopy(maker, 0, machineCode, at, maker.length);
    return new ElfExecutable(ElfExecutable.EM_X86_64, code.data(), machineCode, code.writableBytes()).bytes();
  }

  private static byte[] elf(Code code) {
    byte[] machineCode = Encoder.encode(code, Catalog.get().table(Arch.X86_64));
    return new ElfExecutable(ElfExecutable.EM_X86_64, code.data(), machineCode, code.writableBytes()).bytes();
  }
}
