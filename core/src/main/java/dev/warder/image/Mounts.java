package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.Mount;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// New mounts, and the places in the jail's root that they are attached to.
///
/// A place is opened within the root and made where it is missing, so that no link of the root leads out of it.
final class Mounts {
  static final Const ATTACH = MOVE_MOUNT_F_EMPTY_PATH;

  /// What says that a foreign root lacks a folder and will lack it.
  static final List<Errno> NOT_TO_BE_MADE = List.of(Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.EEXIST);

  private final Emitter e;
  private final Assembly a;
  private final Sources sources;
  private final Ruleset ruleset;
  private final Var fd;

  /// What the variable `reach.parent` has open at this point of the code, or null.
  private String openFolder;

  Mounts(Emitter e, Sources sources, Ruleset ruleset) {
    this.e = e;
    this.a = e.a;
    this.sources = sources;
    this.ruleset = ruleset;
    this.fd = a.var("fd");
  }

  /// A path of the jail as seen from its root folder.
  static String relative(String path) {
    return path.substring(1);
  }

  /// Creates the file system that `context` describes and replaces it by the mount.
  void finishMount(Var context, Const attributes) {
    e.call("fsconfig", context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    e.callInto(context, "fsmount", context, FSMOUNT_CLOEXEC, attributes);
  }

  void newTmpfs(Var to, int mode, Const attributes) {
    e.callInto(to, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", to, FSCONFIG_SET_STRING, "mode", Integer.toOctalString(mode), 0);
    finishMount(to, attributes);
  }

  void seal(Var mount) {
    e.call("mount_setattr", mount, "", AT_EMPTY_PATH, sources.attributes(MOUNT_ATTR_RDONLY, Value.of(0)), 32);
  }

  void attach(Mount mount) {
    Var isFolder = a.var("isFolder");
    if (mount instanceof Mount.Bind bind) {
      Var tree = sources.taken(bind);
      attach(tree, bind.target(), isFolder(tree));
      if (!bind.readOnly()) {
        ruleset.allowWriting(tree, isFolder);
      }
    } else if (mount instanceof Mount.Tmpfs(String path, List<String> options)) {
      a.set(isFolder, 1);
      e.callInto(fd, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
      for (String option : options) {
        int equals = option.indexOf('=');
        e.call("fsconfig", fd, FSCONFIG_SET_STRING, option.substring(0, equals), option.substring(equals + 1), 0);
      }
      finishMount(fd, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
      attach(fd, path, isFolder);
      ruleset.allow(fd, Ruleset.WRITE);
    } else if (mount instanceof Mount.MemoryFile file) {
      a.set(isFolder, 0);
      attach(sources.taken(file), file.target(), isFolder);
    } else if (mount instanceof Mount.Overlay overlay) {
      a.set(isFolder, 1);
      attach(sources.taken(overlay), overlay.target(), isFolder);
      if (!(overlay.changes() instanceof Mount.Changes.None)) {
        ruleset.allow(sources.taken(overlay), Ruleset.WRITE);
      }
    } else if (mount instanceof Mount.Inaccessible(String path)) {
      Var target = a.var("mount.target");
      open(e.root, relative(path));
      e.check();
      a.set(target, e.r);
      cover(target, isFolder(target));
      e.call("close", target);
    } else {
      throw new AssertionError(mount);
    }
  }

  /// Attaches at a path below the new root, making what is missing: folders, and for the last part a file where a file is
  /// to be mounted. What was just made is no link, and `move_mount` would follow none. What was there already is resolved
  /// within the root, so that no link of the root leads out of it.
  private void attach(Var tree, String path, Var isFolder) {
    Var folder = openFolderOf(path);
    Var target = a.var("mount.target");
    String name = path.substring(path.lastIndexOf('/') + 1);
    Op.Label make = a.label("attach.folder");
    Op.Label made = a.label("attach.made");
    Op.Label there = a.label("attach.there");
    Op.Label done = a.label("attach.done");
    a.jumpIf(isFolder, NE, 0, make);
    e.attempt("mknodat", folder, name, or(S_IFREG, Value.mode(0644)), 0);
    a.jump(made);
    a.place(make);
    e.attempt("mkdirat", folder, name, Value.mode(0755));
    a.place(made);
    a.jumpIf(e.r, EQ, -Errno.EEXIST.number(), there);
    e.check();
    e.call("move_mount", tree, "", folder, name, ATTACH);
    a.jump(done);
    a.place(there);
    open(e.root, relative(path));
    e.check();
    a.set(target, e.r);
    e.call("move_mount", tree, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    e.call("close", target);
    a.place(done);
  }

  /// The folder that a path lies in. It stays open for the next mount, which often lies in the same one; if not, it may be
  /// mounted on meanwhile and is forgotten.
  private Var openFolderOf(String path) {
    String folder = path.substring(0, path.lastIndexOf('/'));
    Var opened = a.var("reach.parent");
    if (folder.equals(openFolder)) {
      return opened;
    }
    if (openFolder != null) {
      e.call("close", opened);
    }
    openFolder = folder.isEmpty() ? null : folder;
    if (folder.isEmpty()) {
      return e.root;
    }
    Var above = e.root;
    for (int end = folder.indexOf('/', 1); end != 0; end = end < 0 ? 0 : folder.indexOf('/', end + 1)) {
      String upToHere = end < 0 ? folder : folder.substring(0, end);
      Op.Label have = a.label("reach.haveFolder");
      open(e.root, relative(upToHere));
      a.jumpIf(e.r, GE, 0, have);
      a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
      e.call("mkdirat", above, upToHere.substring(upToHere.lastIndexOf('/') + 1), Value.mode(0755));
      open(e.root, relative(upToHere));
      e.check();
      a.place(have);
      a.set(opened, e.r);
      if (above != e.root) {
        e.call("close", above);
      }
      above = a.var("reach.above");
      a.set(above, opened);
    }
    return opened;
  }

  /// What other steps mount may cover the folder of the last mount.
  void forgetFolder() {
    openFolder = null;
  }

  /// Opens a folder right below a foreign root, making it if need be; skips where there is none and the program's user may
  /// make none, or where a link leads nowhere.
  void reachOptional(Var target, String path, Op.Label skip) {
    Op.Label have = a.label("optional.have");
    open(e.root, relative(path));
    a.jumpIf(e.r, GE, 0, have);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
    e.attempt("mkdirat", e.root, relative(path), Value.mode(0755));
    for (Errno errno : NOT_TO_BE_MADE) {
      a.jumpIf(e.r, EQ, -errno.number(), skip);
    }
    e.check();
    open(e.root, relative(path));
    e.check();
    a.place(have);
    a.set(target, e.r);
  }

  /// Opens a path below `from` for use as a mount point; links of the new root stay within it.
  void open(Var from, String path) {
    Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(or(O_PATH, O_CLOEXEC).value()).putLong(0)
        .putLong(or(RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS).value()).array());
    Op.Label again = a.label("open.again");
    a.place(again);
    e.attempt("openat2", from, path, how, 24);
    a.jumpIf(e.r, EQ, -Errno.EAGAIN.number(), again);       // something was renamed or mounted meanwhile, anywhere
  }

  /// Whether the open file is a folder, 1 or 0.
  Var isFolder(Var file) {
    Var isFolder = a.var("isFolder");
    Buffer statx = a.buffer("statx", 256);
    Op.Label no = a.label("isFolder.no");
    e.call("statx", file, "", AT_EMPTY_PATH, STATX_TYPE, statx);
    a.load(isFolder, INT, statx, 28);                                     // stx_mode
    a.compute(isFolder, isFolder, AND, S_IFMT);
    a.compute(isFolder, isFolder, Op.Operator.SUB, S_IFDIR);
    Op.Label yes = a.label("isFolder.yes");
    a.jumpIf(isFolder, EQ, 0, yes);
    a.set(isFolder, 0);
    a.jump(no);
    a.place(yes);
    a.set(isFolder, 1);
    a.place(no);
    return isFolder;
  }

  /// Mounts an empty folder without any permission, or on a file a device on a mount where no device may be opened. The
  /// device is the host's: nothing of a foreign root, which its owner may change meanwhile, is looked up.
  void cover(Var target, Var isFolder) {
    Op.Label folder = a.label("cover.folder");
    Op.Label attach = a.label("cover.attach");
    Const closed = or(MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC);
    a.jumpIf(isFolder, NE, 0, folder);
    e.callInto(fd, "open_tree", AT_FDCWD, "/dev/null", or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_SYMLINK_NOFOLLOW));
    e.call("mount_setattr", fd, "", AT_EMPTY_PATH, sources.attributes(closed, MS_PRIVATE), 32);
    a.jump(attach);
    a.place(folder);
    newTmpfs(fd, 0, closed);
    a.place(attach);
    e.call("move_mount", fd, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
  }
}
