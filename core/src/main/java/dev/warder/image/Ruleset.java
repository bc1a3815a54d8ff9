package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.GT;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Landlock, a second wall behind the mounts: each mount adds a rule on what it shows by the file descriptor at hand, so
/// that no path is looked up again, and process 1 puts the rules in force when no mount is left to be made. And where the
/// network is shared a wall for abstract sockets, which have no file that could be kept out.
///
/// A right holds for all below, also on other mounts, and no rule takes one back: what the root may do is said once, and
/// what lies read-only in a writable folder is kept so by its mount alone.
///
/// Source: landlock(7), landlock_add_rule(2), man-pages 6.9; `security/landlock/{syscalls,fs}.c` and
/// `Documentation/userspace-api/landlock.rst`, Linux 7.3.
final class Ruleset {
  /// The first in which files can be renamed and linked from folder to folder at all; Linux 5.19.
  private static final int RENAMES_ABI = 2;

  private static final int TRUNCATE_ABI = 3;
  private static final int IOCTL_ABI = 5;

  /// Linux 6.12.
  private static final int SCOPES_ABI = 6;

  static final Const READ =
      rights(LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_READ_DIR);

  /// All that a rule on a file can give beside reading it.
  static final Const WRITE_FILES =
      rights(LANDLOCK_ACCESS_FS_WRITE_FILE, LANDLOCK_ACCESS_FS_TRUNCATE, LANDLOCK_ACCESS_FS_IOCTL_DEV);

  /// All but to make devices.
  static final Const WRITE = rights(WRITE_FILES, LANDLOCK_ACCESS_FS_REMOVE_DIR, LANDLOCK_ACCESS_FS_REMOVE_FILE,
      LANDLOCK_ACCESS_FS_MAKE_DIR, LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_MAKE_SOCK, LANDLOCK_ACCESS_FS_MAKE_FIFO,
      LANDLOCK_ACCESS_FS_MAKE_SYM, LANDLOCK_ACCESS_FS_REFER);

  private static final Const READ_OPEN_FILE =
      rights(LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_IOCTL_DEV);

  /// Those of the later versions among them are left out where the kernel lacks them.
  private static final Const ALL = rights(READ, WRITE, LANDLOCK_ACCESS_FS_MAKE_CHAR, LANDLOCK_ACCESS_FS_MAKE_BLOCK);

  private final Emitter e;
  private final Assembly a;
  private final boolean hasFiles;

  /// 0 where there is none: the kernel has no Landlock, or an older one.
  private final Var ruleset;
  private final Var handled;

  // Parameters of the subroutines.
  private final Var file;
  private final Var rights;
  private final Op.Label allow;
  private final Op.Label allowOpenFile;

  Ruleset(Emitter e, List<Step> steps) {
    this.e = e;
    this.a = e.a;
    this.hasFiles = hasFiles(steps);
    this.ruleset = a.var("ruleset");
    this.handled = a.var("ruleset.rights");
    this.file = a.var("rule.file");
    this.rights = a.var("rule.rights");
    this.allow = a.label("rule.allow");
    this.allowOpenFile = a.label("rule.allowOpenFile");
  }

  /// By their names without what these begin with.
  private static Const rights(Const... rights) {
    Const all = or(rights);
    return Value.named(all.text().replace("LANDLOCK_ACCESS_FS_", ""), all.value());
  }

  private static boolean hasFiles(List<Step> steps) {
    for (Step step : steps) {
      if (step instanceof Step.MakeRuleset make) {
        return make.files();
      }
    }
    return false;
  }

  /// Landlock that was not built or not started is no error unless it is required, and neither is one that is too old;
  /// anything else is.
  void make(boolean sockets, boolean required) {
    Buffer attributes = a.buffer("landlock_ruleset_attr", 24);            // handled_access_fs, handled_access_net, scoped
    Op.Label known = a.label("landlock.known");
    Op.Label able = a.label("landlock.able");
    Op.Label done = a.label("landlock.done");
    e.attempt("landlock_create_ruleset", 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (!sockets) {
      a.jumpIf(e.r, GE, RENAMES_ABI, able);
    }
    a.jumpIf(e.r, GE, 0, known);
    a.jumpIf(e.r, EQ, -Errno.ENOSYS.number(), known);
    a.jumpIf(e.r, NE, -Errno.EOPNOTSUPP.number(), e.fail);
    a.place(known);
    if (sockets && hasFiles && !required) {
      scope(attributes);
      a.jumpIf(e.r, GE, RENAMES_ABI, able);
    } else if (sockets) {
      a.store(LONG, attributes, 16, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET);
      a.jumpIf(e.r, GE, SCOPES_ABI, able);
    }
    if (required) {
      e.giveUp(Errno.EOPNOTSUPP);
    } else {
      if (sockets && !hasFiles) {
        tellOfSockets();
      }
      a.jump(done);
    }
    a.place(able);
    if (hasFiles) {
      handle();
      a.store(LONG, attributes, 0, handled);
    }
    e.callInto(ruleset, "landlock_create_ruleset", attributes, 24, 0);
    a.place(done);
  }

  private void scope(Buffer attributes) {
    Op.Label able = a.label("landlock.scopes");
    Op.Label done = a.label("landlock.scoped");
    a.jumpIf(e.r, GE, SCOPES_ABI, able);
    tellOfSockets();
    a.jump(done);
    a.place(able);
    a.store(LONG, attributes, 16, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET);
    a.place(done);
  }

  /// The result of the last call is kept.
  private void tellOfSockets() {
    e.routines.tell("warder: this kernel cannot cut the jail off the host's abstract sockets, which needs Landlock's ABI "
        + SCOPES_ABI + " (Linux 6.12); --network none does, --landlock off says nothing\n");
    e.routines.flush();
  }

  /// All rights that the kernel knows, lest what no rule gives be left out.
  private void handle() {
    Op.Label done = a.label("landlock.handled");
    a.set(handled, without(LANDLOCK_ACCESS_FS_TRUNCATE, LANDLOCK_ACCESS_FS_IOCTL_DEV));
    a.jumpIf(e.r, LT, TRUNCATE_ABI, done);
    a.set(handled, without(LANDLOCK_ACCESS_FS_IOCTL_DEV));
    a.jumpIf(e.r, LT, IOCTL_ABI, done);
    a.set(handled, ALL);
    a.place(done);
  }

  private static Value without(Const... later) {
    return Value.of(ALL.value() & ~or(later).value());
  }

  /// A rule on an open file or folder, or a mount.
  void allow(Value what, Const rights) {
    if (hasFiles) {
      a.set(this.rights, rights);
      a.set(file, what);
      a.invoke(allow);
    }
  }

  /// A rule for writing.
  ///
  /// @param isFolder 1 or 0
  void allowWriting(Value what, Var isFolder) {
    if (hasFiles) {
      Op.Label known = a.label("rule.known");
      a.set(rights, WRITE);
      a.jumpIf(isFolder, NE, 0, known);
      a.set(rights, WRITE_FILES);
      a.place(known);
      a.set(file, what);
      a.invoke(allow);
    }
  }

  /// From here the rules are in force. The files that the program is given can be opened again as they are open, no more.
  void enter(List<Integer> keptFiles) {
    Op.Label none = a.label("landlock.none");
    a.jumpIf(ruleset, EQ, 0, none);
    if (hasFiles) {
      for (int standard = 0; standard <= 2; standard++) {
        allowOpenFile(standard);
      }
      for (int kept : keptFiles) {
        allowOpenFile(kept);
      }
    }
    e.call("landlock_restrict_self", ruleset, 0);
    a.place(none);
  }

  private void allowOpenFile(int number) {
    a.set(file, number);
    a.invoke(allowOpenFile);
  }

  void emitSubroutines() {
    if (!hasFiles) {
      return;
    }
    Var how = a.var("rule.how");
    Var granted = a.var("rule.granted");
    Buffer rule = a.buffer("landlock_path_beneath_attr", 12);             // allowed_access, parent_fd
    Op.Label add = a.label("rule.add");
    Op.Label added = a.label("rule.added");
    Op.Label done = a.label("rule.done");
    a.place(allowOpenFile);
    e.call("fcntl", file, F_GETFL);
    a.compute(how, e.r, AND, or(O_ACCMODE, O_PATH));
    a.jumpIf(how, GT, O_RDWR, done);                        // not open for reading or writing
    a.compute(how, how, SHIFT_LEFT, Value.of(2));
    a.load(rights, INT, byAccessMode(), how);
    a.invoke(add);
    a.jumpIf(e.r, EQ, -Errno.EBADFD.number(), done);        // a pipe, a socket or the like: Landlock has none of them
    a.jump(added);
    a.place(allow);
    a.invoke(add);
    a.place(added);
    e.check();
    a.place(done);
    a.ret();
    a.place(add);
    a.set(e.r, 0);
    a.jumpIf(ruleset, EQ, 0, done);
    a.compute(granted, rights, AND, handled);
    a.store(LONG, rule, 0, granted);
    a.store(INT, rule, 8, file);
    e.attempt("landlock_add_rule", ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0);
    a.ret();
  }

  /// What a file that is open to be read, to be written, or both may be opened for again.
  private Data byAccessMode() {
    return a.bytes(ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt((int) READ_OPEN_FILE.value())
        .putInt((int) WRITE_FILES.value()).putInt((int) or(READ_OPEN_FILE, WRITE_FILES).value()).array());
  }
}
