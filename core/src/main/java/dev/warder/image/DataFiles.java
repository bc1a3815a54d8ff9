package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Var;
import dev.warder.jail.Mount;
import java.util.List;

/// Files of the jail in memory. What the caller hands over is read outside, before the caller's files are closed, and
/// written inside; it never comes to lie on a disk. Other content stands in the image.
final class DataFiles {
  /// One byte more than allowed, to tell.
  private static final int MAPPED_BYTES = Mount.Data.MAX_BYTES + 1;

  private final Emitter e;
  private final Assembly a;
  private final Sources sources;
  private final Var memory;
  private final Var fd;

  DataFiles(Emitter e, Sources sources) {
    this.e = e;
    this.a = e.a;
    this.sources = sources;
    this.memory = a.var("data.memory");
    this.fd = a.var("data.fd");
  }

  private Var bytes(Mount.Data file) {
    return a.var("data of " + file.target());
  }

  private Var byteSize(Mount.Data file) {
    return a.var("size of " + file.target());
  }

  void read(Mount.Data file) {
    Var bytes = bytes(file);
    Var size = byteSize(file);
    Var at = a.var("data.at");
    Var room = a.var("data.room");
    Op.Label next = a.label("data.next");
    Op.Label fits = a.label("data.fits");
    e.callInto(bytes, "mmap", 0, MAPPED_BYTES, or(PROT_READ, PROT_WRITE), or(MAP_PRIVATE, MAP_ANONYMOUS), -1, 0);
    a.place(next);
    a.compute(at, bytes, ADD, size);
    a.compute(room, Value.of(MAPPED_BYTES), SUB, size);
    e.attempt("read", file.descriptor(), at, room);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), next);
    e.check();
    a.compute(size, size, ADD, e.r);
    a.jumpIf(size, LE, Mount.Data.MAX_BYTES, fits);
    e.giveUp(Errno.EFBIG);
    a.place(fits);
    a.jumpIf(e.r, NE, 0, next);
  }

  void make(List<Mount.MemoryFile> files) {
    openMemory();
    for (int i = 0; i < files.size(); i++) {
      Mount.MemoryFile file = files.get(i);
      String name = Integer.toString(i);
      make(name, file.mode());
      if (file instanceof Mount.Data data) {
        write(bytes(data), byteSize(data));
        e.call("munmap", bytes(data), MAPPED_BYTES);
      } else if (file instanceof Mount.Content content && content.bytes().length > 0) {
        byte[] bytes = content.bytes();
        write(a.bytes(bytes, "content of " + file.target()), Value.of(bytes.length));
      }
      take(name, sources.taken(file));
    }
    letMemoryGo();
  }

  /// One that holds a text, for all to read.
  void make(String text, Var tree) {
    openMemory();
    make("text", 0444);
    e.call("write", fd, text, text.length());
    take("text", tree);
    letMemoryGo();
  }

  /// The files are made in a tmpfs that is attached for a moment, over the root: before Linux 6.15 a part of it can be
  /// taken only then.
  private void openMemory() {
    Var context = a.var("data.context");
    e.callInto(context, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", context, FSCONFIG_SET_STRING, "mode", "0700", 0);
    e.call("fsconfig", context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    e.callInto(memory, "fsmount", context, FSMOUNT_CLOEXEC, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    e.call("close", context);
    e.call("move_mount", memory, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
  }

  private void make(String name, int mode) {
    e.callInto(fd, "openat", memory, name, or(O_WRONLY, O_CREAT, O_EXCL, O_CLOEXEC), Value.mode(mode));
  }

  private void take(String name, Var tree) {
    e.call("close", fd);
    e.callInto(tree, "open_tree", memory, name, or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    e.call("mount_setattr", tree, "", AT_EMPTY_PATH,
        sources.attributes(or(MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV), MS_PRIVATE), 32);
  }

  private void letMemoryGo() {
    e.routines.append("/proc/self/fd/");
    e.routines.appendNumber(memory);
    e.routines.clearLine();                                               // a failure writes its own
    e.call("umount2", e.routines.line(), MNT_DETACH);
    e.call("close", memory);
  }

  private void write(Value bytes, Value byteSize) {
    Op.Label whole = a.label("data.whole");
    e.call("write", fd, bytes, byteSize);
    a.jumpIf(e.r, EQ, byteSize, whole);
    e.giveUp(Errno.ENOSPC);
    a.place(whole);
  }
}
