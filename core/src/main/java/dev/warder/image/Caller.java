package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Origin;
import dev.warder.jail.Plan;
import java.util.List;

/// The first part of an image: reads who calls, with what arguments and environment, from where.
///
/// An image with a command of its own appends its arguments to it. One without takes settings first: `=PID` of the
/// caller, `--stats=FILE` where the plan asks for a result, `KEY=VALUE` or `KEY` words for the environment; then `--`, then
/// the command.
final class Caller {
  /// Bound on the program's environment.
  static final int MAX_ENVIRONMENT = 2048;

  private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// What passes from the caller's environment unasked.
  private static final List<String> PASSED = List.of("TERM=", "LANG=", "LC_", "TZ=");

  /// Folders of the host that stay out, with all below them.
  private static final List<String> HIDDEN_TREES = List.of("/proc", "/sys", "/dev", "/run");

  static final int NOT_TOLD = -1;

  // Values of [Emitter#folderState].
  static final int FOLDER_MOUNTED = 0;
  static final int FOLDER_VISIBLE = 1;
  static final int FOLDER_HIDDEN = 2;

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Var stack;
  private final Var count;
  private final Var entry;
  private final Op.Label put;
  private final Op.Label take;
  private final Covers covers;

  /// The subroutine that sets [Routines#same] if the path is the folder or lies below it.
  private record Covers(Op.Label label, Var folder, Var path) {}

  Caller(Emitter e, Plan plan) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.stack = a.var("stack");
    this.count = a.var("environ.count");
    this.entry = a.var("environ.entry");
    this.put = a.label("put");
    this.take = a.label("take");
    this.covers = new Covers(a.label("covers"), a.var("covers.folder"), a.var("covers.path"));
  }

  void emit() {
    a.enter(stack, 8 * Math.max(plan.command().size(), plan.origin().remake().size()));
    e.begin("read the arguments");
    a.compute(e.argumentVector, stack, ADD, Value.of(8));
    Var argc = a.var("argc");
    a.load(argc, LONG, stack, 0);
    Op.Label named = a.label("named");
    a.jumpIf(argc, GE, 1, named);
    e.giveUp(Errno.EINVAL);
    a.place(named);
    a.compute(e.environment, argc, SHIFT_LEFT, Value.of(3));
    a.compute(e.environment, e.environment, ADD, e.argumentVector);
    a.add(e.environment, 8);
    checkOrigin(plan.origin());
    ids();
    baseEnvironment();
    if (plan.command().isEmpty()) {
      settings();
    } else {
      putBeforeArguments(plan.command());
    }
    currentFolder();
    Op.Label done = a.label("caller.done");
    a.jump(done);
    emitPut();
    emitTake();
    emitCovers();
    a.place(done);
  }

  /// Hands over to whoever remakes the image if a file it was made from is not as it was.
  private void checkOrigin(Origin origin) {
    if (origin.files().isEmpty()) {
      return;
    }
    Op.Label stale = a.label("stale");
    Op.Label fresh = a.label("fresh");
    Value statx = a.buffer("statx", 256);
    e.begin("look at the files that the image was made from");
    for (Origin.Stamp file : origin.files()) {
      e.attempt("statx", Uapi.AT_FDCWD, file.path(), 0, Uapi.STATX_BASIC_STATS, statx);
      a.jumpIf(e.r, LT, 0, stale);
      jumpUnless(LONG, statx, 32, file.inode(), stale);
      jumpUnless(LONG, statx, 40, file.byteSize(), stale);
      jumpUnless(LONG, statx, 96, file.changedSeconds(), stale);
      jumpUnless(INT, statx, 104, file.changedNanos(), stale);
      jumpUnless(LONG, statx, 112, file.modifiedSeconds(), stale);
      jumpUnless(INT, statx, 120, file.modifiedNanos(), stale);
      jumpUnless(LONG, statx, 136, file.device(), stale);
    }
    a.jump(fresh);
    a.place(stale);
    putBeforeArguments(origin.remake());
    e.begin("remake the image, whose policy or user file has changed, with " + origin.remake().getFirst());
    e.call("execve", origin.remake().getFirst(), e.commandVector, e.environment);
    a.place(fresh);
    e.begin("read the arguments");
  }

  private void jumpUnless(Op.Width width, Value statx, int offset, long value, Op.Label to) {
    Var seen = a.var("stamp");
    a.load(seen, width, statx, offset);
    a.jumpIf(seen, NE, value, to);
  }

  private void ids() {
    e.callInto(e.uid, "geteuid");
    e.callInto(e.gid, "getegid");
    Op.Label ordinary = a.label("ordinary");
    a.jumpIf(e.uid, NE, 0, ordinary);
    a.set(e.isRoot, 1);
    a.place(ordinary);
  }

  private void baseEnvironment() {
    putText(PATH);
    putText("HOME=" + plan.home());
    putText("TMPDIR=/tmp");
    Op.Label own = a.label("ownUser");
    Op.Label done = a.label("userDone");
    if (plan.privileges().identity().isPresent()) {
      String name = plan.privileges().identity().get().name();
      putText("USER=" + name);
      putText("LOGNAME=" + name);
    } else {
      a.jumpIf(e.isRoot, EQ, 0, own);
      putText("USER=nobody");
      a.jump(done);
      a.place(own);
      takeText("USER=");
      a.place(done);
    }
    for (String prefix : PASSED) {
      takeText(prefix);
    }
    for (String setting : plan.process().environment()) {
      if (setting.indexOf('=') >= 0) {
        putText(setting);
      } else {
        takeText(setting + "=");
      }
    }
  }

  private void putText(String text) {
    a.set(entry, a.text(text));
    a.invoke(put);
  }

  private void takeText(String prefix) {
    a.set(entry, a.text(prefix));
    a.invoke(take);
  }

  /// Adds [#entry], `KEY=VALUE`, in place of an earlier one of the same key.
  private void emitPut() {
    Var i = a.var("put.i");
    Var other = a.var("put.other");
    Var b = a.var("put.byte");
    Var c = a.var("put.otherByte");
    Var at = a.var("put.at");
    Var slot = a.var("put.slot");
    Op.Label next = a.label("put.next");
    Op.Label compare = a.label("put.compare");
    Op.Label differ = a.label("put.differ");
    Op.Label replace = a.label("put.replace");
    Op.Label append = a.label("put.append");
    Op.Label room = a.label("put.room");
    a.place(put);
    a.set(i, 0);
    a.place(next);
    a.jumpIf(i, GE, count, append);
    a.compute(slot, i, SHIFT_LEFT, Value.of(3));
    a.load(other, LONG, e.newEnvironment, slot);
    a.set(at, 0);
    a.place(compare);
    a.load(b, BYTE, entry, at);
    a.load(c, BYTE, other, at);
    a.jumpIf(b, NE, c, differ);
    a.jumpIf(b, EQ, '=', replace);
    a.add(at, 1);
    a.jumpIf(b, NE, 0, compare);
    a.place(differ);
    a.add(i, 1);
    a.jump(next);
    a.place(append);
    a.jumpIf(count, LT, MAX_ENVIRONMENT, room);
    e.giveUp(Errno.E2BIG);
    a.place(room);
    a.set(i, count);
    a.add(count, 1);
    a.place(replace);
    a.compute(slot, i, SHIFT_LEFT, Value.of(3));
    a.store(LONG, e.newEnvironment, slot, entry);
    a.ret();
  }

  /// Adds every entry of the caller's environment that starts with [#entry].
  private void emitTake() {
    Var prefix = a.var("take.prefix");
    Var at = a.var("take.at");
    Var word = a.var("take.word");
    Op.Label next = a.label("take.next");
    Op.Label skip = a.label("take.skip");
    Op.Label done = a.label("take.done");
    a.place(take);
    a.set(prefix, entry);
    a.set(at, e.environment);
    a.place(next);
    a.load(word, LONG, at, 0);
    a.jumpIf(word, EQ, 0, done);
    e.routines.startsWith(word, prefix);
    a.jumpIf(e.routines.same, EQ, 0, skip);
    a.set(entry, word);
    a.invoke(put);
    a.place(skip);
    a.add(at, 8);
    a.jump(next);
    a.place(done);
    a.ret();
  }

  /// Reads settings up to `--`, then points at the command.
  private void settings() {
    Var at = a.var("settings.at");
    Var word = a.var("settings.word");
    Var b = a.var("settings.byte");
    Op.Label next = a.label("settings.next");
    Op.Label scan = a.label("settings.scan");
    Op.Label copy = a.label("settings.copy");
    Op.Label assignment = a.label("settings.assignment");
    Op.Label missing = a.label("settings.missing");
    Op.Label done = a.label("settings.done");
    Op.Label isSetting = a.label("settings.isSetting");
    a.set(e.toldCaller, NOT_TOLD);
    a.set(at, e.argumentVector);
    a.place(next);
    a.add(at, 8);
    a.load(word, LONG, at, 0);
    a.jumpIf(word, EQ, 0, missing);
    callersPid(word, next);
    if (Result.isAsked(plan)) {
      resultFile(word, next);
    }
    e.routines.startsWith(word, a.text("--"));
    a.jumpIf(e.routines.same, EQ, 0, isSetting);
    a.load(b, BYTE, word, 2);
    a.jumpIf(b, NE, 0, missing);
    a.add(at, 8);
    a.load(word, LONG, at, 0);
    a.jumpIf(word, EQ, 0, missing);
    a.set(e.commandVector, at);
    a.jump(done);
    a.place(isSetting);
    a.set(entry, word);
    a.place(scan);
    a.load(b, BYTE, word, 0);
    a.jumpIf(b, EQ, '=', assignment);
    a.add(word, 1);
    a.jumpIf(b, NE, 0, scan);
    a.jump(copy);
    a.place(assignment);
    a.invoke(put);
    a.jump(next);
    a.place(copy);
    copyNamed();
    a.jump(next);
    a.place(missing);
    e.routines.tell("warder: no command given: warder run [OPTIONS] [--] COMMAND [ARG...]\n");
    e.routines.flush();
    a.call(e.r, "exit_group", Failure.EXIT_CODE);
    a.place(done);
  }

  /// Reads the word if it is `=PID`, in decimal, then jumps.
  private void callersPid(Var word, Op.Label to) {
    Var b = a.var("pid.byte");
    Var at = a.var("pid.at");
    Var tenfold = a.var("pid.tenfold");
    Op.Label next = a.label("pid.next");
    Op.Label other = a.label("pid.other");
    a.load(b, BYTE, word, 0);
    a.jumpIf(b, NE, '=', other);
    a.set(e.toldCaller, 0);
    a.set(at, word);
    a.place(next);
    a.add(at, 1);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, to);
    a.compute(tenfold, e.toldCaller, SHIFT_LEFT, Value.of(3));
    a.compute(e.toldCaller, e.toldCaller, SHIFT_LEFT, Value.of(1));
    a.compute(e.toldCaller, e.toldCaller, ADD, tenfold);
    a.compute(e.toldCaller, e.toldCaller, ADD, b);
    a.add(e.toldCaller, -'0');
    a.jump(next);
    a.place(other);
  }

  private void resultFile(Var word, Op.Label next) {
    Op.Label other = a.label("settings.noResult");
    Var file = e.routines.startsWith(word, a.text("--stats="));
    a.jumpIf(e.routines.same, EQ, 0, other);
    a.set(Result.fileVar(e), file);
    a.jump(next);
    a.place(other);
  }

  /// Adds the caller's value of the variable named by [#entry], if it is set.
  private void copyNamed() {
    Var at = a.var("named.at");
    Var word = a.var("named.word");
    Var rest = a.var("named.rest");
    Var b = a.var("named.byte");
    Op.Label next = a.label("named.next");
    Op.Label skip = a.label("named.skip");
    Op.Label done = a.label("named.done");
    a.set(at, e.environment);
    a.place(next);
    a.load(word, LONG, at, 0);
    a.jumpIf(word, EQ, 0, done);
    a.set(rest, e.routines.startsWith(word, entry));
    a.jumpIf(e.routines.same, EQ, 0, skip);
    a.load(b, BYTE, rest, 0);
    a.jumpIf(b, NE, '=', skip);
    a.set(entry, word);
    a.invoke(put);
    a.jump(done);
    a.place(skip);
    a.add(at, 8);
    a.jump(next);
    a.place(done);
  }

  /// Puts words before the arguments: into `argv[0]` and the words kept below it.
  private void putBeforeArguments(List<String> words) {
    a.compute(e.commandVector, e.argumentVector, SUB, Value.of(8L * (words.size() - 1)));
    for (int i = 0; i < words.size(); i++) {
      a.store(LONG, e.commandVector, 8L * i, a.text(words.get(i)));
    }
  }

  /// Decides whether the current folder is mounted, visible anyway, or kept out.
  private void currentFolder() {
    Op.Label hidden = a.label("folder.hidden");
    Op.Label visible = a.label("folder.visible");
    Op.Label done = a.label("folder.done");
    Var b = a.var("folder.byte");
    e.attempt("getcwd", e.folder, e.folder.byteSize());
    a.jumpIf(e.r, LT, 2, hidden);
    a.load(b, BYTE, e.folder, 0);
    a.jumpIf(b, NE, '/', hidden);
    a.load(b, BYTE, e.folder, 1);
    a.jumpIf(b, EQ, 0, hidden);
    jumpIfBelowAny(plan.shownFolders(), visible);
    jumpIfBelowAny(HIDDEN_TREES, hidden);
    jumpIfCovers(e.folder, a.text("/tmp"), hidden);
    jumpIfCovers(e.folder, a.text("/root"), hidden);
    callersHome(hidden);
    a.set(e.folderState, FOLDER_MOUNTED);
    a.jump(done);
    a.place(visible);
    a.set(e.folderState, FOLDER_VISIBLE);
    a.jump(done);
    a.place(hidden);
    e.routines.clearLine();
    a.set(e.folderState, FOLDER_HIDDEN);
    a.place(done);
  }

  /// Without a home folder to compare with, all of `/home` stays out.
  private void callersHome(Op.Label hidden) {
    Var at = a.var("home.at");
    Var word = a.var("home.word");
    Var home = a.var("home.text");
    Op.Label next = a.label("home.next");
    Op.Label found = a.label("home.found");
    Op.Label none = a.label("home.none");
    Op.Label unset = a.label("home.unset");
    a.set(at, e.environment);
    a.place(next);
    a.load(word, LONG, at, 0);
    a.jumpIf(word, EQ, 0, unset);
    a.set(home, e.routines.startsWith(word, a.text("HOME=")));
    a.jumpIf(e.routines.same, NE, 0, found);
    a.add(at, 8);
    a.jump(next);
    a.place(found);
    a.load(word, BYTE, home, 0);
    a.jumpIf(word, NE, '/', unset);
    jumpIfCovers(e.folder, home, hidden);
    jumpIfHomeOrAbove(home, hidden);
    a.jump(none);
    a.place(unset);
    jumpIfCovers(a.text("/home"), e.folder, hidden);
    a.place(none);
  }

  /// Jumps if the current folder is one of these or lies below one, by name. The names follow each other in the data, up
  /// to an empty one.
  private void jumpIfBelowAny(List<String> folders, Op.Label to) {
    Var at = a.var("below.at");
    Var b = a.var("below.byte");
    Op.Label next = a.label("below.next");
    Op.Label none = a.label("below.none");
    a.set(at, a.paths(folders));
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, none);
    jumpIfCovers(at, e.folder, to);
    e.routines.next(at);
    a.jump(next);
    a.place(none);
  }

  /// Jumps if `path` is `folder` or lies below it, by name.
  private void jumpIfCovers(Value folder, Value path, Op.Label to) {
    a.set(covers.folder(), folder);
    a.set(covers.path(), path);
    a.invoke(covers.label());
    a.jumpIf(e.routines.same, NE, 0, to);
  }

  private void emitCovers() {
    Op.Label no = a.label("covers.no");
    Op.Label yes = a.label("covers.yes");
    Var rest = a.var("covers.rest");
    Var b = a.var("covers.byte");
    a.place(covers.label());
    a.set(rest, e.routines.startsWith(covers.path(), covers.folder()));
    a.jumpIf(e.routines.same, EQ, 0, no);
    a.load(b, BYTE, rest, 0);
    a.jumpIf(b, EQ, 0, yes);
    a.jumpIf(b, EQ, '/', yes);
    a.set(e.routines.same, 0);
    a.place(no);
    a.place(yes);
    a.ret();
  }

  /// Jumps if the current folder is the home folder or a parent of it, whatever links lead there: compares it with the
  /// home folder, then with each folder above up to the root. A home that is not there, or closed to the caller, hides
  /// nothing; one that cannot be looked at for another reason hides the current folder.
  private void jumpIfHomeOrAbove(Value home, Op.Label to) {
    Buffer here = a.buffer("statx.here", 256);
    Buffer there = a.buffer("statx.there", 256);
    Op.Label next = a.label("above.next");
    Op.Label differ = a.label("above.differ");
    Op.Label done = a.label("above.done");
    Var last = a.var("above.last");
    Var x = a.var("above.x");
    Var y = a.var("above.y");
    e.routines.clearLine();
    e.routines.append(home);
    e.attempt("statx", Uapi.AT_FDCWD, "", Uapi.AT_EMPTY_PATH, Uapi.STATX_BASIC_STATS, here);
    a.jumpIf(e.r, LT, 0, to);
    a.set(last, 0);
    a.place(next);
    e.attempt("statx", Uapi.AT_FDCWD, e.routines.line(), 0, Uapi.STATX_BASIC_STATS, there);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), done);
    a.jumpIf(e.r, EQ, -Errno.ENOTDIR.number(), done);
    a.jumpIf(e.r, EQ, -Errno.EACCES.number(), done);
    a.jumpIf(e.r, LT, 0, to);
    a.load(x, LONG, here, 136);                   // stx_dev_major, stx_dev_minor
    a.load(y, LONG, there, 136);
    a.jumpIf(x, NE, y, differ);
    a.load(x, LONG, here, 32);                    // stx_ino
    a.load(y, LONG, there, 32);
    a.jumpIf(x, EQ, y, to);
    a.place(differ);
    a.load(y, LONG, there, 32);
    a.jumpIf(y, EQ, last, done);
    a.set(last, y);
    e.routines.append("/..");
    a.jump(next);
    a.place(done);
    e.routines.clearLine();
  }
}
