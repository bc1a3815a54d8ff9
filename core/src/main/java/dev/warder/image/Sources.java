package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
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

/// Takes what the jail shows of the host, each path looked up once, as mounts that are attached nowhere yet.
///
/// It is a subroutine, since root takes the sources outside and an ordinary caller inside.
final class Sources {
  /// In place of a file descriptor: the host has no such folder.
  static final int MISSING = -1;

  /// In place of a file descriptor: the host has a link, kept in [#link].
  static final int LINK = -2;

  private static final int LINK_BYTES = 128;
  private static final Const CLONE = or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_RECURSIVE);

  private final Emitter e;
  private final Assembly a;
  final Op.Label takeAll;

  Sources(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.takeAll = a.label("takeAll");
  }

  /// What was taken: a file descriptor, [#MISSING] or [#LINK].
  Var taken(String path) {
    return a.var("tree of " + path);
  }

  Var takenFolder() {
    return a.var("tree of the current folder");
  }

  Buffer link(String path) {
    return links.computeIfAbsent(path, p -> a.buffer("link " + p, LINK_BYTES));
  }

  private final java.util.Map<String, Buffer> links = new java.util.HashMap<>();

  void emit(List<Step> steps) {
    a.place(takeAll);
    for (Step step : steps) {
      e.begin(step);
      switch (step) {
        case Step.TakeSystemFolder(String path) -> systemFolder(path);
        case Step.TakeCurrentFolder() -> currentFolder();
        case Step.TakeDevice(String path) -> device(path);
        case Step.TakeRoot(String path, boolean readOnly) -> tree(taken(path), path, readOnly);
        case Step.TakeSource(var bind) -> tree(taken("mount " + bind.target()), bind.source(), bind.readOnly());
        default -> throw new IllegalArgumentException("not a source: " + step);
      }
    }
    a.ret();
  }

  private void systemFolder(String path) {
    Var tree = taken(path);
    Op.Label notALink = a.label("notALink");
    Op.Label exists = a.label("exists");
    Op.Label done = a.label("taken");
    e.attempt("readlinkat", AT_FDCWD, path, link(path), LINK_BYTES - 1);
    a.jumpIf(e.r, EQ, -Errno.EINVAL.number(), notALink);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), exists);
    a.set(tree, MISSING);
    a.jump(done);
    a.place(exists);
    e.check();
    a.store(BYTE, link(path), e.r, Value.of(0));
    a.set(tree, LINK);
    a.jump(done);
    a.place(notALink);
    e.callInto(tree, "open_tree", AT_FDCWD, path, or(CLONE, AT_SYMLINK_NOFOLLOW));
    protect(tree, true);
    a.place(done);
  }

  private void currentFolder() {
    Op.Label skip = a.label("folder.notTaken");
    a.jumpIf(e.folderState, NE, Caller.FOLDER_MOUNTED, skip);
    e.callInto(takenFolder(), "open_tree", AT_FDCWD, "", or(CLONE, AT_EMPTY_PATH));
    protect(takenFolder(), true);
    a.place(skip);
  }

  private void device(String path) {
    Op.Label exists = a.label("device.exists");
    Op.Label done = a.label("device.done");
    e.attempt("open_tree", AT_FDCWD, path, or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_SYMLINK_NOFOLLOW));
    a.set(taken(path), e.r);
    a.jumpIf(e.r, GE, 0, done);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), exists);
    a.set(taken(path), MISSING);
    a.jump(done);
    a.place(exists);
    e.check();
    a.place(done);
  }

  private void tree(Var tree, String path, boolean readOnly) {
    e.callInto(tree, "open_tree", AT_FDCWD, path, CLONE);
    protect(tree, readOnly);
  }

  /// No set-user-ID, no devices, no mounts that come and go with the host's.
  private void protect(Var tree, boolean readOnly) {
    Const attributes = readOnly
        ? or(MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV) : or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV);
    e.call("mount_setattr", tree, "", or(AT_EMPTY_PATH, AT_RECURSIVE), attributes(attributes, MS_PRIVATE), 32);
  }

  /// `struct mount_attr`: set, clear, propagation, user namespace.
  Data attributes(Const set, Const propagation) {
    return a.bytes(ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(set.value()).putLong(0).putLong(propagation.value()).putLong(0).array());
  }
}
