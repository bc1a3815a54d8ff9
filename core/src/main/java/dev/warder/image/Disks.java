package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import java.util.ArrayList;
import java.util.List;

/// Which disk a path is on, by its number `MAJOR:MINOR`: the kernel bounds the traffic with whole disks, told so.
///
/// Source: `Documentation/admin-guide/cgroup-v2.rst`, Linux 6.18; sysfs(5): a partition's folder lies in its disk's.
final class Disks {
  private static final int NUMBER_BYTES = 32;

  private final Emitter e;
  private final Assembly a;
  private final Op.Label find;
  private final Var path;
  private final Var major;
  private final Var minor;

  /// Those found, in order.
  private final List<Var> found = new ArrayList<>();

  Disks(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.find = a.label("disk.find");
    this.path = a.var("disk.path");
    this.major = a.var("disk.major");
    this.minor = a.var("disk.minor");
  }

  /// Fails for one that was found before: the later limit would be in force in place of the earlier.
  void find(String path) {
    Var number = a.var("disk.number " + found.size());
    a.set(this.path, a.text(path));
    a.invoke(find);
    a.compute(number, major, SHIFT_LEFT, Value.of(32));
    a.compute(number, number, ADD, minor);
    for (Var earlier : found) {
      Op.Label other = a.label("disk.other");
      a.jumpIf(number, NE, earlier, other);
      e.giveUp(Errno.EEXIST);
      a.place(other);
    }
    found.add(number);
  }

  /// The number of the disk that was found last, and this.
  Value named(String text) {
    e.routines.clearLine();
    appendNumber();
    e.routines.append(" " + text);
    e.routines.clearLine();                                   // a failure writes its own
    return e.routines.line();
  }

  private void appendNumber() {
    e.routines.appendNumber(major);
    e.routines.append(":");
    e.routines.appendNumber(minor);
  }

  /// From [#path] to [#major] and [#minor].
  void emitSubroutine() {
    Buffer statx = a.buffer("statx", 256);
    Var mode = a.var("disk.mode");
    Var end = a.var("disk.nameEnd");
    Op.Label file = a.label("disk.ofFile");
    Op.Label known = a.label("disk.known");
    Op.Label real = a.label("disk.real");
    Op.Label part = a.label("disk.part");
    Op.Label whole = a.label("disk.whole");
    a.place(find);
    e.call("statx", AT_FDCWD, path, 0, STATX_BASIC_STATS, statx);
    a.load(mode, INT, statx, 28);                                         // stx_mode
    a.compute(mode, mode, AND, S_IFMT);
    a.jumpIf(mode, NE, S_IFBLK, file);
    a.load(major, INT, statx, 128);                                       // stx_rdev_major
    a.load(minor, INT, statx, 132);
    a.jump(known);
    a.place(file);
    a.load(major, INT, statx, 136);                                       // stx_dev_major
    a.load(minor, INT, statx, 140);
    a.place(known);
    a.jumpIf(major, NE, 0, real);
    e.giveUp(Errno.ENOTBLK);
    a.place(real);
    e.routines.clearLine();
    e.routines.append("/sys/dev/block/");
    appendNumber();
    a.set(end, e.routines.lineBytes());
    e.routines.append("/partition");
    e.routines.clearLine();
    e.attempt("faccessat", AT_FDCWD, e.routines.line(), 0);
    a.jumpIf(e.r, EQ, 0, part);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), whole);
    a.jump(e.fail);
    a.place(part);
    a.set(e.routines.lineBytes(), end);
    e.routines.append("/../dev");
    e.routines.clearLine();
    readNumber();
    a.place(whole);
    a.ret();
  }

  /// From the file that [Routines#line] names.
  private void readNumber() {
    Buffer number = a.buffer("disk.text", NUMBER_BYTES);
    Var fd = a.var("disk.fd");
    Var b = a.var("disk.byte");
    Op.Label scan = a.label("disk.scan");
    e.callInto(fd, "openat", AT_FDCWD, e.routines.line(), or(O_RDONLY, O_CLOEXEC), 0);
    e.call("read", fd, number, NUMBER_BYTES - 1);
    a.store(BYTE, number, e.r, Value.of(':'));
    e.call("close", fd);
    a.set(major, number);
    e.routines.readNumber(major);
    a.set(minor, number);
    a.place(scan);
    a.load(b, BYTE, minor, 0);
    a.add(minor, 1);
    a.jumpIf(b, NE, ':', scan);
    e.routines.readNumber(minor);
  }
}
