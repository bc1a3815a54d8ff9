package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Var;
import java.util.List;

/// The files that slirp4netns(1) may use: it reads what the jail sends, so it is not to have the user's own.
///
/// Its own sandbox, a root folder of its own, needs user id 0 in the jail, which is never mapped; so this one is Landlock's.
///
/// Source: landlock(7), man-pages 6.9, rights of ABI 1, Linux 5.13.
final class HelperFiles {
  /// All rights of ABI 1.
  private static final long ALL_RIGHTS = 0x1FFF;

  /// Its libraries, the resolver's configuration; none of them need be there.
  private static final List<String> READABLE = List.of("/usr", "/lib", "/lib64", "/etc", "/run/systemd/resolve");

  private static final Const READ =
      or(LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_READ_DIR);
  private static final Const WRITE = or(LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_WRITE_FILE);

  private final Emitter e;
  private final Assembly a;

  HelperFiles(Emitter e) {
    this.e = e;
    this.a = e.a;
  }

  /// A kernel without Landlock is an error.
  void allow(Var ruleset) {
    Op.Label able = a.label("files.able");
    e.attempt("landlock_create_ruleset", 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
    a.jumpIf(e.r, GE, 1, able);
    e.giveUp(Errno.EOPNOTSUPP);
    a.place(able);
    byte[] handled = Emitter.longs(ALL_RIGHTS);
    e.callInto(ruleset, "landlock_create_ruleset", a.bytes(handled), handled.length, 0);
    for (String folder : READABLE) {
      rule(ruleset, folder, READ);
    }
    rule(ruleset, "/dev/net/tun", WRITE);
    rule(ruleset, "/dev/null", WRITE);
  }

  /// `struct landlock_path_beneath_attr`, packed: the rights, then the file.
  private void rule(Var ruleset, String path, Const rights) {
    Buffer rule = a.buffer("files.rule", 16);
    Var file = a.var("files.file");
    Op.Label absent = a.label("files.absent");
    e.attempt("openat", AT_FDCWD, path, or(O_PATH, O_CLOEXEC), 0);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), absent);
    e.check();
    a.set(file, e.r);
    a.store(LONG, rule, 0, rights);
    a.store(INT, rule, 8, file);
    e.call("landlock_add_rule", ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0);
    e.call("close", file);
    a.place(absent);
  }
}
