package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_RIGHT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Var;
import dev.warder.jail.Attribute;
import dev.warder.jail.GroupLimit;
import dev.warder.jail.Identity;
import dev.warder.jail.Limit;
import dev.warder.jail.Mount;
import dev.warder.jail.Network;
import dev.warder.jail.Plan;
import dev.warder.jail.Privileges;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The outer process: gives up root, makes process 1 in new namespaces, then waits for it, passes signals on, watches the
/// caller and the clock, and returns the status.
///
/// Process 1 is cloned without an exit signal: its end is seen by its pidfd, so a caller that ignores SIGCHLD takes no
/// status away.
final class Launcher {
  static final int EXIT_TIMEOUT = 124;
  static final int EXIT_NOT_EXECUTABLE = 126;
  static final int EXIT_NOT_FOUND = 127;

  /// What is passed on. Faults are the launcher's own; SIGTTIN and SIGTTOU stop the launcher as they do any program.
  private static final long FORWARDED = signals(1, 2, 3, 10, 12, 14, 15, 16, 18, 20, 23, 24, 25, 26, 27, 28, 29, 30)
      | -1L << 33;

  private static final int POLLED = 4;

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Sources sources;
  private final Groups groups;
  private final Terminal terminal;
  private final int polled;
  private final Result result;
  private final UserNetwork userNetwork;
  private final Var child;
  private final Var childFd;
  private final Var callerFd;
  private final Var timerFd;
  private final Var signalFd;

  Launcher(Emitter e, Plan plan, Sources sources, Groups groups, Result result, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.sources = sources;
    this.groups = groups;
    this.terminal = terminal;
    this.polled = plan.process().ownTerminal() ? POLLED + Terminal.POLLED : POLLED;
    this.result = result;
    this.userNetwork = new UserNetwork(e, plan);
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

  /// @param inside where process 1 goes on
  void emit(Op.Label inside) {
    a.set(timerFd, -1);
    for (Step step : plan.launcher()) {
      e.begin(step);
      if (step instanceof Step.CheckStandardFiles) {
        checkStandardFiles();
      } else if (step instanceof Step.KeepFile(int file)) {
        keepFile(file);
      } else if (step instanceof Step.CloseFiles(List<Integer> kept)) {
        e.closeFilesBut(kept);
      } else if (step instanceof Step.SetAttribute(Attribute attribute)) {
        set(attribute);
      } else if (step instanceof Step.LetFilesGo(List<Integer> files)) {
        letGo(files);
      } else if (step instanceof Step.WatchCaller) {
        watchCaller();
      } else if (step instanceof Step.FindTerminal) {
        terminal.find();
      } else if (step instanceof Step.TakeSignals) {
        takeSignals();
      } else if (step instanceof Step.StartClock(Duration timeout)) {
        startClock(timeout);
      } else if (step instanceof Step.ShareReport) {
        e.callInto(e.report, "mmap", 0, 4096, or(PROT_READ, PROT_WRITE), or(MAP_SHARED, MAP_ANONYMOUS), -1, 0);
      } else if (step instanceof Step.OpenResult(String file)) {
        result.open(file);
      } else if (step instanceof Step.RaiseLimits(List<Limit> limits)) {
        raise(limits);
      } else if (step instanceof Step.ReadData(Mount.Data data)) {
        new DataFiles(e, sources).read(data);
      } else if (step instanceof Step.OwnMounts) {
        ownMounts();
      } else if (step instanceof Step.TakeSources(boolean ifRootCalls)) {
        sources.take(ifRootCalls);
      } else if (step instanceof Step.FindGroup) {
        groups.find();
      } else if (step instanceof Step.MakeGroup) {
        groups.make();
      } else if (step instanceof Step.LimitGroup(GroupLimit limit)) {
        groups.limit(limit);
      } else if (step instanceof Step.JoinNetwork(String path)) {
        new ExistingNetwork(e, plan).join(path);
      } else if (step instanceof Step.RequireRoot) {
        requireRoot();
      } else if (step instanceof Step.Say(String text)) {
        e.routines.append("warder: " + text + "\n");
        e.routines.flush();
      } else if (step instanceof Step.StartNetwork(Network.UserMode network)) {
        userNetwork.start(network);
      } else if (step instanceof Step.BecomeUser(Privileges privileges)) {
        becomeUser(privileges);
      } else if (step instanceof Step.EnterNamespaces enter) {
        enterNamespaces(enter, inside);
      } else {
        throw new IllegalArgumentException("not a step of the launcher: " + step);
      }
    }
    supervise();
  }

  /// Must come before anything is opened: a file descriptor of the launcher's own would go to the program otherwise.
  private void checkStandardFiles() {
    Buffer statx = a.buffer("statx", 256);
    Var fd = a.var("standardFd");
    Var type = a.var("standardType");
    Op.Label next = a.label("standard.next");
    Op.Label open = a.label("standard.open");
    Op.Label good = a.label("standard.good");
    a.set(fd, 0);
    a.place(next);
    e.attempt("statx", fd, "", AT_EMPTY_PATH, STATX_TYPE, statx);
    a.jumpIf(e.r, NE, -Errno.EBADF.number(), open);
    e.call("openat", AT_FDCWD, "/dev/null", O_RDWR, 0);
    a.jump(good);
    a.place(open);
    e.check();
    a.load(type, INT, statx, 28);                           // stx_mode
    a.compute(type, type, AND, S_IFMT);
    a.jumpIf(type, NE, S_IFDIR.value(), good);
    e.giveUp(Errno.EISDIR);
    a.place(good);
    a.add(fd, 1);
    a.jumpIf(fd, LE, 2, next);
  }

  private void keepFile(int file) {
    Buffer statx = a.buffer("statx", 256);
    Var type = a.var("standardType");
    Op.Label good = a.label("kept.good");
    e.call("statx", file, "", AT_EMPTY_PATH, STATX_TYPE, statx);
    a.load(type, INT, statx, 28);                           // stx_mode
    a.compute(type, type, AND, S_IFMT);
    a.jumpIf(type, NE, S_IFDIR.value(), good);
    e.giveUp(Errno.EISDIR);
    a.place(good);
  }

  private void letGo(List<Integer> files) {
    for (int file : files) {
      e.attempt("close", file);                             // it is closed whatever is answered
    }
  }

  private void set(Attribute attribute) {
    if (attribute instanceof Attribute.Nice(int value)) {
      e.call("setpriority", PRIO_PROCESS, 0, value);
    } else if (attribute instanceof Attribute.OomScore(int value)) {
      e.writeFile("/proc/self/oom_score_adj", Integer.toString(value));
    } else if (attribute instanceof Attribute.CpuAffinity(List<Long> mask)) {
      var words = new long[mask.size()];
      for (int i = 0; i < words.length; i++) {
        words[i] = mask.get(i);
      }
      e.call("sched_setaffinity", 0, 8 * words.length, a.bytes(longs(words)));
    } else if (attribute instanceof Attribute.Personality(long persona)) {
      e.call("personality", persona);
    } else {
      throw new AssertionError(attribute);
    }
  }

  /// A pidfd of the caller, and one of this process for process 1 to look at.
  private void watchCaller() {
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

  private void takeSignals() {
    Value mask = a.bytes(longs(FORWARDED));
    e.call("rt_sigprocmask", SIG_BLOCK, mask, e.callerMask, 8);
    e.callInto(signalFd, "signalfd4", -1, mask, 8, or(SFD_CLOEXEC, SFD_NONBLOCK));
  }

  private void startClock(Duration timeout) {
    e.callInto(timerFd, "timerfd_create", CLOCK_MONOTONIC, TFD_CLOEXEC);
    e.call("timerfd_settime", timerFd, 0, a.bytes(longs(0, 0, timeout.getSeconds(), timeout.getNano())), 0);
  }

  private static byte[] longs(long... values) {
    var out = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      out.putLong(value);
    }
    return out.array();
  }

  /// Of this process, before root is given up; process 1 sets the limits themselves.
  private void raise(List<Limit> limits) {
    Buffer old = a.buffer("rlimit", 16);
    Var hard = a.var("rlimit.hard");
    Op.Label done = a.label("rlimit.done");
    a.jumpIf(e.isRoot, EQ, 0, done);
    for (Limit limit : limits) {
      Op.Label enough = a.label("rlimit.enough");
      int resource = limit.resource().ordinal();
      e.call("prlimit64", 0, resource, 0, old);
      a.load(hard, LONG, old, 8);
      a.jumpIf(hard, EQ, Limit.UNLIMITED, enough);
      if (limit.hard() != Limit.UNLIMITED) {
        a.jumpIf(hard, GE, limit.hard(), enough);
      }
      a.store(LONG, old, 8, Value.of(limit.hard()));
      e.call("prlimit64", 0, resource, old, 0);
      a.place(enough);
    }
    a.place(done);
  }

  /// An ordinary caller has none but in the jail.
  private void ownMounts() {
    Op.Label ordinary = a.label("ownMounts.ordinary");
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.call("unshare", CLONE_NEWNS);
    e.call("mount_setattr", AT_FDCWD, "/", AT_RECURSIVE, sources.attributes(Value.of(0), MS_PRIVATE), 32);
    a.place(ordinary);
  }

  private void becomeUser(Privileges privileges) {
    if (!privileges.userNamespace()) {
      beginToBecome(privileges.onHost());
      return;
    }
    Optional<Identity> identity = privileges.identity();
    Op.Label change = a.label("identity.change");
    Op.Label done = a.label("identity.done");
    a.jumpIf(e.isRoot, NE, 0, change);
    if (privileges.ids().isEmpty() && identity.isPresent()) {
      Op.Label other = a.label("identity.other");
      a.jumpIf(e.uid, NE, identity.get().uid(), other);
      Op.Label own = a.label("identity.own");
      a.jumpIf(e.gid, EQ, identity.get().gid(), own);
      a.place(other);
      e.giveUp(Errno.EPERM);
      a.place(own);
      if (!identity.get().groups().isEmpty()) {
        e.routines.tell("warder: the supplementary groups of " + identity.get().name()
            + " are left out, since one id is mapped; to have them: --private-users=pick\n");
        e.routines.flush();
      }
      a.jump(done);
    } else {
      a.jump(done);
    }
    a.place(change);
    becomeGroups(privileges.onHost());
    // Not dumpable until the ids are mapped, lest others of this id attach to a process with root's files: so the map files,
    // which are root's then, are opened with file system id 0, and root as the saved id goes last.
    e.call("setresuid", e.uid, e.uid, 0);
    e.call("setfsuid", 0);
    a.place(done);
  }

  private void requireRoot() {
    Op.Label root = a.label("required.root");
    a.jumpIf(e.isRoot, NE, 0, root);
    e.giveUp(Errno.EPERM);
    a.place(root);
  }

  private void becomeGroups(Identity target) {
    a.set(e.uid, target.uid());
    a.set(e.gid, target.gid());
    e.call("setgroups", target.groups().size(), target.groups().isEmpty() ? Value.of(0) : e.ids(target.groups()));
    e.call("setresgid", e.gid, e.gid, e.gid);
  }

  /// The real user goes now, so that this process may always signal process 1, which keeps root for a while.
  private void beginToBecome(Identity target) {
    becomeGroups(target);
    e.call("setresuid", e.uid, 0, 0);
  }

  private void enterNamespaces(Step.EnterNamespaces enter, Op.Label inside) {
    boolean inGroup = enter.inGroup();
    Const namespaces = or(CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS);
    if (enter.user()) {
      namespaces = or(CLONE_NEWUSER, namespaces);
    }
    if (!enter.sharedNetwork()) {
      namespaces = or(namespaces, CLONE_NEWNET);
    }
    Buffer fd = a.buffer("pidfd", 8);
    var maps = new IdMaps(e, plan.privileges());
    maps.prepare();
    userNetwork.prepare();
    result.start();
    if (inGroup) {
      cloneIntoGroup(or(namespaces, CLONE_PIDFD), fd);
    } else {
      e.call("clone", or(namespaces, CLONE_NEWCGROUP, CLONE_PIDFD), 0, fd, 0, 0);
    }
    a.set(child, e.r);
    a.jumpIf(child, EQ, 0, inside);
    a.load(childFd, INT, fd, 0);
    maps.write(child);
    if (!enter.user()) {
      e.call("setresuid", e.uid, e.uid, inGroup ? Value.of(0) : e.uid);
      if (plan.privileges().onHost().uid() == 0) {
        new CapabilitySets(e).empty();                        // no change of user takes them from root
      }
    } else if (inGroup) {
      groups.keepRoot();
    } else {
      e.forgetRoot();
    }
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
  }

  /// `struct clone_args`. A process moved to a group later would wait for all of the kernel's readers of groups first.
  private void cloneIntoGroup(Const flags, Buffer fd) {
    Buffer args = a.buffer("clone_args", 88);
    Op.Label legacy = a.label("clone.legacy");
    a.store(LONG, args, 0, flags);
    a.store(LONG, args, 8, fd);
    a.jumpIf(groups.unified(), EQ, 0, legacy);
    a.store(LONG, args, 0, or(flags, CLONE_INTO_CGROUP));
    a.store(LONG, args, 80, groups.jail(null));
    a.place(legacy);
    e.call("clone3", args, 88);
  }

  /// Waits for the child, a signal, the caller's end or the time limit.
  private void supervise() {
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
    exit(timedOut, status);
    a.place(suspend);
    suspend();
    a.jump(wait);
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
    Value stop = a.bytes(longs(signals((int) SIGTSTP.value())));
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

  private void exit(Var timedOut, Buffer status) {
    Var code = a.var("code");
    Var signal = a.var("endSignal");
    Op.Label inTime = a.label("exit.inTime");
    Op.Label started = a.label("exit.started");
    Op.Label exited = a.label("exit.exited");
    Op.Label done = a.label("exit.done");
    a.jumpIf(timedOut, EQ, 0, inTime);
    a.set(code, EXIT_TIMEOUT);
    a.jump(done);
    a.place(inTime);
    a.load(code, INT, e.report, 0);
    a.jumpIf(code, EQ, 0, started);
    notExecuted(code);
    a.jump(done);
    a.place(started);
    a.load(code, INT, status, 0);
    a.compute(signal, code, AND, Value.of(0x7F));
    a.jumpIf(signal, EQ, 0, exited);
    a.compute(code, signal, ADD, Value.of(128));
    a.jump(done);
    a.place(exited);
    a.compute(code, code, SHIFT_RIGHT, Value.of(8));
    a.compute(code, code, AND, Value.of(0xFF));
    a.place(done);
    userNetwork.end();
    result.tell(code);
    groups.remove();
    a.call(e.r, "exit_group", code);
    a.abort();
  }

  /// Says why the command could not be executed; `code` holds the error number and then the exit code.
  private void notExecuted(Var code) {
    Var name = a.var("commandName");
    Op.Label found = a.label("exec.found");
    Op.Label absent = a.label("exec.absent");
    Op.Label noFormat = a.label("exec.noFormat");
    Op.Label denied = a.label("exec.denied");
    Op.Label said = a.label("exec.said");
    a.load(name, LONG, e.commandVector, 0);
    e.routines.tell("warder: cannot run ");
    e.routines.append(name);
    a.jumpIf(code, EQ, Errno.ENOENT.number(), absent);
    a.jumpIf(code, NE, Errno.ENOTDIR.number(), found);
    a.place(absent);
    e.routines.append(": not found in the jail, or its interpreter is not; to show more of the host: --bind-ro PATH\n");
    a.set(code, EXIT_NOT_FOUND);
    a.jump(said);
    a.place(found);
    a.jumpIf(code, EQ, Errno.ENOEXEC.number(), noFormat);
    a.jumpIf(code, EQ, Errno.EACCES.number(), denied);
    e.routines.tell(": ");
    e.failure.appendName(code);
    e.routines.tell("\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.jump(said);
    a.place(noFormat);
    e.routines.append(": not a program; a script needs a first line such as #!/bin/sh\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.jump(said);
    a.place(denied);
    e.routines.append(": found, but not executable for the program's user; see ls -l and chmod +x\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.place(said);
    e.routines.flush();
  }
}
