package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Remedies;
import dev.warder.jail.Step;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// What the parts of an image share: the assembly, the variables they hand to each other, checked system calls and the
/// small subroutines.
final class Emitter {
  final Assembly a = new Assembly();

  /// Result of the last system call.
  final Var r = a.var("r");

  // Set by [Caller], read by all.
  final Var argumentVector = a.var("argv");
  final Var environment = a.var("envp");
  final Var commandVector = a.var("command");
  final Var isRoot = a.var("isRoot");
  final Var uid = a.var("uid");
  final Var gid = a.var("gid");
  final Var folderState = a.var("folderState");

  /// Process id of the caller as the front script knew it, or [Caller#NOT_TOLD].
  final Var toldCaller = a.var("toldCaller");
  final Buffer folder = a.buffer("folder", 4096);
  final Buffer newEnvironment = a.buffer("environ", 8 * Caller.MAX_ENVIRONMENT + 8);

  /// 1 from process 1 on, where the launcher has something to tidy up.
  final Var isInside = a.var("isInside");
  /// Of the step under way, if it is one of many on paths.
  final Var path = a.var("path");

  /// The jail's root, as a file descriptor.
  final Var root = a.var("root");

  /// Shared with the launcher from process 1 on: why the program could not be started.
  final Var report = a.var("report");
  final Buffer callerMask = a.buffer("mask", 8);
  final Var launcherFd = a.var("launcherFd");

  /// Begins the name of the label that failures go to.
  static final String FAIL = "fail";

  final Op.Label fail = a.label(FAIL);
  final Failure failure = new Failure(this);

  final Routines routines = new Routines(this);

  /// From here failures are this step's.
  void begin(Step step) {
    failure.begin(step.what(), Remedies.of(step));
  }

  /// From here failures are this step's, whose text is the beginning and [#path].
  void begin(Step step, String beginning) {
    failure.beginOnPath(step.what(), beginning, Remedies.of(step));
  }

  /// From here failures are those of a part that is no step.
  void begin(String what) {
    begin(what, Map.of());
  }

  void begin(String what, Map<Errno, String> remedies) {
    failure.begin(what, remedies);
  }

  /// A system call that must succeed.
  void call(String name, Object... args) {
    a.callOr(fail, r, name, args);
  }

  /// A system call that must succeed; its result is kept.
  void callInto(Var to, String name, Object... args) {
    call(name, args);
    a.set(to, r);
  }

  /// A system call whose failure the following code deals with.
  void attempt(String name, Object... args) {
    a.call(r, name, args);
  }

  /// Fails unless the last call succeeded.
  void check() {
    a.jumpIf(r, LT, 0, fail);
  }

  void giveUp(Errno errno) {
    a.set(r, -errno.number());
    a.jump(fail);
  }

  /// When root called: gives up root as the saved id, the last that was left of it.
  void forgetRoot() {
    Op.Label ordinary = a.label("notRoot");
    a.jumpIf(isRoot, EQ, 0, ordinary);
    call("setresuid", uid, uid, uid);
    a.place(ordinary);
  }

  void finish(Groups groups, Result result, Terminal terminal, UserNetwork network) {
    failure.emit(groups, result, terminal, network);
    routines.emit();
  }

  /// Closes what is above standard error.
  ///
  /// @param kept stay open; ascending
  void closeFilesBut(List<Integer> kept) {
    int from = 3;
    for (int file : kept) {
      if (file > from) {
        call("close_range", from, file - 1, 0);
      }
      from = file + 1;
    }
    call("close_range", from, 0xFFFFFFFFL, 0);
  }

  /// Writes a whole small file, as those of `/proc` want it.
  ///
  /// @param folder an open folder for a relative path, or `AT_FDCWD`
  void writeFile(Value folder, Value path, Value bytes, Value byteSize) {
    Var fd = a.var("fd");
    callInto(fd, "openat", folder, path, Value.or(Uapi.O_WRONLY, Uapi.O_CLOEXEC), 0);
    call("write", fd, bytes, byteSize);
    call("close", fd);
  }

  void writeFile(Value path, Value bytes, Value byteSize) {
    writeFile(Uapi.AT_FDCWD, path, bytes, byteSize);
  }

  void writeFile(String path, String text) {
    writeFile(a.text(path), a.text(text), Value.of(terminated(text).length - 1));
  }

  /// An array of `gid_t`.
  Value ids(List<Integer> ids) {
    var bytes = ByteBuffer.allocate(4 * ids.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (int id : ids) {
      bytes.putInt(id);
    }
    return a.bytes(bytes.array());
  }

  /// As they lie in memory.
  static byte[] longs(long... values) {
    var out = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      out.putLong(value);
    }
    return out.array();
  }

  static byte[] terminated(String text) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    out.write(0);
    return out.toByteArray();
  }
}
