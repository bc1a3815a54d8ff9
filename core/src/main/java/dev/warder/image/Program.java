package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.filter.Filter;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.Plan;
import dev.warder.jail.Remedies;
import dev.warder.jail.Step;
import java.util.List;
import java.util.OptionalInt;

/// Starts the program and, unless the program is process 1 itself, stays as the reaper.
///
/// The program's process shares the reaper's memory until it executes. After the filter it makes no system call but
/// execve(2), so a policy need allow no more for its sake; why that failed is left in the shared report.
final class Program {
  private static final int PATH_BYTES = 4096;

  /// Low byte of the status of a process that was stopped, not ended; wait(2).
  private static final int STOPPED = 0x7F;

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Buffer status;
  private final Buffer childAction;
  private final Filter reaperFilter;
  private final Terminal terminal;
  private final Result result;

  Program(Emitter e, Plan plan, Filter reaperFilter, Result result, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.reaperFilter = reaperFilter;
    this.terminal = terminal;
    this.result = result;
    this.status = a.buffer("reaped", 8);
    this.childAction = a.buffer("childAction", 32);
  }

  void emit() {
    e.begin("start the program", Remedies.ofStart());
    if (!plan.process().asPid1()) {
      Op.Label program = a.label("program");
      Var pid = a.var("program.pid");
      e.call("rt_sigprocmask", SIG_SETMASK, a.bytes(Emitter.longs(-1L)), 0, 8);
      e.call("rt_sigaction", SIGCHLD, a.bytes(new byte[32]), childAction, 8);
      // Other clocks need another memory: up to Linux 6.2 the kernel refuses to share it between two time namespaces.
      e.call("clone", plan.process().clocks().isPresent() ? or(CLONE_VFORK, SIGCHLD) : or(CLONE_VM, CLONE_VFORK, SIGCHLD),
          0, 0, 0, 0);
      a.set(pid, e.r);
      a.jumpIf(pid, NE, 0, program);
      start();
      a.place(program);
      reap(pid);
    } else {
      start();
    }
  }

  private void start() {
    for (Step step : plan.program()) {
      e.begin(step);
      if (step instanceof Step.LeaveSession) {
        e.call("setsid");
      } else if (step instanceof Step.TakeTerminal) {
        terminal.adopt();
      } else if (step instanceof Step.RestoreSignals(OptionalInt umask)) {
        restoreSignals(umask.isPresent() ? Value.mode(umask.getAsInt()) : a.var("umask"));
      } else if (step instanceof Step.InstallFilter(Filter filter)) {
        install(filter);
      } else if (step instanceof Step.Execute) {
        execute();
      } else {
        throw new IllegalArgumentException("not a step of the program: " + step);
      }
    }
  }

  private void restoreSignals(Value umask) {
    if (!plan.process().asPid1()) {
      e.call("rt_sigaction", SIGCHLD, childAction, 0, 8);
    }
    e.call("umask", umask);
    e.call("rt_sigprocmask", SIG_SETMASK, e.callerMask, 0, 8);
  }

  /// `struct sock_fprog`: the count, then the address.
  private void install(Filter filter) {
    Buffer program = a.buffer("sock_fprog " + filter.insns().size(), 16);
    a.store(LONG, program, 0, Value.of(filter.insns().size()));
    a.store(LONG, program, 8, a.bytes(filter.bytes()));
    e.call("seccomp", SECCOMP_SET_MODE_FILTER, 0, program);
  }

  /// As execvp(3): a name without a slash is looked for in the jail's PATH.
  private void execute() {
    Var name = a.var("exec.name");
    Var error = a.var("exec.error");
    Var b = a.var("exec.byte");
    Var at = a.var("exec.at");
    Op.Label scan = a.label("exec.scan");
    Op.Label search = a.label("exec.search");
    Op.Label failed = a.label("exec.failed");
    a.load(name, LONG, e.commandVector, 0);
    a.set(error, Errno.ENOENT.number());
    a.set(at, name);
    a.place(scan);
    a.load(b, BYTE, at, 0);
    a.add(at, 1);
    a.jumpIf(b, EQ, 0, search);
    a.jumpIf(b, NE, '/', scan);
    e.attempt("execve", name, e.commandVector, e.newEnvironment);
    a.compute(error, Value.of(0), SUB, e.r);
    a.jump(failed);
    a.place(search);
    searchPath(name, error, failed);
    a.place(failed);
    a.store(INT, e.report, 0, error);
    a.call(e.r, "exit_group", Ending.EXIT_NOT_FOUND);
    a.abort();
  }

  private void searchPath(Var name, Var error, Op.Label failed) {
    Buffer candidate = a.buffer("candidate", PATH_BYTES);
    Var slot = a.var("path.slot");
    Var from = a.var("path.from");
    Var to = a.var("path.to");
    Var b = a.var("path.byte");
    Op.Label findPath = a.label("path.find");
    Op.Label nextFolder = a.label("path.folder");
    Op.Label copyFolder = a.label("path.copyFolder");
    Op.Label folderEnd = a.label("path.folderEnd");
    Op.Label copyName = a.label("path.copyName");
    Op.Label tried = a.label("path.tried");
    Op.Label skip = a.label("path.skip");
    Var nameAt = a.var("path.name");
    Var atName = a.var("path.atName");
    a.load(b, BYTE, name, 0);
    a.jumpIf(b, EQ, 0, failed);
    a.set(slot, e.newEnvironment);
    a.place(findPath);
    a.load(from, LONG, slot, 0);
    a.jumpIf(from, EQ, 0, failed);
    a.add(slot, 8);
    a.set(from, e.routines.startsWith(from, a.text("PATH=")));
    a.jumpIf(e.routines.same, EQ, 0, findPath);

    a.place(nextFolder);
    a.set(to, 0);
    a.place(copyFolder);
    a.load(b, BYTE, from, 0);
    a.jumpIf(b, EQ, 0, folderEnd);
    a.add(from, 1);
    a.jumpIf(b, EQ, ':', folderEnd);
    a.jumpIf(to, GE, PATH_BYTES - 2, copyFolder);
    a.store(BYTE, candidate, to, b);
    a.add(to, 1);
    a.jump(copyFolder);

    a.place(folderEnd);
    a.jumpIf(to, EQ, 0, skip);
    a.store(BYTE, candidate, to, Value.of('/'));
    a.set(nameAt, name);
    a.place(copyName);
    a.add(to, 1);
    a.jumpIf(to, GE, PATH_BYTES, skip);
    a.load(atName, BYTE, nameAt, 0);
    a.store(BYTE, candidate, to, atName);
    a.add(nameAt, 1);
    a.jumpIf(atName, NE, 0, copyName);
    e.attempt("execve", candidate, e.commandVector, e.newEnvironment);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), tried);
    a.jumpIf(e.r, EQ, -Errno.ENOTDIR.number(), tried);
    a.compute(error, Value.of(0), SUB, e.r);
    a.jumpIf(e.r, NE, -Errno.EACCES.number(), failed);
    a.place(tried);
    a.place(skip);
    a.jumpIf(b, NE, 0, nextFolder);
  }

  /// Collects orphans, passes signals on, and ends as the program does: process 1 ends, so the kernel ends the rest. To stop
  /// and to go on is for the whole jail: the program's process group is an orphaned one, which the kernel does not stop
  /// for SIGTSTP.
  private void reap(Var program) {
    Data every = a.bytes(Emitter.longs(-1L));
    Buffer info = a.buffer("siginfo", 128);
    Var signal = a.var("reaper.signal");
    Var whom = a.var("reaper.whom");
    Op.Label next = a.label("reap.signal");
    Op.Label one = a.label("reap.one");
    Op.Label all = a.label("reap.all");
    Op.Label ended = a.label("reap.ended");
    Op.Label pass = a.label("reap.pass");
    Op.Label collect = a.label("reap.collect");
    Op.Label blind = a.label("reap.blind");
    Op.Label end = a.label("reap.end");
    e.begin("confine the reaper");
    if (!plan.process().keptFiles().isEmpty()) {
      e.closeFilesBut(List.of());
    }
    install(reaperFilter);
    a.jump(collect);
    a.place(next);
    e.attempt("rt_sigtimedwait", every, info, 0, 8);
    a.set(signal, e.r);
    a.jumpIf(signal, Op.Test.LE, 0, next);
    result.jumpIfToEnd(end);
    a.jumpIf(signal, NE, SIGCHLD, pass);
    a.place(collect);
    e.attempt("wait4", -1, status, or(WNOHANG, WUNTRACED, __WALL), 0);
    a.jumpIf(e.r, EQ, 0, next);
    a.jumpIf(e.r, LT, 0, blind);
    a.jumpIf(e.r, NE, program, collect);
    a.load(signal, BYTE, status, 0);
    a.jumpIf(signal, NE, STOPPED, ended);
    if (plan.process().ownTerminal()) {
      terminal.tellStopped();
    }
    a.jump(collect);
    a.place(ended);
    result.programEnded(status);
    a.place(end);
    result.endTheRest(program, status, blind);
    exit();
    a.place(blind);                                // its end would never be seen
    a.call(e.r, "exit_group", Failure.EXIT_CODE);
    a.place(pass);
    a.set(whom, -1);
    a.jumpIf(signal, EQ, SIGCONT, all);
    a.jumpIf(signal, NE, SIGTSTP, one);
    a.set(signal, SIGSTOP);
    a.jump(all);
    a.place(one);
    a.set(whom, program);
    a.place(all);
    e.attempt("kill", whom, signal);
    a.jump(next);
  }

  private void exit() {
    Var code = a.var("reaped.code");
    Var signal = a.var("reaped.signal");
    Op.Label exited = a.label("reaped.exited");
    a.load(code, INT, status, 0);
    a.compute(signal, code, Op.Operator.AND, Value.of(0x7F));
    a.compute(code, code, Op.Operator.SHIFT_RIGHT, Value.of(8));
    a.compute(code, code, Op.Operator.AND, Value.of(0xFF));
    a.jumpIf(signal, EQ, 0, exited);
    a.compute(code, signal, ADD, Value.of(128));
    a.place(exited);
    a.call(e.r, "exit_group", code);
    a.abort();
  }
}
