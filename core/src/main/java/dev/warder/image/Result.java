package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.DIVIDE;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Operator.SHIFT_RIGHT;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Plan;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// How a jail ended, as JSON for machines to read: `docs/schema/result.schema.json`.
///
/// The file is made anew before anything else is done and written in one go after the end. What only the jail's processes
/// know, the wait status of the program and the step that failed, they leave in the page they share with the launcher; the
/// program itself has no access to that, since the page is not mapped after execve.
final class Result {
  // The shared page. [Program] puts the errno of execve at its start.
  private static final int PROGRAM_STATUS = 8;
  private static final int PROGRAM_ENDED = 12;
  private static final int FAILED_STEP = 16;
  private static final int FAILED_ERRNO = 24;
  private static final int FAILED_REMEDY = 32;
  private static final int FAILED_PATH = 40;
  private static final int TO_END = 48;

  // Offsets into `struct rusage`.
  private static final int USER = 0;
  private static final int SYSTEM = 16;
  private static final int MAX_RSS = 32;

  /// For the reaper to end the jail by itself.
  private static final int PATIENCE_NANOS = 200_000_000;

  private static final int SIGXCPU = 24;
  private static final int SIGSYS = 31;

  private final Emitter e;
  private final Assembly a;
  private final Groups groups;
  private final GroupCounters counters;
  private final JsonLine json;
  private final boolean isAsked;

  /// Path of the file, which [Caller] sets where it is told at start.
  private final Var file;
  private final Var fd;
  private final Var stopped;
  private final Var startSeconds;
  private final Var startNanos;
  private final Op.Label tell;

  /// Parameter of [#tell].
  private final Var status;

  Result(Emitter e, Plan plan, Groups groups) {
    this.e = e;
    this.a = e.a;
    this.groups = groups;
    this.counters = new GroupCounters(e, groups);
    this.json = new JsonLine(e);
    this.isAsked = isAsked(plan);
    this.file = fileVar(e);
    this.fd = a.var("result.fd");
    this.stopped = a.var("result.stopped");
    this.startSeconds = a.var("result.startSeconds");
    this.startNanos = a.var("result.startNanos");
    this.status = a.var("result.status");
    this.tell = a.label("result.tell");
  }

  static Var fileVar(Emitter e) {
    return e.a.var("result.file");
  }

  static boolean isAsked(Plan plan) {
    for (Step step : plan.launcher()) {
      if (step instanceof Step.OpenResult) {
        return true;
      }
    }
    return false;
  }

  boolean isAsked() {
    return isAsked;
  }

  /// In place of a file that is there, so that no link is followed and no mode or owner of somebody's choice stays.
  void open(String path) {
    Buffer statx = a.buffer("statx", 256);
    Var type = a.var("result.type");
    Op.Label replace = a.label("result.replace");
    Op.Label create = a.label("result.create");
    if (!path.isEmpty()) {
      a.set(file, a.text(path));
    }
    e.attempt("statx", AT_FDCWD, file, AT_SYMLINK_NOFOLLOW, STATX_TYPE, statx);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), create);
    e.check();
    a.load(type, INT, statx, 28);                           // stx_mode
    a.compute(type, type, AND, S_IFMT);
    a.jumpIf(type, EQ, S_IFREG, replace);
    e.giveUp(Errno.EINVAL);
    a.place(replace);
    e.call("unlinkat", AT_FDCWD, file, 0);
    a.place(create);
    e.callInto(fd, "openat", AT_FDCWD, file, or(O_WRONLY, O_CREAT, O_EXCL, O_CLOEXEC), Value.mode(0644));
  }

  /// Before process 1 is cloned.
  void start() {
    if (isAsked) {
      Buffer now = a.buffer("now", 16);
      e.call("clock_gettime", CLOCK_MONOTONIC, now);
      a.load(startSeconds, LONG, now, 0);
      a.load(startNanos, LONG, now, 8);
    }
  }

  /// Where wait4(2) puts the resources used by all of the jail.
  Value usage() {
    return isAsked ? a.buffer("rusage", 144) : Value.of(0);
  }

  /// The launcher ends the jail since its caller has ended.
  void callerEnded() {
    if (isAsked) {
      a.set(stopped, 1);
    }
  }

  /// For the launcher that is about to kill process 1: asks it to end the jail by itself, so that what its processes used
  /// is counted. The kernel counts nothing of those it ends along with process 1.
  void askToEnd(Var childFd) {
    if (isAsked) {
      Buffer poll = a.buffer("poll.end", 8);
      a.store(INT, e.report, TO_END, Value.of(1));
      e.attempt("pidfd_send_signal", childFd, SIGTERM, 0, 0);
      a.store(INT, poll, 0, childFd);
      a.store(INT, poll, 4, POLLIN);
      e.attempt("ppoll", poll, 1, a.bytes(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
          .putLong(0).putLong(PATIENCE_NANOS).array()), 0, 8);
    }
  }

  /// For the reaper that has a signal.
  void jumpIfToEnd(Op.Label end) {
    if (isAsked) {
      Var asked = a.var("result.toEnd");
      a.load(asked, INT, e.report, TO_END);
      a.jumpIf(asked, NE, 0, end);
    }
  }

  /// For the reaper: kills what is left of the jail and waits for it. Keeps the program's status.
  ///
  /// @param blind where to go if the end of the others cannot be seen
  void endTheRest(Var program, Buffer status, Op.Label blind) {
    if (!isAsked) {
      return;
    }
    Buffer other = a.buffer("result.other", 8);
    Op.Label next = a.label("result.next");
    Op.Label done = a.label("result.allEnded");
    e.attempt("kill", -1, SIGKILL);
    a.place(next);
    e.attempt("wait4", -1, other, __WALL, 0);
    a.jumpIf(e.r, EQ, -Errno.ECHILD.number(), done);
    a.jumpIf(e.r, LT, 0, blind);
    a.jumpIf(e.r, NE, program, next);
    Var x = a.var("result.x");
    a.load(x, INT, other, 0);
    a.store(INT, status, 0, x);
    a.jump(next);
    a.place(done);
  }

  /// For the reaper: the program's wait status.
  void programEnded(Buffer buffer) {
    if (isAsked) {
      Var status = a.var("result.x");
      a.load(status, INT, buffer, 0);
      a.store(INT, e.report, PROGRAM_STATUS, status);
      a.store(INT, e.report, PROGRAM_ENDED, Value.of(1));
    }
  }

  /// For whoever fails before the program runs.
  ///
  /// @param path goes behind the step's text, unless it is 0
  void failed(Var step, Var path, Var errno, Var remedy) {
    if (isAsked) {
      Op.Label unshared = a.label("result.unshared");
      a.jumpIf(e.report, EQ, 0, unshared);
      a.store(LONG, e.report, FAILED_STEP, step);
      a.store(LONG, e.report, FAILED_PATH, path);
      a.store(LONG, e.report, FAILED_ERRNO, errno);
      a.store(LONG, e.report, FAILED_REMEDY, remedy);
      a.place(unshared);
    }
  }

  /// For the launcher, before the groups are removed.
  void tell(Value exitStatus) {
    if (isAsked) {
      a.set(status, exitStatus);
      a.invoke(tell);
    }
  }

  void emitSubroutines() {
    if (!isAsked) {
      return;
    }
    counters.emitSubroutines();
    json.emitSubroutines();
    Op.Label none = a.label("result.none");
    a.place(tell);
    a.jumpIf(e.report, EQ, 0, none);                        // failed before there was a file
    json.begin();
    json.add("{\"version\":1,\"ended\":\"");
    endAndStatus();
    times();
    memory();
    failure();
    json.add("}\n");
    json.write(fd);
    a.place(none);
    a.ret();
  }

  private void endAndStatus() {
    Var ended = a.var("result.ended");
    Var exitCode = a.var("result.exitCode");
    Var signal = a.var("result.signal");
    Var oomKills = a.var("result.oomKills");
    counters.oomKills(oomKills);
    a.set(exitCode, -1);
    a.set(signal, -1);
    decide(ended, exitCode, signal, oomKills);
    json.add(ended);
    json.add("\",\"status\":");
    json.addNumber(status);
    json.add(",\"exit_code\":");
    json.addNumber(exitCode);
    json.add(",\"signal\":");
    json.addNumber(signal);
    json.add(",\"oom_kills\":");
    json.addNumber(oomKills);
    counters.forksRefused(oomKills);
    json.add(",\"forks_refused\":");
    json.addNumber(oomKills);
  }

  private void decide(Var ended, Var exitCode, Var signal, Var oomKills) {
    Var x = a.var("result.x");
    Buffer launcherSaw = a.buffer("status", 8);
    Op.Label known = a.label("result.known");
    Op.Label bySignal = a.label("result.bySignal");
    Op.Label decided = a.label("result.decided");
    jumpIfStopped(ended, x, decided);
    a.load(x, INT, e.report, PROGRAM_STATUS);
    a.load(signal, INT, e.report, PROGRAM_ENDED);
    a.jumpIf(signal, NE, 0, known);
    a.load(x, INT, launcherSaw, 0);                         // process 1 is the program, or was killed itself
    a.place(known);
    a.compute(signal, x, AND, Value.of(0x7F));
    a.jumpIf(signal, NE, 0, bySignal);
    a.set(signal, -1);
    a.compute(exitCode, x, SHIFT_RIGHT, Value.of(8));
    a.compute(exitCode, exitCode, AND, Value.of(0xFF));
    a.set(ended, a.text("exit"));
    a.jump(decided);
    a.place(bySignal);
    a.set(ended, a.text("denied-call"));
    a.jumpIf(signal, EQ, SIGSYS, decided);
    a.set(ended, a.text("cpu-time"));
    a.jumpIf(signal, EQ, SIGXCPU, decided);
    a.set(ended, a.text("signal"));
    a.jumpIf(signal, NE, SIGKILL, decided);
    a.jumpIf(oomKills, LT, 1, decided);
    a.set(ended, a.text("memory"));
    a.place(decided);
  }

  /// What ended the jail before, or instead of, its program's own end.
  private void jumpIfStopped(Var ended, Var x, Op.Label decided) {
    a.load(x, LONG, e.report, FAILED_STEP);
    a.set(ended, a.text("not-started"));
    a.jumpIf(x, NE, 0, decided);
    a.set(ended, a.text("timeout"));
    a.jumpIf(a.var("timedOut"), NE, 0, decided);
    a.set(ended, a.text("caller"));
    a.jumpIf(stopped, NE, 0, decided);
    a.load(x, INT, e.report, 0);
    a.set(ended, a.text("not-executed"));
    a.jumpIf(x, NE, 0, decided);
  }

  private void times() {
    Var seconds = a.var("result.seconds");
    Var micros = a.var("result.micros");
    Op.Label started = a.label("result.started");
    Op.Label borrowed = a.label("result.borrowed");
    Op.Label wall = a.label("result.wall");
    a.set(seconds, 0);
    a.set(micros, 0);
    a.jumpIf(startSeconds, NE, 0, started);
    a.jumpIf(startNanos, EQ, 0, wall);
    a.place(started);
    Buffer now = a.buffer("now", 16);
    e.attempt("clock_gettime", CLOCK_MONOTONIC, now);
    a.load(seconds, LONG, now, 0);
    a.compute(seconds, seconds, SUB, startSeconds);
    a.load(micros, LONG, now, 8);
    a.compute(micros, micros, SUB, startNanos);
    a.jumpIf(micros, GE, 0, borrowed);
    a.add(micros, 1_000_000_000);
    a.add(seconds, -1);
    a.place(borrowed);
    a.compute(micros, micros, DIVIDE, Value.of(1000));
    a.place(wall);
    json.add(",\"wall_seconds\":");
    json.addSeconds(seconds, micros);
    used(",\"user_seconds\":", USER, seconds, micros);
    used(",\"system_seconds\":", SYSTEM, seconds, micros);
  }

  private void used(String key, int offset, Var seconds, Var micros) {
    a.load(seconds, LONG, usage(), offset);
    a.load(micros, LONG, usage(), offset + 8);
    json.add(key);
    json.addSeconds(seconds, micros);
  }

  private void memory() {
    Var peak = a.var("result.peak");
    Op.Label counted = a.label("result.counted");
    Op.Label done = a.label("result.memory");
    counters.memoryPeak(peak);
    json.add(",\"memory_peak_bytes\":");
    a.jumpIf(peak, GE, 0, counted);
    a.load(peak, LONG, usage(), MAX_RSS);
    a.compute(peak, peak, SHIFT_LEFT, Value.of(10));
    json.addNumber(peak);
    json.add(",\"memory_peak_of\":\"largest-process\"");
    a.jump(done);
    a.place(counted);
    json.addNumber(peak);
    json.add(",\"memory_peak_of\":\"jail\"");
    a.place(done);
  }

  private void failure() {
    Var x = a.var("result.x");
    Op.Label step = a.label("result.step");
    Op.Label pathless = a.label("result.pathless");
    Op.Label none = a.label("result.noFailure");
    Op.Label done = a.label("result.failureTold");
    json.add(",\"failure\":");
    a.load(x, LONG, e.report, FAILED_STEP);
    a.jumpIf(x, NE, 0, step);
    a.load(x, INT, e.report, 0);
    a.jumpIf(x, EQ, 0, none);
    json.add("{\"step\":\"run\",\"errno\":");
    json.addNumber(x);
    json.add(",\"remedy\":null}");
    a.jump(done);
    a.place(step);
    json.add("{\"step\":\"");
    json.addMessage(x);
    a.load(x, LONG, e.report, FAILED_PATH);
    a.jumpIf(x, EQ, 0, pathless);
    json.addEscaped(x);
    a.place(pathless);
    json.add("\",\"errno\":");
    a.load(x, LONG, e.report, FAILED_ERRNO);
    json.addNumber(x);
    json.add(",\"remedy\":\"");
    a.load(x, LONG, e.report, FAILED_REMEDY);
    json.addMessage(x);
    json.add("\"}");
    a.jump(done);
    a.place(none);
    json.add("null");
    a.place(done);
  }
}
