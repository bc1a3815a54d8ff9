package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Plan;
import java.time.Duration;

/// Watches process 1, the caller and the clock, and passes signals on, until the jail has ended.
final class Supervision {
  /// What is passed on. Faults are the launcher's own; SIGTTIN and SIGTTOU stop the launcher as they do any program.
  private static final long FORWARDED = signals(1, 2, 3, 10, 12, 14, 15, 16, 18, 20, 23, 24, 25, 26, 27, 28, 29, 30)
      | -1L << 33;

  private static final int POLLED = 4;

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Result result;
  private final Terminal terminal;
  private final int polled;
  private final Var child;
  private final Var childFd;
  private final Var callerFd;
  private final Var timerFd;
  private final Var signalFd;

  Supervision(Emitter e, Plan plan, Result result, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.result = result;
    this.terminal = terminal;
    this.polled = plan.process().ownTerminal() ? POLLED + Terminal.POLLED : POLLED;
    this.child = a.var("child");
    this.childFd = a.var("childFd");
    this.callerFd = a.var("callerFd");
    this.timerFd = a.var("timerFd");
    this.signalFd = a.var("signalFd");
  }

  private static long signals(int... numbers) {
    long mask = 0;
    for (int number : numbers) {
      mask |= 1L << number - 1;
    }
    return mask;
  }

  /// Until there is one, no clock is polled.
  void prepare() {
    a.set(timerFd, -1);
  }

  /// Process id of process 1, as this process knows it.
  Var child() {
    return child;
  }

  /// A pidfd of process 1.
  Var childFd() {
    return childFd;
  }

  /// A pidfd of the caller, and one of this process for process 1 to look at.
  void watchCaller() {
    Var caller = a.var("caller");
    Var self = a.var("self");
    Op.Label none = a.label("caller.none");
    Op.Label gone = a.label("caller.gone");
    a.set(callerFd, -1);
    e.callInto(caller, "getppid");
    if (plan.command().isEmpty()) {
      Op.Label asTold = a.label("caller.asTold");
      a.jumpIf(e.toldCaller, EQ, Caller.NOT_TOLD, asTold);
      a.jumpIf(e.toldCaller, NE, caller, gone);
      a.place(asTold);
    }
    a.jumpIf(caller, LE, 1, none);
    e.callInto(callerFd, "pidfd_open", caller, 0);
    e.call("getppid");
    a.jumpIf(e.r, EQ, caller, none);
    a.place(gone);
    e.giveUp(Errno.ESRCH);
    a.place(none);
    e.callInto(self, "getpid");
    e.callInto(e.launcherFd, "pidfd_open", self, 0);
  }

  void takeSignals() {
    Value mask = a.bytes(Emitter.longs(FORWARDED));
    e.call("rt_sigprocmask", SIG_BLOCK, mask, e.callerMask, 8);
    e.callInto(signalFd, "signalfd4", -1, mask, 8, or(SFD_CLOEXEC, SFD_NONBLOCK));
  }

  void startClock(Duration timeout) {
    e.callInto(timerFd, "timerfd_create", CLOCK_MONOTONIC, TFD_CLOEXEC);
    e.call("timerfd_settime", timerFd, 0, a.bytes(Emitter.longs(0, 0, timeout.getSeconds(), timeout.getNano())), 0);
  }

  /// Waits for the child, a signal, the caller's end or the time limit.
  ///
  /// @param ending what follows
  void supervise(Ending ending) {
    Var timedOut = a.var("timedOut");
    Var ready = a.var("ready");
    Buffer poll = a.buffer("poll", 8 * polled);
    Op.Label wait = a.label("wait");
    Op.Label ended = a.label("wait.ended");
    Op.Label noSignal = a.label("wait.noSignal");
    Op.Label callerAlive = a.label("wait.callerAlive");
    Op.Label kill = a.label("wait.kill");
    Op.Label suspend = a.label("wait.suspend");
    poll(poll, 0, childFd);
    poll(poll, 1, signalFd);
    poll(poll, 2, callerFd);
    poll(poll, 3, timerFd);
    if (plan.process().ownTerminal()) {
      terminal.prepare(poll, POLLED);
    }
    // Not to be watched means not to run: the launcher's end is the jail's.
    e.begin("watch the jail");
    a.place(wait);
    e.attempt("ppoll", poll, polled, 0, 0, 8);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), wait);
    e.check();
    a.load(ready, BYTE, poll, 6);
    a.jumpIf(ready, NE, 0, ended);
    a.load(ready, BYTE, poll, 14);
    a.jumpIf(ready, EQ, 0, noSignal);
    passSignal(suspend);
    a.place(noSignal);
    if (plan.process().ownTerminal()) {
      terminal.serve(poll, POLLED, suspend, kill);
    }
    a.load(ready, BYTE, poll, 22);
    a.jumpIf(ready, EQ, 0, callerAlive);
    result.callerEnded();
    a.jump(kill);
    a.place(callerAlive);
    a.load(ready, BYTE, poll, 30);
    a.jumpIf(ready, EQ, 0, wait);
    a.set(timedOut, 1);
    a.place(kill);
    if (!plan.process().asPid1()) {
      result.askToEnd(childFd);
    }
    e.call("pidfd_send_signal", childFd, SIGKILL, 0, 0);
    a.place(ended);
    ending.exit(timedOut, reap());
    a.place(suspend);
    suspend();
    a.jump(wait);
  }

  /// The status, as wait(2) has it.
  private Buffer reap() {
    Buffer status = a.buffer("status", 8);
    Op.Label interrupted = a.label("wait.interrupted");
    a.place(interrupted);
    e.attempt("wait4", child, status, __WALL, result.usage());
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), interrupted);
    e.check();
    if (plan.process().ownTerminal()) {
      terminal.drain();
    }
    terminal.restore();
    return status;
  }

  private void poll(Buffer poll, int index, Var fd) {
    a.store(INT, poll, 8L * index, fd);
    a.store(INT, poll, 8L * index + 4, POLLIN);
  }

  /// A signal that is not for the launcher itself, or one that stops both it and the jail.
  private void passSignal(Op.Label suspend) {
    Buffer info = a.buffer("signalfd_siginfo", 128);
    Var signal = a.var("signal");
    Op.Label none = a.label("signal.none");
    e.attempt("read", signalFd, info, 128);
    a.jumpIf(e.r, LT, 128, none);
    a.load(signal, INT, info, 0);
    Op.Label pass = a.label("signal.pass");
    if (plan.process().ownTerminal()) {
      terminal.takeSignal(signal, pass, none);
    }
    a.jumpIf(signal, EQ, SIGTSTP, suspend);
    if (plan.process().killSignal() != SIGTERM.value()) {
      Op.Label other = a.label("signal.other");
      a.jumpIf(signal, NE, SIGTERM, other);
      a.set(signal, plan.process().killSignal());
      a.place(other);
    }
    a.place(pass);
    e.attempt("pidfd_send_signal", childFd, signal, 0, 0);
    a.place(none);
  }

  /// Stops the jail and then this process by the signal that asked for it, so that the kernel treats both as any job;
  /// once this process goes on, the jail does.
  private void suspend() {
    Value stop = a.bytes(Emitter.longs(signals((int) SIGTSTP.value())));
    e.attempt("pidfd_send_signal", childFd, plan.process().asPid1() ? SIGSTOP : SIGTSTP, 0, 0);
    terminal.restore();
    e.attempt("rt_sigprocmask", SIG_UNBLOCK, stop, 0, 8);
    e.attempt("kill", a.var("self"), SIGTSTP);
    e.attempt("rt_sigprocmask", SIG_BLOCK, stop, 0, 8);
    if (plan.process().ownTerminal()) {
      terminal.resume();
    }
    e.attempt("pidfd_send_signal", childFd, SIGCONT, 0, 0);
  }
}
