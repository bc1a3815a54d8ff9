package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.ClockOffsets;
import dev.warder.jail.Identity;
import dev.warder.jail.Limit;
import dev.warder.jail.Mount;
import dev.warder.jail.Plan;
import dev.warder.jail.Privileges;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What process 1 of the jail does before it starts the program: one method a step.
final class Inside {
  private static final Const ATTACH = MOVE_MOUNT_F_EMPTY_PATH;

  /// What says that a foreign root lacks a folder and will lack it.
  private static final List<Errno> NOT_TO_BE_MADE = List.of(Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.EEXIST);
  /// Where capabilities are kept: user id 0 means nothing to execve(2), and a change of user sheds them as usual.
  private static final Const SECURE_BITS = or(SECBIT_NOROOT, SECBIT_NOROOT_LOCKED, SECBIT_NO_SETUID_FIXUP_LOCKED);

  /// Where none is kept: nothing that user ids or the ambient set mean for capabilities ever comes back.
  private static final Const ALL_SECURE_BITS = or(SECURE_BITS, SECBIT_NO_SETUID_FIXUP, SECBIT_KEEP_CAPS_LOCKED,
      SECBIT_NO_CAP_AMBIENT_RAISE, SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Sources sources;
  private final Groups groups;
  private final Terminal terminal;
  private final Var fd;
  private final Var proc;
  private final Var self;

  // Parameters of the subroutines.
  private final Var path;
  private final Var mode;
  private final Var tree;
  private final Var link;
  private final Op.Label makeFolder;
  private final Op.Label attachFolder;
  private final Op.Label showSystemFolder;
  private final Op.Label makePrivateFolder;
  private final Op.Label showDevice;

  Inside(Emitter e, Plan plan, Sources sources, Groups groups, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.sources = sources;
    this.groups = groups;
    this.terminal = terminal;
    this.fd = a.var("fd");
    this.proc = a.var("proc");
    this.self = a.var("self.folder");
    this.path = e.path;
    this.mode = a.var("mode");
    this.tree = a.var("tree");
    this.link = a.var("link");
    this.makeFolder = a.label("makeFolder");
    this.attachFolder = a.label("attachFolder");
    this.showSystemFolder = a.label("showSystemFolder");
    this.makePrivateFolder = a.label("makePrivateFolder");
    this.showDevice = a.label("showDevice");
  }

  void emit() {
    for (Step step : plan.inside()) {
      if (step instanceof Step.ShowSystemFolder) {
        e.begin(step, "show /");
      } else {
        e.begin(step);
      }
      if (step instanceof Step.JoinGroup) {
        groups.join();
      } else if (step instanceof Step.MapIds) {
        mapIds();
      } else if (step instanceof Step.OffsetClocks(ClockOffsets offsets)) {
        offsetClocks(offsets);
      } else if (step instanceof Step.ForgetRoot) {
        e.forgetRoot();
        e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
      } else if (step instanceof Step.TakeSources(boolean ifRootCalls)) {
        sources.take(ifRootCalls);
      } else if (step instanceof Step.BecomeMapped(Privileges privileges)) {
        becomeMapped(privileges);
      } else if (step instanceof Step.RaiseLoopback) {
        raiseLoopback();
      } else if (step instanceof Step.SetHostname(String hostname)) {
        e.call("sethostname", hostname, Emitter.terminated(hostname).length - 1);
      } else if (step instanceof Step.MakeData(List<Mount.Data> files)) {
        new DataFiles(e, sources).make(files);
      } else if (step instanceof Step.MakeRoot) {
        makeRoot();
      } else if (step instanceof Step.UseRoot) {
        useRoot();
      } else if (step instanceof Step.ShowSystemFolder(String path)) {
        showSystemFolder(path);
      } else if (step instanceof Step.MakePrivateFolder(String path, int mode)) {
        makePrivateFolder(path, mode);
      } else if (step instanceof Step.CoverPrivateFolder(String path, int mode)) {
        coverPrivateFolder(path, mode);
      } else if (step instanceof Step.MountProc(boolean foreignRoot)) {
        mountProc(foreignRoot);
      } else if (step instanceof Step.MaskProc(List<String> names)) {
        maskProc(names);
      } else if (step instanceof Step.MakeDevices(List<String> devices, boolean foreignRoot)) {
        makeDevices(devices, foreignRoot);
      } else if (step instanceof Step.MakeTerminal) {
        terminal.make(a.var("dev"));
      } else if (step instanceof Step.ShowCurrentFolder) {
        showCurrentFolder();
      } else if (step instanceof Step.Attach(Mount mount)) {
        attach(mount);
      } else if (step instanceof Step.PivotRoot) {
        pivotRoot();
      } else if (step instanceof Step.LockMounts(boolean hostNetwork)) {
        lockMounts(hostNetwork);
      } else if (step instanceof Step.SealRoot) {
        seal(e.root);
      } else if (step instanceof Step.EnterFolder(var path)) {
        enterFolder(path.orElse(null));
      } else if (step instanceof Step.SetLimit(Limit limit)) {
        e.call("prlimit64", 0, limit.resource().ordinal(), pair(limit), 0);
      } else if (step instanceof Step.LimitCapabilities(Set<Capability> kept)) {
        limitCapabilities(kept);
      } else if (step instanceof Step.LeaveSession) {
        e.call("setsid");
      } else if (step instanceof Step.DieWithLauncher) {
        dieWithLauncher();
      } else if (step instanceof Step.CloseFiles(List<Integer> kept)) {
        closeFilesBut(kept);
      } else if (step instanceof Step.JoinKeyring) {
        e.call("keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0);
      } else if (step instanceof Step.CutOffSockets(boolean required)) {
        new AbstractSockets(e).cutOff(required);
      } else if (step instanceof Step.ForbidNewPrivileges) {
        e.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      } else {
        throw new IllegalArgumentException("not a step of process 1: " + step);
      }
    }
  }

  /// The own ids, one to one. An ordinary caller's process is dumpable until then, else its own `/proc/self` would be
  /// closed to it.
  private void mapIds() {
    Op.Label mapped = a.label("ids.mapped");
    if (new IdMaps(e, plan.privileges()).await(mapped)) {
      a.place(mapped);
      return;
    }
    e.writeFile("/proc/self/setgroups", "deny");
    map(AT_FDCWD, "/proc/self/uid_map", e.uid);
    map(AT_FDCWD, "/proc/self/gid_map", e.gid);
    a.place(mapped);
  }

  private void becomeMapped(Privileges privileges) {
    Op.Label done = a.label("mapped.done");
    Identity identity = privileges.identity().get();
    a.jumpIf(e.isRoot, NE, 0, done);
    if (privileges.replacesGroups()) {
      e.call("setgroups", identity.groups().size(), e.ids(identity.groups()));
    }
    a.set(e.uid, identity.uid());
    a.set(e.gid, identity.gid());
    e.call("setresgid", e.gid, e.gid, e.gid);
    e.call("setresuid", e.uid, e.uid, e.uid);
    a.place(done);
  }

  private void offsetClocks(ClockOffsets offsets) {
    e.call("unshare", CLONE_NEWTIME);
    e.writeFile("/proc/self/timens_offsets",
        line(CLOCK_MONOTONIC, offsets.monotonic()) + line(CLOCK_BOOTTIME, offsets.boottime()));
  }

  private static String line(Const clock, Duration offset) {
    return clock.value() + " " + offset.getSeconds() + " " + offset.getNano() + "\n";
  }

  private void map(Value folder, String file, Var id) {
    e.routines.clearLine();
    e.routines.appendNumber(id);
    e.routines.append(" ");
    e.routines.appendNumber(id);
    e.routines.append(" 1");
    e.writeFile(folder, a.text(file), e.routines.line(), e.routines.lineBytes());
    e.routines.clearLine();
  }

  private void raiseLoopback() {
    byte[] request = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 'l').put((byte) 'o').putShort(16, (short) 0x41).array();           // struct ifreq: IFF_UP|IFF_RUNNING
    e.callInto(fd, "socket", AF_INET, or(SOCK_DGRAM, SOCK_CLOEXEC), 0);
    e.call("ioctl", fd, SIOCSIFFLAGS, a.bytes(request));
    e.call("close", fd);
  }

  private void makeRoot() {
    e.callInto(e.root, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", e.root, FSCONFIG_SET_STRING, "mode", "0755", 0);
    finishMount(e.root, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    e.call("move_mount", e.root, "", AT_FDCWD, "/", ATTACH);
  }

  private void useRoot() {
    a.set(e.root, sources.takenRoot());
    e.call("move_mount", e.root, "", AT_FDCWD, "/", ATTACH);
  }

  /// Creates the file system that `context` describes and replaces it by the mount.
  private void finishMount(Var context, Const attributes) {
    e.call("fsconfig", context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    e.callInto(context, "fsmount", context, FSMOUNT_CLOEXEC, attributes);
  }

  private void showSystemFolder(String folder) {
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

  private static String relative(String path) {
    return path.substring(1);
  }

  /// Folders of the root's own memory, where no link of anybody's can be.
  private void makeParents(String folder) {
    for (int slash = folder.indexOf('/', 1); slash > 0; slash = folder.indexOf('/', slash + 1)) {
      makeFolder(folder.substring(0, slash), 0755);
    }
  }

  private void makeFolder(String folder, int mode) {
    a.set(path, a.text(relative(folder)));
    a.set(this.mode, Value.mode(mode));
    a.invoke(makeFolder);
  }

  private void makePrivateFolder(String folder, int mode) {
    makeParents(folder);
    a.set(path, a.text(relative(folder)));
    a.set(this.mode, Value.mode(mode));
    a.invoke(makePrivateFolder);
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

    Op.Label noDevice = a.label("device.missing");
    a.place(showDevice);
    a.jumpIf(tree, EQ, Sources.MISSING, noDevice);
    e.call("mknodat", a.var("dev"), path, S_IFREG, 0);
    e.call("move_mount", tree, "", a.var("dev"), path, ATTACH);
    a.place(noDevice);
    a.ret();
  }

  private void coverPrivateFolder(String path, int mode) {
    Var target = a.var("cover.target");
    Op.Label done = a.label("cover.done");
    reachOptional(target, path, done);
    newTmpfs(fd, mode, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    e.call("move_mount", fd, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    a.place(done);
  }

  private void newTmpfs(Var to, int mode, Const attributes) {
    e.callInto(to, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
    e.call("fsconfig", to, FSCONFIG_SET_STRING, "mode", Integer.toOctalString(mode), 0);
    finishMount(to, attributes);
  }

  /// Opens a folder right below a foreign root, making it if need be; skips where there is none and the program's user may
  /// make none, or where a link leads nowhere.
  private void reachOptional(Var target, String path, Op.Label skip) {
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
  private void open(Var from, String path) {
    Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(or(O_PATH, O_CLOEXEC).value()).putLong(0)
        .putLong(or(RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS).value()).array());
    Op.Label again = a.label("open.again");
    a.place(again);
    e.attempt("openat2", from, path, how, 24);
    a.jumpIf(e.r, EQ, -Errno.EAGAIN.number(), again);       // something was renamed or mounted meanwhile, anywhere
  }

  private void mountProc(boolean foreignRoot) {
    Const attributes = or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC);
    if (!foreignRoot) {
      makeFolder("/proc", 0555);
      newProc(attributes);
      e.call("move_mount", proc, "", e.root, "proc", ATTACH);
      return;
    }
    Var target = a.var("proc.target");
    Op.Label done = a.label("proc.done");
    a.set(proc, -1);
    reachOptional(target, "/proc", done);
    newProc(attributes);
    e.call("move_mount", proc, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    a.place(done);
  }

  private void newProc(Const attributes) {
    e.callInto(proc, "fsopen", "proc", FSOPEN_CLOEXEC);
    finishMount(proc, attributes);
  }

  /// What the program's user cannot open anyway is left alone. The names follow each other in the data.
  private void maskProc(List<String> names) {
    Var at = a.var("mask.at");
    Var b = a.var("mask.byte");
    Var target = a.var("mask.target");
    Op.Label next = a.label("mask.next");
    Op.Label skip = a.label("mask.skip");
    Op.Label done = a.label("mask.done");
    a.jumpIf(proc, LT, 0, done);                            // a foreign root without /proc
    a.set(at, a.packed(Emitter.terminated(String.join("\0", names) + "\0")));
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, done);
    e.attempt("openat", proc, at, or(O_RDONLY, O_CLOEXEC), 0);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), skip);
    a.jumpIf(e.r, EQ, -Errno.EACCES.number(), skip);
    e.check();
    a.set(target, e.r);
    cover(target, isFolder(target));
    e.call("close", target);
    a.place(skip);
    a.set(e.routines.text, at);
    a.invoke(e.routines.end);
    a.compute(at, e.routines.text, ADD, Value.of(1));
    a.jump(next);
    a.place(done);
  }

  private void makeDevices(List<String> devices, boolean foreignRoot) {
    Var dev = a.var("dev");
    Op.Label done = a.label("dev.done");
    if (foreignRoot) {
      Var target = a.var("dev.target");
      reachOptional(target, "/dev", done);
      newTmpfs(dev, 0755, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
      e.call("move_mount", dev, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else {
      makeFolder("/dev", 0755);
      e.callInto(dev, "openat", e.root, "dev", or(O_PATH, O_CLOEXEC), 0);
    }
    for (String device : devices) {
      a.set(path, a.text(device));
      a.set(tree, sources.taken("/dev/" + device));
      a.invoke(showDevice);
    }
    e.call("symlinkat", "/proc/self/fd", dev, "fd");
    e.call("symlinkat", "/proc/self/fd/0", dev, "stdin");
    e.call("symlinkat", "/proc/self/fd/1", dev, "stdout");
    e.call("symlinkat", "/proc/self/fd/2", dev, "stderr");
    e.call("symlinkat", "pts/ptmx", dev, "ptmx");
    e.call("mkdirat", dev, "pts", Value.mode(0755));
    e.callInto(fd, "fsopen", "devpts", FSOPEN_CLOEXEC);
    e.call("fsconfig", fd, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0);
    e.call("fsconfig", fd, FSCONFIG_SET_STRING, "mode", "0620", 0);
    finishMount(fd, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOEXEC));
    e.call("move_mount", fd, "", dev, "pts", ATTACH);
    e.call("mkdirat", dev, "shm", Value.mode(01777));
    if (foreignRoot) {
      newTmpfs(fd, 01777, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
    } else {
      e.callInto(fd, "open_tree", dev, "shm", or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    }
    e.call("move_mount", fd, "", dev, "shm", ATTACH);
    if (foreignRoot) {
      seal(dev);
    }
    a.place(done);
  }

  private void seal(Var mount) {
    e.call("mount_setattr", mount, "", AT_EMPTY_PATH, sources.attributes(MOUNT_ATTR_RDONLY, Value.of(0)), 32);
  }

  /// Makes the parents one by one, then attaches. All of them lie in the root's own memory or a private folder.
  private void showCurrentFolder() {
    Var at = a.var("parents.at");
    Var b = a.var("parents.byte");
    Var path = a.var("parents.path");
    Op.Label skip = a.label("folder.skip");
    Op.Label next = a.label("parents.next");
    Op.Label make = a.label("parents.make");
    Op.Label exists = a.label("parents.exists");
    a.jumpIf(e.folderState, NE, Caller.FOLDER_MOUNTED, skip);
    a.compute(path, e.folder, ADD, Value.of(1));
    a.set(at, path);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, '/', make);
    a.jumpIf(b, EQ, 0, make);
    a.add(at, 1);
    a.jump(next);
    a.place(make);
    a.store(BYTE, at, 0, Value.of(0));
    e.attempt("mkdirat", e.root, path, Value.mode(0755));
    a.store(BYTE, at, 0, b);
    a.add(at, 1);
    a.jumpIf(e.r, EQ, -Errno.EEXIST.number(), exists);
    e.check();
    a.place(exists);
    a.jumpIf(b, NE, 0, next);
    e.call("move_mount", sources.takenFolder(), "", e.root, path, ATTACH);
    a.place(skip);
  }

  private void attach(Mount mount) {
    Var target = a.var("mount.target");
    if (mount instanceof Mount.Bind bind) {
      Var tree = sources.taken(bind);
      Var isFolder = isFolder(tree);
      reach(target, bind.target(), isFolder);
      e.call("move_mount", tree, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else if (mount instanceof Mount.Tmpfs(String path, List<String> options)) {
      Var isFolder = a.var("isFolder");
      a.set(isFolder, 1);
      reach(target, path, isFolder);
      e.callInto(fd, "fsopen", "tmpfs", FSOPEN_CLOEXEC);
      for (String option : options) {
        int equals = option.indexOf('=');
        e.call("fsconfig", fd, FSCONFIG_SET_STRING, option.substring(0, equals), option.substring(equals + 1), 0);
      }
      finishMount(fd, or(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV));
      e.call("move_mount", fd, "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else if (mount instanceof Mount.Data data) {
      Var isFolder = a.var("isFolder");
      a.set(isFolder, 0);
      reach(target, data.target(), isFolder);
      e.call("move_mount", sources.taken(data), "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else if (mount instanceof Mount.Overlay overlay) {
      Var isFolder = a.var("isFolder");
      a.set(isFolder, 1);
      reach(target, overlay.target(), isFolder);
      e.call("move_mount", sources.taken(overlay), "", target, "", or(ATTACH, MOVE_MOUNT_T_EMPTY_PATH));
    } else if (mount instanceof Mount.Inaccessible(String path)) {
      open(e.root, relative(path));
      e.check();
      a.set(target, e.r);
      cover(target, isFolder(target));
    } else {
      throw new AssertionError(mount);
    }
    e.call("close", target);
  }

  /// Whether the open file is a folder, 1 or 0.
  private Var isFolder(Var file) {
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

  /// Opens a path below the new root, making what is missing: folders, and for the last part a file where a file is to be
  /// mounted. Each part is resolved within the root, so that no link of the root leads out of it.
  private void reach(Var target, String path, Var isFolder) {
    Var parent = a.var("reach.parent");
    a.set(target, e.root);
    for (int start = 1; start > 0; ) {
      int slash = path.indexOf('/', start);
      String upToHere = path.substring(1, slash < 0 ? path.length() : slash);
      String name = path.substring(start, slash < 0 ? path.length() : slash);
      a.set(parent, target);
      Op.Label have = a.label("reach.have");
      open(e.root, upToHere);
      a.jumpIf(e.r, GE, 0, have);
      Op.Label absent = a.label("reach.absent");
      a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), absent);
      e.check();
      a.place(absent);
      Op.Label made = a.label("reach.made");
      if (slash < 0) {
        Op.Label folder = a.label("reach.folder");
        a.jumpIf(isFolder, NE, 0, folder);
        e.call("mknodat", parent, name, or(S_IFREG, Value.mode(0644)), 0);
        a.jump(made);
        a.place(folder);
      }
      e.call("mkdirat", parent, name, Value.mode(0755));
      a.place(made);
      open(e.root, upToHere);
      e.check();
      a.place(have);
      a.set(target, e.r);
      start = slash < 0 ? 0 : slash + 1;
    }
  }

  /// Mounts an empty folder without any permission, or on a file a device on a mount where no device may be opened. The
  /// device is the host's: nothing of a foreign root, which its owner may change meanwhile, is looked up.
  private void cover(Var target, Var isFolder) {
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

  /// The old root is stacked on the new one and let go.
  private void pivotRoot() {
    if (locksMounts()) {
      e.callInto(self, "openat", AT_FDCWD, "/proc/self", or(O_PATH, O_CLOEXEC), 0);     // the new root may have no /proc
    }
    e.call("fchdir", e.root);
    e.call("pivot_root", ".", ".");
    e.call("umount2", ".", MNT_DETACH);
    e.call("chdir", "/");
  }

  private boolean locksMounts() {
    for (Step step : plan.inside()) {
      if (step instanceof Step.LockMounts) {
        return true;
      }
    }
    return false;
  }

  /// Mounts copied to a less privileged mount namespace are locked together, their flags too: mount_namespaces(7). Groups
  /// stay denied. The map files belong to the process only as long as it is dumpable; it has no capability outside.
  private void lockMounts(boolean hostNetwork) {
    Const namespaces = or(CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP);
    e.call("unshare", hostNetwork ? namespaces : or(namespaces, CLONE_NEWNET));
    e.call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0);
    map(self, "uid_map", e.uid);
    map(self, "gid_map", e.gid);
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
  }

  private void enterFolder(String path) {
    if (path != null) {
      Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
          .putLong(or(O_PATH, O_CLOEXEC).value()).putLong(0).putLong(RESOLVE_NO_MAGICLINKS.value()).array());
      e.callInto(fd, "openat2", AT_FDCWD, path, how, 24);
      e.call("fchdir", fd);
      return;
    }
    if (plan.shownFolders().isEmpty()) {
      return;
    }
    Op.Label elsewhere = a.label("folder.elsewhere");
    Op.Label done = a.label("folder.entered");
    a.jumpIf(e.folderState, EQ, Caller.FOLDER_HIDDEN, elsewhere);
    e.attempt("chdir", e.folder);
    a.jumpIf(e.r, GE, 0, done);
    a.jumpIf(e.r, EQ, -Errno.EACCES.number(), elsewhere);
    a.jumpIf(e.r, EQ, -Errno.ENOTDIR.number(), elsewhere);            // covered by a mount of the user's
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
    a.place(elsewhere);
    hideControlCharacters(e.folder);
    e.routines.append("warder: the current folder ");
    e.routines.append(e.folder);
    e.routines.append(" is not shown in the jail, the program starts in " + plan.home()
        + "; to show a folder: --bind-ro FOLDER --chdir FOLDER\n");
    e.routines.flush();
    e.call("chdir", plan.home());
    a.place(done);
  }

  /// Puts a question mark for what a terminal may take for a command, a control character; those of two bytes in UTF-8,
  /// U+0080 to U+009F, become letters.
  private void hideControlCharacters(Value text) {
    Var at = a.var("control.at");
    Var b = a.var("control.byte");
    Op.Label next = a.label("control.next");
    Op.Label hide = a.label("control.hide");
    Op.Label done = a.label("control.done");
    a.set(at, text);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, done);
    a.jumpIf(b, LT, ' ', hide);
    a.jumpIf(b, EQ, 0x7F, hide);
    a.add(at, 1);
    a.jumpIf(b, NE, 0xC2, next);
    a.store(BYTE, at, -1, Value.of(0xC3));
    a.jump(next);
    a.place(hide);
    a.store(BYTE, at, 0, Value.of('?'));
    a.jump(next);
    a.place(done);
  }

  private void closeFilesBut(List<Integer> kept) {
    if (plan.process().ownTerminal()) {
      terminal.closeOthersBut(kept);
    } else {
      e.closeFilesBut(kept);
    }
  }

  /// `struct rlimit64`.
  private Data pair(Limit limit) {
    return a.bytes(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(limit.soft()).putLong(limit.hard()).array());
  }

  /// Drops from the bounding set until the kernel knows no more, then sets the rest. All kernels that Warder runs on know
  /// the catalog's capabilities.
  private void limitCapabilities(Set<Capability> kept) {
    long mask = 0;
    for (Capability capability : kept) {
      mask |= 1L << capability.ordinal();
    }
    Var number = a.var("capability");
    Var bit = a.var("capability.bit");
    Op.Label next = a.label("capability.next");
    Op.Label keep = a.label("capability.keep");
    Op.Label done = a.label("capability.done");
    a.set(number, 0);
    a.place(next);
    if (mask != 0) {
      a.compute(bit, Value.of(1), SHIFT_LEFT, number);
      a.compute(bit, bit, AND, Value.of(mask));
      a.jumpIf(bit, NE, 0, keep);
    }
    e.attempt("prctl", PR_CAPBSET_DROP, number, 0, 0, 0);
    a.jumpIf(e.r, EQ, -Errno.EINVAL.number(), done);
    e.check();
    a.place(keep);
    a.add(number, 1);
    a.jump(next);
    a.place(done);
    a.jumpIf(number, LT, Capability.values().length, e.fail);
    e.call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    e.call("prctl", PR_SET_SECUREBITS, kept.isEmpty() ? ALL_SECURE_BITS : SECURE_BITS, 0, 0, 0);
    Data header = a.bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) LINUX_CAPABILITY_VERSION_3.value()).array());
    var sets = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int half = 0; half < 2; half++) {
      int bits = (int) (mask >>> 32 * half);
      sets.putInt(bits).putInt(bits).putInt(bits);                        // effective, permitted, inheritable
    }
    e.call("capset", header, a.bytes(sets.array()));
    for (Capability capability : kept) {
      e.call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability.ordinal(), 0, 0);
    }
  }

  /// The signal comes if the launcher ends from now on; if it has ended already, its pidfd tells.
  private void dieWithLauncher() {
    Buffer poll = a.buffer("poll.launcher", 8);
    Op.Label alive = a.label("launcher.alive");
    e.call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    a.store(INT, poll, 0, e.launcherFd);
    a.store(INT, poll, 4, POLLIN);
    e.call("ppoll", poll, 1, a.bytes(new byte[16]), 0, 8);
    a.jumpIf(e.r, EQ, 0, alive);
    e.giveUp(Errno.ESRCH);
    a.place(alive);
  }
}
