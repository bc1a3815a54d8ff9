package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import java.util.List;

/// The files that the caller hands over.
final class GivenFiles {
  private final Emitter e;
  private final Assembly a;

  GivenFiles(Emitter e) {
    this.e = e;
    this.a = e.a;
  }

  /// Must come before anything is opened: a file descriptor of the launcher's own would go to the program otherwise.
  void checkStandard() {
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

  void keep(int file) {
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

  void letGo(List<Integer> files) {
    for (int file : files) {
      e.attempt("close", file);                             // it is closed whatever is answered
    }
  }
}
