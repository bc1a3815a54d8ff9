package dev.warder.image;

import static dev.warder.image.Mounts.ATTACH;
import static dev.warder.image.Mounts.relative;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Var;
import java.util.List;

/// The root of the jail: of its own memory, with the system's folders in it, or a folder that the user gave.
final class Root {
  private final Emitter e;
  private final Assembly a;
  private final Sources sources;
  private final Mounts mounts;
  private final Ruleset ruleset;

  // Parameters of the subroutines.
  private final Var path;
  private final Var mode;
  private final Var tree;
  private final Var link;
  private final Op.Label makeFolder;
  private final Op.Label attachFolder;
  private final Op.Label showSystemFolder;
  private final Op.Label makePrivateFolder;

  Root(Emitter e, Sources sources, Mounts mounts, Ruleset ruleset) {
    this.e = e;
    this.a = e.a;
    this.sources = sources;
    this.mounts = mounts;
    this.ruleset = ruleset;
    this.path = e.path;
    this.mode = a.var("mode");
    this.tree = a.var("tree");
    this.link = a.var("link");
    this.makeFolder = a.label("makeFolder");
    this.attachFolder = a.label("attachFolder");
    this.showSystemFolder = a.label("showSystemFolder");
    this.makePrivateFolder = a.label("makePrivateFolder");
  }

  void make() {
    e.callInto(e.root, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", e.root, FSCONFIG_SET_STRING, "mode", "0755", 0);
    mounts.finishMount(e.root, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    e.call("move_mount", e.root, "", AT_FDCWD, "/", ATTACH);
    ruleset.allow(e.root, Ruleset.READ);
  }

  void use(boolean writable) {
    a.set(e.root, sources.takenRoot());
    e.call("move_mount", e.root, "", AT_FDCWD, "/", ATTACH);
    ruleset.allow(e.root, writable ? or(Ruleset.READ, Ruleset.WRITE) : Ruleset.READ);
  }

  /// Those of a row, see [Sources#isInRow].
  void showSystemFolders(List<String> folders) {
    Sources.Row row = sources.row(folders);
    Var slot = a.var("row.slot");
    Var b = a.var("row.byte");
    Op.Label next = a.label("row.show");
    a.set(path, row.paths().plus(1));
    a.set(slot, row.trees());
    a.set(link, row.links());
    a.place(next);
    a.load(tree, LONG, slot, 0);
    a.invoke(showSystemFolder);
    a.add(slot, 8);
    a.add(link, Sources.LINK_BYTES);
    e.routines.next(path);
    a.load(b, BYTE, path, 0);
    a.add(path, 1);
    a.jumpIf(b, NE, 0, next);
  }

  void showSystemFolder(String folder) {
    Op.Label missing = a.label("noParents");
    if (folder.indexOf('/', 1) > 0) {
      a.jumpIf(sources.taken(folder), EQ, Sources.MISSING, missing);
      makeParents(folder);
    }
    a.set(path, a.text(relative(folder)));
    a.set(tree, sources.taken(folder));
    a.set(link, sources.link(folder));
    a.invoke(showSystemFolder);
    a.place(missing);
  }

  /// Folders of the root's own memory, where no link of anybody's can be.
  private void makeParents(String folder) {
    for (int slash = folder.indexOf('/', 1); slash > 0; slash = folder.indexOf('/', slash + 1)) {
      makeFolder(folder.substring(0, slash), 0755);
    }
  }

  void makeFolder(String folder, int mode) {
    a.set(path, a.text(relative(folder)));
    a.set(this.mode, Value.mode(mode));
    a.invoke(makeFolder);
  }

  void makePrivateFolder(String folder, int mode) {
    makeParents(folder);
    a.set(path, a.text(relative(folder)));
    a.set(this.mode, Value.mode(mode));
    a.invoke(makePrivateFolder);
  }

  void coverPrivateFolder(String path, int mode) {
    Var target = a.var("cover.target");
    Op.Label done = a.label("cover.done");
    mounts.reachOptional(target, path, done);
    mounts.newTmpfs(tree, mode, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    e.call("move_mount", tree, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    ruleset.allow(tree, Ruleset.WRITE);
    a.place(done);
  }

  /// The old root is stacked on the new one and let go.
  void pivot() {
    e.call("fchdir", e.root);
    e.call("pivot_root", ".", ".");
    e.call("umount2", ".", MNT_DETACH);
    e.call("chdir", "/");
  }

  /// The subroutines that several steps share.
  void emitSubroutines() {
    Op.Label exists = a.label("folder.exists");
    Op.Label isLink = a.label("show.link");
    Op.Label missing = a.label("show.missing");

    a.place(makeFolder);
    e.attempt("mkdirat", e.root, path, mode);
    a.jumpIf(e.r, EQ, -Errno.EEXIST.number(), exists);
    e.check();
    a.place(exists);
    a.ret();

    a.place(makePrivateFolder);
    a.invoke(makeFolder);
    e.callInto(tree, "open_tree", e.root, path, or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    ruleset.allow(tree, Ruleset.WRITE);
    a.place(attachFolder);
    e.call("move_mount", tree, "", e.root, path, ATTACH);
    a.ret();

    a.place(showSystemFolder);
    a.jumpIf(tree, EQ, Sources.MISSING, missing);
    a.jumpIf(tree, EQ, Sources.LINK, isLink);
    a.set(mode, Value.mode(0755));
    a.invoke(makeFolder);
    a.jump(attachFolder);
    a.place(isLink);
    e.call("symlinkat", link, e.root, path);
    a.place(missing);
    a.ret();
  }
}
