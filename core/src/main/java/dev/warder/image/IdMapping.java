package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Identity;

/// Shows a mount that is attached nowhere yet with the owner's files as the program's own.
///
/// The kernel takes the mapping from a user namespace, and a namespace needs a process: one is cloned into it, which does
/// nothing, and killed when the namespace is open. Only root can do this, since it takes CAP_SYS_ADMIN where the file
/// system was mounted. Source: mount_setattr(2), man-pages 6.9, "ID-mapped mounts".
final class IdMapping {
  private final Emitter e;
  private final Assembly a;
  private final Identity program;
  private final Var helper;
  private final Var fd;

  IdMapping(Emitter e, Identity program) {
    this.e = e;
    this.a = e.a;
    this.program = program;
    this.helper = a.var("idmap.helper");
    this.fd = a.var("idmap.fd");
  }

  void apply(Var tree) {
    Buffer statx = a.buffer("statx", 256);
    Buffer attributes = a.buffer("mount_attr", 32);
    Op.Label isRoot = a.label("idmap.isRoot");
    Var uid = a.var("idmap.uid");
    Var gid = a.var("idmap.gid");
    a.jumpIf(e.isRoot, NE, 0, isRoot);
    e.giveUp(Errno.EPERM);
    a.place(isRoot);
    e.call("statx", tree, "", AT_EMPTY_PATH, STATX_BASIC_STATS, statx);
    owner(uid, statx, 20);                                                // stx_uid
    owner(gid, statx, 24);                                                // stx_gid
    startHelper();
    map("/uid_map", uid, program.uid());
    map("/gid_map", gid, program.gid());
    open("/ns/user", O_RDONLY);
    stopHelper();
    a.store(LONG, attributes, 0, MOUNT_ATTR_IDMAP);
    a.store(LONG, attributes, 24, fd);                                    // userns_fd
    e.call("mount_setattr", tree, "", or(AT_EMPTY_PATH, AT_RECURSIVE), attributes, 32);
    e.call("close", fd);
  }

  /// Root's files stay root's.
  private void owner(Var id, Buffer statx, int offset) {
    Op.Label ordinary = a.label("idmap.ordinary");
    a.load(id, INT, statx, offset);
    a.jumpIf(id, NE, 0, ordinary);
    e.giveUp(Errno.ERANGE);
    a.place(ordinary);
  }

  /// It waits for the end of the launcher, which as a rule comes second.
  private void startHelper() {
    Buffer poll = a.buffer("poll.launcher", 8);
    Op.Label parent = a.label("idmap.parent");
    e.callInto(helper, "clone", or(CLONE_NEWUSER, SIGCHLD), 0, 0, 0, 0);
    a.jumpIf(helper, NE, 0, parent);
    a.store(INT, poll, 0, e.launcherFd);
    a.store(INT, poll, 4, POLLIN);
    e.attempt("ppoll", poll, 1, 0, 0, 8);
    a.call(e.r, "exit_group", 0);
    a.abort();
    a.place(parent);
  }

  private void stopHelper() {
    Op.Label again = a.label("idmap.again");
    e.call("kill", helper, SIGKILL);
    a.place(again);
    e.attempt("wait4", helper, 0, __WALL, 0);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), again);
  }

  private void map(String file, Var owner, int jailed) {
    open(file, O_WRONLY);
    e.routines.appendNumber(owner);
    e.routines.append(" ");
    e.routines.appendNumber(Value.of(jailed));
    e.routines.append(" 1");
    Var bytes = a.var("idmap.bytes");
    a.set(bytes, e.routines.lineBytes());
    e.routines.clearLine();                                               // a failure writes its own
    e.call("write", fd, e.routines.line(), bytes);
    e.call("close", fd);
  }

  private void open(String file, Value.Const mode) {
    e.routines.append("/proc/");
    e.routines.appendNumber(helper);
    e.routines.append(file);
    e.routines.clearLine();
    e.callInto(fd, "openat", AT_FDCWD, e.routines.line(), or(mode, O_CLOEXEC), 0);
  }
}
