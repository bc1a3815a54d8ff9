package dev.warder.image;

import static dev.warder.image.Mounts.ATTACH;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Var;
import dev.warder.jail.Step;
import java.util.ArrayList;
import java.util.List;

/// The jail's own /proc and /dev.
final class ProcAndDevices {
  private static final String FOLDER = "/dev/";
  private static final Const CLONE = or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC);

  private final Emitter e;
  private final Assembly a;
  private final Sources sources;
  private final Mounts mounts;
  private final Root root;
  private final Ruleset ruleset;
  private final Var fd;
  private final Var proc;
  private final Var dev;

  /// Whether `proc` may be negative: a foreign root without `/proc`.
  private boolean mayLackProc;

  ProcAndDevices(Emitter e, Sources sources, Mounts mounts, Root root, Ruleset ruleset) {
    this.e = e;
    this.a = e.a;
    this.sources = sources;
    this.mounts = mounts;
    this.root = root;
    this.ruleset = ruleset;
    this.fd = a.var("fd");
    this.proc = a.var("proc");
    this.dev = a.var("dev");
  }

  /// It begins read-only, so that what is cloned of it for the guard is so too.
  void mountProc(boolean foreignRoot) {
    Const attributes = or(MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC);
    mayLackProc = foreignRoot;
    if (!foreignRoot) {
      root.makeFolder("/proc", 0555);
      newProc(attributes);
      e.call("move_mount", proc, "", e.root, "proc", ATTACH);
      return;
    }
    Var target = a.var("proc.target");
    Op.Label done = a.label("proc.done");
    a.set(proc, -1);
    mounts.reachOptional(target, "/proc", done);
    newProc(attributes);
    e.call("move_mount", proc, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    a.place(done);
  }

  private void newProc(Const attributes) {
    e.callInto(proc, "fsopen", "proc", FSOPEN_CLOEXEC);
    mounts.finishMount(proc, attributes);
    ruleset.allow(proc, Ruleset.WRITE_FILES);
  }

  /// In the place of what is covered stands what is root's alone anyway: `tty/driver` (0500) and `vmallocinfo` (0400), which
  /// every `/proc` has where there are terminals and an MMU: `fs/proc/proc_tty.c` and `mm/vmalloc.c`, Linux 5.14 to 7.3.
  void maskProc(Step.MaskProc step) {
    Var writable = a.var("mask.writable");
    Op.Label done = a.label("mask.done");
    if (mayLackProc) {
      a.jumpIf(proc, LT, 0, done);
    }
    if (step.writable().isPresent()) {
      e.callInto(writable, "open_tree", proc, step.writable().get(), CLONE);
      loosen(writable);
    }
    var groups = new ArrayList<String>();
    addGroup(groups, "tty/driver", step.folders());
    addGroup(groups, "vmallocinfo", step.files());
    addGroup(groups, step.readOnly(), List.of(step.readOnly()));
    cover(groups);
    if (step.writable().isPresent()) {
      e.call("move_mount", writable, "", proc, step.writable().get(), ATTACH);
    }
    loosen(proc);
    a.place(done);
  }

  private static void addGroup(List<String> groups, String cover, List<String> names) {
    groups.add(cover);
    groups.addAll(names);
    groups.add("");
  }

  /// @param groups of each what covers, the names of what it covers, and an empty one
  private void cover(List<String> groups) {
    Var at = a.var("mask.at");
    Var b = a.var("mask.byte");
    Var cover = a.var("mask.cover");
    Op.Label group = a.label("mask.group");
    Op.Label next = a.label("mask.next");
    Op.Label skip = a.label("mask.skip");
    a.set(at, a.paths(groups));
    a.place(group);
    a.set(cover, at);
    a.jump(skip);
    a.place(next);
    e.attempt("faccessat", proc, at, 0);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), skip);        // any other error comes again with move_mount
    e.call("open_tree", proc, cover, CLONE);
    e.call("move_mount", e.r, "", proc, at, ATTACH);
    a.place(skip);
    e.routines.next(at);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, NE, 0, next);
    a.add(at, 1);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, NE, 0, group);
  }

  /// Makes a mount writable.
  private void loosen(Var mount) {
    e.call("mount_setattr", mount, "", AT_EMPTY_PATH, sources.attributes(Value.of(0), MOUNT_ATTR_RDONLY, Value.of(0)), 32);
  }

  /// Whatever exists of these, whether the program's user could open it or not.
  void guardProc(List<String> covered, List<String> readOnly) {
    Var target = a.var("mask.target");
    Op.Label done = a.label("mask.done");
    if (mayLackProc) {
      a.jumpIf(proc, LT, 0, done);
    }
    Loop covers = begin(covered);
    e.attempt("openat", proc, covers.name(), or(O_PATH, O_CLOEXEC), 0);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), covers.skip());
    e.check();
    a.set(target, e.r);
    mounts.cover(target, mounts.isFolder(target));
    e.call("close", target);
    end(covers);
    Loop seals = begin(readOnly);
    e.attempt("open_tree", proc, seals.name(), CLONE);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), seals.skip());
    e.check();
    a.set(target, e.r);
    e.call("move_mount", target, "", proc, seals.name(), ATTACH);
    e.call("close", target);
    end(seals);
    loosen(proc);
    a.place(done);
  }

  /// Over names right below `/proc`, which follow each other in the data.
  private record Loop(Var name, Op.Label next, Op.Label skip, Op.Label done) {}

  private Loop begin(List<String> names) {
    var loop = new Loop(a.var("mask.at"), a.label("mask.next"), a.label("mask.skip"), a.label("mask.done"));
    Var b = a.var("mask.byte");
    a.set(loop.name(), a.paths(names));
    a.place(loop.next());
    a.load(b, BYTE, loop.name(), 0);
    a.jumpIf(b, EQ, 0, loop.done());
    return loop;
  }

  private void end(Loop loop) {
    a.place(loop.skip());
    e.routines.next(loop.name());
    a.jump(loop.next());
    a.place(loop.done());
  }

  void makeDevices(List<String> devices, boolean foreignRoot) {
    Op.Label done = a.label("dev.done");
    if (foreignRoot) {
      Var target = a.var("dev.target");
      mounts.reachOptional(target, "/dev", done);
      mounts.newTmpfs(dev, 0755, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
      e.call("move_mount", dev, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else {
      root.makeFolder("/dev", 0755);
      e.callInto(dev, "openat", e.root, "dev", or(O_PATH, O_CLOEXEC), 0);
    }
    ruleset.allow(dev, Ruleset.WRITE_FILES);
    showDevices(devices);
    // Else what is mounted on a device is mounted on the host's as well, where that host shares its mounts.
    e.call("mount_setattr", e.root, "", or(AT_EMPTY_PATH, AT_RECURSIVE), sources.attributes(Value.of(0), MS_PRIVATE), 32);
    e.call("symlinkat", "/proc/self/fd", dev, "fd");
    e.call("symlinkat", "/proc/self/fd/0", dev, "stdin");
    e.call("symlinkat", "/proc/self/fd/1", dev, "stdout");
    e.call("symlinkat", "/proc/self/fd/2", dev, "stderr");
    e.call("symlinkat", "pts/ptmx", dev, "ptmx");
    e.call("mkdirat", dev, "pts", Value.mode(0755));
    e.callInto(fd, "fsopen", "devpts", FSOPEN_CLOEXEC);
    e.call("fsconfig", fd, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0);
    e.call("fsconfig", fd, FSCONFIG_SET_STRING, "mode", "0620", 0);
    mounts.finishMount(fd, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOEXEC));
    e.call("move_mount", fd, "", dev, "pts", ATTACH);
    e.call("mkdirat", dev, "shm", Value.mode(01777));
    if (foreignRoot) {
      mounts.newTmpfs(fd, 01777, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    } else {
      e.callInto(fd, "open_tree", dev, "shm", CLONE);
    }
    e.call("move_mount", fd, "", dev, "shm", ATTACH);
    ruleset.allow(fd, Ruleset.WRITE);
    if (foreignRoot) {
      mounts.seal(dev);
    }
    a.place(done);
  }

  private void showDevices(List<String> devices) {
    var paths = new ArrayList<String>();
    for (String device : devices) {
      paths.add(FOLDER + device);
    }
    Sources.Row row = sources.row(paths);
    Var path = a.var("device.path");
    Var tree = a.var("device.tree");
    Var slot = a.var("row.slot");
    Var b = a.var("row.byte");
    Op.Label next = a.label("device.next");
    Op.Label missing = a.label("device.missing");
    a.set(path, row.paths().plus(FOLDER.length()));
    a.set(slot, row.trees());
    a.place(next);
    a.load(tree, LONG, slot, 0);
    a.jumpIf(tree, EQ, Sources.MISSING, missing);
    e.call("mknodat", dev, path, S_IFREG, 0);
    e.call("move_mount", tree, "", dev, path, ATTACH);
    a.place(missing);
    a.add(slot, 8);
    e.routines.next(path);
    a.load(b, BYTE, path, 0);
    a.add(path, FOLDER.length());
    a.jumpIf(b, NE, 0, next);
  }
}
