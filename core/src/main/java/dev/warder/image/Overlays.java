package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Var;
import dev.warder.jail.Mount;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Puts layers together, as a mount that is attached nowhere yet.
///
/// Each layer is opened once, and the kernel is told of it as `/proc/self/fd/N`: it takes layers as open files only since
/// Linux 6.13. Layers must be mounted in the caller's own mount namespace before 6.15, hence [dev.warder.jail.Step.OwnMounts]
/// and a tmpfs that is attached for a moment.
///
/// When root calls, all this happens outside, since a copy of a file to the upper layer keeps its owner, and only there
/// owners other than the program's user exist.
///
/// Source: `Documentation/filesystems/overlayfs.rst` and `fs/overlayfs/params.c`, Linux 6.18.
final class Overlays {
  private static final Const LAYER = or(O_PATH, O_CLOEXEC);

  private final Emitter e;
  private final Assembly a;
  private final Var context;
  private final Var upper;
  private final Var work;
  private final Var parent;

  Overlays(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.context = a.var("overlay.context");
    this.upper = a.var("overlay.upper");
    this.work = a.var("overlay.work");
    this.parent = a.var("overlay.parent");
  }

  /// @param folders the lower layers, from the lowest to the highest
  void take(Var to, List<String> folders, Mount.Changes changes) {
    var lower = new ArrayList<Var>();
    for (String folder : folders) {
      Var layer = a.var("overlay.lower" + lower.size());
      e.callInto(layer, "openat", AT_FDCWD, folder + "/", LAYER, 0);      // the slash: a folder
      lower.add(layer);
    }
    e.callInto(context, "fsopen", "overlay", FSOPEN_CLOEXEC);
    layers("lowerdir", lower.reversed());
    if (changes instanceof Mount.Changes.InMemory) {
      openMemory(lower.getLast());
    } else if (changes instanceof Mount.Changes.Into(String folder)) {
      openFolder(folder);
    }
    Const attributes = or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV);
    if (changes instanceof Mount.Changes.None) {
      attributes = or(attributes, MOUNT_ATTR_RDONLY);
    } else {
      layers("upperdir", List.of(upper));
      layers("workdir", List.of(work));
    }
    marks();
    e.call("fsconfig", context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    e.callInto(to, "fsmount", context, FSMOUNT_CLOEXEC, attributes);
    close(context);
    if (changes instanceof Mount.Changes.InMemory) {
      path(parent);
      e.call("umount2", e.routines.line(), MNT_DETACH);
    }
    if (!(changes instanceof Mount.Changes.None)) {
      close(parent, upper, work);
    }
    for (Var layer : lower) {
      close(layer);
    }
  }

  /// What is hidden is marked by `user.` attributes, since others are not an ordinary user's to write. Root uses those of
  /// root: before Linux 6.6 files in memory have no others.
  private void marks() {
    Op.Label root = a.label("overlay.root");
    a.jumpIf(e.isRoot, NE, 0, root);
    e.call("fsconfig", context, FSCONFIG_SET_FLAG, "userxattr", 0, 0);
    a.place(root);
  }

  private void layers(String option, List<Var> files) {
    for (Var file : files) {
      if (file != files.getFirst()) {
        e.routines.append(":");
      }
      e.routines.append("/proc/self/fd/");
      e.routines.appendNumber(file);
    }
    e.routines.clearLine();                                               // a failure writes its own
    e.call("fsconfig", context, FSCONFIG_SET_STRING, option, e.routines.line(), 0);
  }

  private void path(Var file) {
    e.routines.append("/proc/self/fd/");
    e.routines.appendNumber(file);
    e.routines.clearLine();
  }

  /// An upper layer with the mode of the folder below it and, when root calls, its owner.
  private void openMemory(Var below) {
    Buffer statx = a.buffer("statx", 256);
    Var id = a.var("overlay.id");
    Var group = a.var("overlay.group");
    Op.Label ordinary = a.label("overlay.ordinary");
    e.callInto(work, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", work, FSCONFIG_SET_STRING, "mode", "0700", 0);
    e.call("fsconfig", work, FSCONFIG_CMD_CREATE, 0, 0, 0);
    e.callInto(parent, "fsmount", work, FSMOUNT_CLOEXEC, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    close(work);
    e.call("move_mount", parent, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
    e.call("mkdirat", parent, "upper", Value.mode(0700));
    e.call("mkdirat", parent, "work", Value.mode(0700));
    e.call("statx", below, "", AT_EMPTY_PATH, STATX_BASIC_STATS, statx);
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    a.load(id, INT, statx, 20);                                           // stx_uid
    a.load(group, INT, statx, 24);                                        // stx_gid
    e.call("fchownat", parent, "upper", id, group, 0);
    a.place(ordinary);
    a.load(id, INT, statx, 28);                                           // stx_mode
    a.compute(id, id, Op.Operator.AND, Value.mode(07777));
    e.call("fchmodat", parent, "upper", id);
    e.callInto(upper, "openat", parent, "upper", LAYER, 0);
    e.callInto(work, "openat", parent, "work", LAYER, 0);
  }

  /// The parent is looked up once; no link stands in for what lies in it.
  private void openFolder(String folder) {
    int slash = folder.lastIndexOf('/');
    String name = folder.substring(slash + 1);
    String workName = "." + name + ".warder-work";
    Op.Label exists = a.label("overlay.workExists");
    e.callInto(parent, "openat", AT_FDCWD, folder.substring(0, slash + 1), LAYER, 0);
    openBelow(upper, name);
    e.attempt("mkdirat", parent, workName, Value.mode(0700));
    a.jumpIf(e.r, EQ, -Errno.EEXIST.number(), exists);
    e.check();
    a.place(exists);
    openBelow(work, workName);
  }

  private void openBelow(Var to, String name) {
    Value how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(LAYER.value()).putLong(0).putLong(RESOLVE_NO_SYMLINKS.value()).array());
    e.callInto(to, "openat2", parent, name, how, 24);
  }

  private void close(Var... files) {
    for (Var file : files) {
      e.call("close", file);
    }
  }
}
