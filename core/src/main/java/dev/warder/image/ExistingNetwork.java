package dev.warder.image;

import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Var;
import dev.warder.jail.Plan;
import dev.warder.jail.Step;

/// A network namespace that is there already, which the launcher goes over to before it makes process 1.
///
/// That takes CAP_SYS_ADMIN over the user namespace that it belongs to. An ordinary caller has it over one of the own
/// making, from inside: so the launcher enters that too, and the jail's becomes a child of it. There the caller may go by
/// another id, which is what the jail's own id is mapped to.
///
/// Source: setns(2), ioctl_ns(2), man-pages 6.9; `net/core/net_namespace.c`, Linux 6.12.
final class ExistingNetwork {
  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Var entered;
  private final Var uid;
  private final Var gid;

  ExistingNetwork(Emitter e, Plan plan) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.entered = a.var("network.userEntered");
    this.uid = a.var("network.uid");
    this.gid = a.var("network.gid");
  }

  /// A file of another kind, also one that would block, is refused by setns(2).
  void join(String path) {
    Var fd = a.var("network.fd");
    Op.Label joined = a.label("network.joined");
    e.callInto(fd, "openat", AT_FDCWD, path, or(O_RDONLY, O_NOCTTY, O_NONBLOCK, O_CLOEXEC), 0);
    e.attempt("setns", fd, CLONE_NEWNET);
    a.jumpIf(e.r, GE, 0, joined);
    if (plan.privileges().ids().isEmpty()) {                // newuidmap(1) would have no rights in that user namespace
      a.jumpIf(e.r, NE, -Errno.EPERM.number(), e.fail);
      a.jumpIf(e.isRoot, NE, 0, e.fail);
      e.attempt("ioctl", fd, NS_GET_USERNS);
      e.attempt("setns", e.r, CLONE_NEWUSER);               // whether that helped, the next call tells
      e.call("setns", fd, CLONE_NEWNET);
      e.callInto(uid, "getuid");
      e.callInto(gid, "getgid");
      a.set(entered, 1);
    }
    e.check();
    a.place(joined);
    e.call("close", fd);
  }

  /// In process 1: what the own user id is where the user namespace was made.
  Var uidOutside() {
    return outside(uid, e.uid);
  }

  Var gidOutside() {
    return outside(gid, e.gid);
  }

  private Var outside(Var known, Var own) {
    if (!isAsked()) {
      return own;
    }
    Op.Label have = a.label("network.haveId");
    a.jumpIf(entered, NE, 0, have);
    a.set(known, own);
    a.place(have);
    return known;
  }

  private boolean isAsked() {
    for (Step step : plan.launcher()) {
      if (step instanceof Step.JoinNetwork) {
        return true;
      }
    }
    return false;
  }
}
