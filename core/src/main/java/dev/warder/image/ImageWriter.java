package dev.warder.image;

import dev.warder.catalog.SyscallTable;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.image.elf.ElfExecutable;
import dev.warder.image.x86_64.Encoder;
import dev.warder.jail.GroupLimit;
import dev.warder.jail.Plan;
import dev.warder.jail.Step;
import java.util.List;
import java.util.ArrayList;

/// Writes a plan as a static executable: no libc, no interpreter, a few KB.
public final class ImageWriter {
  /// All that the reaper does once the program runs.
  private static final List<String> REAPER_CALLS = List.of("rt_sigtimedwait", "wait4", "kill", "write", "exit_group");

  private ImageWriter() {}

  /// The ELF file.
  ///
  /// @param table system call numbers of the target
  public static byte[] write(Plan plan, SyscallTable table) {
    Code code = code(plan, table);
    byte[] machineCode = Encoder.encode(code, table);
    return new ElfExecutable(ElfExecutable.EM_X86_64, code.data(), machineCode, code.writableBytes()).bytes();
  }

  /// The same as portable code.
  public static Code code(Plan plan, SyscallTable table) {
    var e = new Emitter();
    Assembly a = e.a;
    var sources = new Sources(e, plan.privileges().onHost());
    var groups = new Groups(e, controllers(plan));
    var result = new Result(e, plan, groups);
    Op.Label inside = a.label("inside");
    new Caller(e, plan).emit();
    var terminal = new Terminal(e, plan);
    new Launcher(e, plan, sources, groups, result, terminal).emit(inside);
    sources.emit(plan.sources());
    a.place(inside);
    if (!groups.isEmpty() || result.isAsked()) {
      a.set(e.isInside, 1);
    }
    e.begin("set the umask");
    e.callInto(a.var("umask"), "umask", 0);
    var process1 = new Inside(e, plan, sources, groups, terminal);
    process1.emit();
    new Program(e, plan, allowing(REAPER_CALLS, table), result, terminal).emit();
    process1.emitSubroutines();
    if (plan.process().ownTerminal()) {
      terminal.emitSubroutines();
    }
    groups.emitSubroutines();
    result.emitSubroutines();
    e.finish(groups, result, terminal, new UserNetwork(e, plan));
    return a.finish();
  }

  private static List<GroupLimit.Controller> controllers(Plan plan) {
    for (Step step : plan.launcher()) {
      if (step instanceof Step.MakeGroup(List<GroupLimit.Controller> controllers)) {
        return controllers;
      }
    }
    return List.of();
  }

  /// Allows these calls whatever their arguments and kills for all else.
  private static Filter allowing(List<String> calls, SyscallTable table) {
    var insns = new ArrayList<Insn>();
    int tests = calls.size();
    insns.add(new Insn(0x20, 0, 0, 4));                                     // ld arch
    insns.add(new Insn(0x15, 0, tests + 1, table.arch().auditArch()));      // jeq, else kill
    insns.add(new Insn(0x20, 0, 0, 0));                                     // ld nr
    for (int i = 0; i < tests; i++) {
      insns.add(new Insn(0x15, tests - i, 0, table.number(calls.get(i)).orElseThrow()));
    }
    insns.add(new Insn(0x06, 0, 0, 0x80000000));                            // ret kill process
    insns.add(new Insn(0x06, 0, 0, 0x7fff0000));                            // ret allow
    return new Filter(insns, table.arch().bigEndian());
  }
}
