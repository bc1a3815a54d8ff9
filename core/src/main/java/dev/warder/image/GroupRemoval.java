package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Removes control groups: those of this launcher, and those that others left behind who were killed.
///
/// A launcher that is killed takes its jail with it, but its groups, empty then, stay. So every launcher looks in the
/// group it works in for names with the number of a process that is no more, and removes them. A group that is in use is
/// safe whatever its name: the kernel removes none that has processes.
final class GroupRemoval {
  private static final int ENTRIES_BYTES = 4096;

  /// The kernel may take a moment to let a dead process go.
  private static final int TRIES = 500;
  private static final long PAUSE_NANOS = 2_000_000;

  private final Emitter e;
  private final Assembly a;
  private final String prefix;
  private final Op.Label remove;
  private final Op.Label sweep;
  private final Var parent;
  private final Var entry;
  private final Var tries;

  /// This process.
  final Var pid;

  GroupRemoval(Emitter e, String prefix) {
    this.e = e;
    this.a = e.a;
    this.prefix = prefix;
    this.remove = a.label("removal.remove");
    this.sweep = a.label("removal.sweep");
    this.parent = a.var("removal.parent");
    this.entry = a.var("removal.entry");
    this.tries = a.var("removal.tries");
    this.pid = a.var("removal.pid");
  }

  /// Removes the group `name` in `parent`, waiting a moment where it is still in use.
  void remove(Var parent, Value name) {
    a.set(this.parent, parent);
    a.set(entry, name);
    a.set(tries, TRIES);
    a.invoke(remove);
  }

  /// Removes what dead launchers left in `parent`.
  void sweep(Var parent) {
    a.set(this.parent, parent);
    a.invoke(sweep);
  }

  void emit() {
    emitRemove();
    emitSweep();
  }

  private void emitRemove() {
    Var group = a.var("removal.group");
    Op.Label again = a.label("removal.again");
    Op.Label gone = a.label("removal.gone");
    Op.Label done = a.label("removal.done");
    a.place(remove);
    e.attempt("openat", parent, entry, O_CLOEXEC, 0);
    a.jumpIf(e.r, LT, 0, done);
    a.set(group, e.r);
    a.place(again);
    e.attempt("unlinkat", group, "jail", AT_REMOVEDIR);
    a.jumpIf(e.r, NE, -Errno.EBUSY.number(), gone);
    a.add(tries, -1);
    a.jumpIf(tries, LE, 0, gone);
    e.attempt("nanosleep", a.bytes(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0).putLong(PAUSE_NANOS).array()), 0);
    a.jump(again);
    a.place(gone);
    e.attempt("close", group);
    e.attempt("unlinkat", parent, entry, AT_REMOVEDIR);
    a.place(done);
    a.ret();
  }

  /// Reads `struct linux_dirent64`: the size of an entry is at 16, its name at 19.
  private void emitSweep() {
    Buffer entries = a.buffer("sweep.entries", ENTRIES_BYTES);
    Var fd = a.var("sweep.fd");
    Var at = a.var("sweep.at");
    Var end = a.var("sweep.end");
    Var size = a.var("sweep.size");
    Var number = a.var("sweep.number");
    Op.Label read = a.label("sweep.read");
    Op.Label each = a.label("sweep.each");
    Op.Label dead = a.label("sweep.dead");
    Op.Label next = a.label("sweep.next");
    Op.Label done = a.label("sweep.done");
    a.place(sweep);
    e.callInto(fd, "openat", parent, ".", O_CLOEXEC, 0);
    a.place(read);
    e.attempt("getdents64", fd, entries, ENTRIES_BYTES);
    e.check();
    a.jumpIf(e.r, EQ, 0, done);
    a.set(at, entries);
    a.compute(end, entries, ADD, e.r);
    a.place(each);
    a.compute(entry, at, ADD, Value.of(19));
    a.set(number, e.routines.startsWith(entry, a.text(prefix)));
    a.jumpIf(e.routines.same, EQ, 0, next);
    e.routines.readNumber(number);
    a.jumpIf(number, EQ, 0, next);
    a.jumpIf(number, EQ, pid, dead);                        // of an earlier process of this number
    e.attempt("kill", number, 0);
    a.jumpIf(e.r, NE, -Errno.ESRCH.number(), next);
    a.place(dead);
    a.set(tries, 0);
    a.invoke(remove);
    a.place(next);
    a.load(size, INT, at, 16);
    a.compute(size, size, AND, Value.of(0xFFFF));
    a.compute(at, at, ADD, size);
    a.jumpIf(at, LT, end, each);
    a.jump(read);
    a.place(done);
    e.call("close", fd);
    a.ret();
  }
}
