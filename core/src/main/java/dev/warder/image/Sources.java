package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.FileSystem;
import dev.warder.jail.Identity;
import dev.warder.jail.Mount;
import dev.warder.jail.Planner;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Takes what the jail shows of the host, each path looked up once, as mounts that are attached nowhere yet.
///
/// It is a subroutine, since root takes the sources outside and an ordinary caller inside.
final class Sources {
  /// In place of a file descriptor: the host has no such folder.
  static final int MISSING = -1;

  /// In place of a file descriptor: the host has a link, kept in [#link].
  static final int LINK = -2;

  static final int LINK_BYTES = 128;
  private static final Const CLONE = or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_RECURSIVE);

  private final Emitter e;
  private final Assembly a;
  private final Identity program;
  private final Op.Label takeAll;

  // Parameters and result of the subroutines.
  private final Var path;
  private final Var link;
  private final Var attributes;
  private final Var tree;
  private final Op.Label takeSystemFolder;
  private final Op.Label takeDevice;
  private final Op.Label takeTree;
  private final Op.Label protect;

  /// @param program whom the program runs as when root calls
  Sources(Emitter e, Identity program) {
    this.e = e;
    this.a = e.a;
    this.program = program;
    this.takeAll = a.label("takeAll");
    this.path = e.path;
    this.link = a.var("link");
    this.attributes = a.var("attributes");
    this.tree = a.var("tree");
    this.takeSystemFolder = a.label("takeSystemFolder");
    this.takeDevice = a.label("takeDevice");
    this.takeTree = a.label("takeTree");
    this.protect = a.label("protect");
  }

  /// Sources that one loop takes: their paths and file descriptors follow each other, and so do the texts of links.
  ///
  /// @param paths each with a NUL behind it, then one NUL more
  /// @param trees eight bytes each: a file descriptor, [#MISSING] or [#LINK]
  /// @param links [#LINK_BYTES] each
  record Row(Data paths, Buffer trees, Buffer links) {}

  /// The row of these sources, the same whoever asks.
  Row row(List<String> paths) {
    String names = String.join("\0", paths) + "\0";
    return new Row(a.paths(paths), a.buffer("trees of " + names, 8 * paths.size()),
        a.buffer("links of " + names, LINK_BYTES * paths.size()));
  }

  /// Whether a folder of the system is one of a row: if its parent is the root itself.
  static boolean isInRow(String folder) {
    return folder.lastIndexOf('/') == 0;
  }

  /// What was taken: a file descriptor, [#MISSING] or [#LINK].
  Var taken(String what) {
    return a.var("tree of " + what);
  }

  Var taken(Mount mount) {
    return taken("mount " + mount.target());
  }

  Var takenRoot() {
    return taken("the root");
  }

  Var takenFolder() {
    return taken("the current folder");
  }

  /// The text of a link, with a NUL behind it.
  Buffer link(String path) {
    return a.buffer("link " + path, LINK_BYTES);
  }

  /// Takes all sources here, if root calls or if an ordinary caller does.
  void take(boolean ifRootCalls) {
    Op.Label elsewhere = a.label("sources.elsewhere");
    a.jumpIf(e.isRoot, ifRootCalls ? EQ : NE, 0, elsewhere);
    a.invoke(takeAll);
    a.place(elsewhere);
  }

  void emit(List<Step> steps) {
    a.place(takeAll);
    a.note("take what the jail shows of the host (the launcher when root calls, else process 1 after its id maps)");
    e.failure.forget();
    var folders = new ArrayList<String>();
    var devices = new ArrayList<String>();
    for (Step step : steps) {
      if (step instanceof Step.TakeSystemFolder(String folder) && isInRow(folder)) {
        begin(step);
        folders.add(folder);
        continue;
      } else if (step instanceof Step.TakeDevice(String device)) {
        begin(step);
        devices.add(device);
        continue;
      }
      takeRow(folders, takeSystemFolder);
      takeRow(devices, takeDevice);
      begin(step);
      if (step instanceof Step.TakeSystemFolder(String folder)) {
        a.set(link, link(folder));
        take(takeSystemFolder, folder, taken(folder));
      } else if (step instanceof Step.TakeCurrentFolder) {
        currentFolder();
      } else if (step instanceof Step.TakeRoot(String folder, FileSystem.RootMode mode)) {
        root(folder, mode);
      } else if (step instanceof Step.TakeOverlay(Mount.Overlay overlay)) {
        new Overlays(e).take(taken(overlay), overlay.lower(), overlay.changes());
      } else if (step instanceof Step.TakeSource(Mount.Bind bind)) {
        bind(bind);
      } else {
        throw new IllegalArgumentException("not a source: " + step);
      }
    }
    takeRow(folders, takeSystemFolder);
    takeRow(devices, takeDevice);
    a.ret();
    emitTakeSystemFolder();
    emitTakeDevice();
    emitTakeTree();
  }

  private void begin(Step step) {
    if (step instanceof Step.TakeSystemFolder || step instanceof Step.TakeDevice) {
      e.begin(step, "take ");
    } else {
      e.begin(step);
    }
  }

  private void take(Op.Label subroutine, String source, Var to) {
    a.set(path, a.text(source));
    a.invoke(subroutine);
    a.set(to, tree);
  }

  private void takeRow(List<String> sources, Op.Label subroutine) {
    if (sources.isEmpty()) {
      return;
    }
    Row row = row(sources);
    Var slot = a.var("row.slot");
    Var b = a.var("row.byte");
    Op.Label next = a.label("row.take");
    a.set(path, row.paths());
    a.set(slot, row.trees());
    a.set(link, row.links());
    a.place(next);
    a.invoke(subroutine);
    a.store(LONG, slot, 0, tree);
    a.add(slot, 8);
    a.add(link, LINK_BYTES);
    e.routines.next(path);
    a.load(b, BYTE, path, 0);
    a.jumpIf(b, NE, 0, next);
    sources.clear();
  }

  private void root(String folder, FileSystem.RootMode mode) {
    if (mode == FileSystem.RootMode.VOLATILE) {
      new Overlays(e).take(takenRoot(), List.of(folder), new Mount.Changes.InMemory());
      for (String covered : Planner.COVERED) {
        Op.Label there = a.label("volatile.there " + covered);
        e.attempt("mkdirat", takenRoot(), covered.substring(1), Value.mode(0755));
        for (Errno errno : Mounts.NOT_TO_BE_MADE) {
          a.jumpIf(e.r, EQ, -errno.number(), there);
        }
        e.check();
        a.place(there);
      }
      return;
    }
    if (mode == FileSystem.RootMode.USR_ALONE) {
      var usr = new UsrTree(e);
      usr.find(folder, tree);
      a.set(attributes, attributes(true, false));
      a.invoke(protect);
      a.set(takenRoot(), tree);
      return;
    }
    a.set(attributes, attributes(mode == FileSystem.RootMode.READ_ONLY, false));
    take(takeTree, folder, takenRoot());
  }

  private void bind(Mount.Bind bind) {
    Var to = taken(bind);
    a.set(attributes, attributes(bind.readOnly(), bind.noExec()));
    if (bind.recursive()) {
      take(takeTree, bind.source(), to);
    } else {
      e.callInto(tree, "open_tree", AT_FDCWD, bind.source(), or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
      a.invoke(protect);
      a.set(to, tree);
    }
    if (bind.idMapped()) {
      new IdMapping(e, program).apply(to);
    }
  }

  private void currentFolder() {
    Op.Label skip = a.label("folder.notTaken");
    a.jumpIf(e.folderState, NE, Caller.FOLDER_MOUNTED, skip);
    e.callInto(tree, "open_tree", AT_FDCWD, "", or(CLONE, AT_EMPTY_PATH));
    a.set(attributes, attributes(true, false));
    a.invoke(protect);
    a.set(takenFolder(), tree);
    a.place(skip);
  }

  private void emitTakeSystemFolder() {
    Op.Label notALink = a.label("notALink");
    Op.Label exists = a.label("exists");
    Op.Label whole = a.label("whole");
    a.place(takeSystemFolder);
    e.attempt("readlinkat", AT_FDCWD, path, link, LINK_BYTES - 1);
    a.jumpIf(e.r, EQ, -Errno.EINVAL.number(), notALink);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), exists);
    a.set(tree, MISSING);
    a.ret();
    a.place(exists);
    e.check();
    a.jumpIf(e.r, LT, LINK_BYTES - 1, whole);
    e.giveUp(Errno.ENAMETOOLONG);
    a.place(whole);
    a.store(BYTE, link, e.r, Value.of(0));
    a.set(tree, LINK);
    a.ret();
    a.place(notALink);
    e.callInto(tree, "open_tree", AT_FDCWD, path, or(CLONE, AT_SYMLINK_NOFOLLOW));
    a.set(attributes, attributes(true, false));
    a.jump(protect);
  }

  private void emitTakeDevice() {
    Op.Label done = a.label("device.done");
    a.place(takeDevice);
    e.attempt("open_tree", AT_FDCWD, path, or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_SYMLINK_NOFOLLOW));
    a.set(tree, e.r);
    a.jumpIf(tree, GE, 0, done);
    a.set(tree, MISSING);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
    a.place(done);
    a.ret();
  }

  private void emitTakeTree() {
    a.place(takeTree);
    e.callInto(tree, "open_tree", AT_FDCWD, path, CLONE);
    a.place(protect);
    e.call("mount_setattr", tree, "", or(AT_EMPTY_PATH, AT_RECURSIVE), attributes, 32);
    a.ret();
  }

  /// No set-user-ID, no devices, no mounts that come and go with the host's.
  private Data attributes(boolean readOnly, boolean noExec) {
    Const set = or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV);
    if (readOnly) {
      set = or(set, MOUNT_ATTR_RDONLY);
    }
    if (noExec) {
      set = or(set, MOUNT_ATTR_NOEXEC);
    }
    return attributes(set, MS_PRIVATE);
  }

  Data attributes(Const set, Const propagation) {
    return attributes(set, Value.of(0), propagation);
  }

  /// `struct mount_attr`: set, clear, propagation, user namespace.
  Data attributes(Const set, Const clear, Const propagation) {
    return a.bytes(ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(set.value()).putLong(clear.value()).putLong(propagation.value()).putLong(0).array());
  }
}
