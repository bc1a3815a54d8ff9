package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;

/// A program of the host that the launcher executes: only one of root's that nobody else may change, and by what was
/// looked at.
final class TrustedProgram {
  private static final int WRITABLE_BY_OTHERS = 022;

  private final Emitter e;
  private final Assembly a;

  TrustedProgram(Emitter e) {
    this.e = e;
    this.a = e.a;
  }

  /// @param fd set to what execveat(2) takes
  void open(Var fd, String path) {
    Var seen = a.var("helper.seen");
    Buffer statx = a.buffer("statx", 256);
    Op.Label bad = a.label("helper.bad");
    Op.Label good = a.label("helper.good");
    e.callInto(fd, "openat", AT_FDCWD, path, or(O_PATH, O_CLOEXEC), 0);
    e.call("statx", fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, statx);
    a.load(seen, INT, statx, 20);                                         // stx_uid
    a.jumpIf(seen, NE, 0, bad);
    a.load(seen, INT, statx, 28);                                         // stx_mode
    a.compute(seen, seen, AND, Value.mode(WRITABLE_BY_OTHERS));
    a.jumpIf(seen, EQ, 0, good);
    a.place(bad);
    e.giveUp(Errno.EACCES);
    a.place(good);
  }
}
