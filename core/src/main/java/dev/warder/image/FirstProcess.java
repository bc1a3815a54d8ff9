package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Var;
import dev.warder.jail.Identity;
import dev.warder.jail.Plan;
import dev.warder.jail.Privileges;
import dev.warder.jail.Step;
import java.util.Optional;

/// Makes process 1 in its new namespaces, and gives up root as far as that lets it.
final class FirstProcess {
  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Groups groups;
  private final Result result;
  private final UserNetwork userNetwork;

  FirstProcess(Emitter e, Plan plan, Groups groups, Result result, UserNetwork userNetwork) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.groups = groups;
    this.result = result;
    this.userNetwork = userNetwork;
  }

  void becomeUser(Privileges privileges) {
    if (!privileges.userNamespace()) {
      beginToBecome(privileges.onHost());
      return;
    }
    Optional<Identity> identity = privileges.identity();
    Op.Label change = a.label("identity.change");
    Op.Label done = a.label("identity.done");
    a.jumpIf(e.isRoot, NE, 0, change);
    if (privileges.ids().isEmpty() && identity.isPresent()) {
      Op.Label other = a.label("identity.other");
      a.jumpIf(e.uid, NE, identity.get().uid(), other);
      Op.Label own = a.label("identity.own");
      a.jumpIf(e.gid, EQ, identity.get().gid(), own);
      a.place(other);
      e.giveUp(Errno.EPERM);
      a.place(own);
      if (!identity.get().groups().isEmpty()) {
        e.routines.tell("warder: the supplementary groups of " + identity.get().name()
            + " are left out, since one id is mapped; to have them: --private-users=pick\n");
        e.routines.flush();
      }
      a.jump(done);
    } else {
      a.jump(done);
    }
    a.place(change);
    becomeGroups(privileges.onHost());
    // Not dumpable until the ids are mapped, lest others of this id attach to a process with root's files: so the map files,
    // which are root's then, are opened with file system id 0, and root as the saved id goes last.
    e.call("setresuid", e.uid, e.uid, 0);
    e.call("setfsuid", 0);
    a.place(done);
  }

  private void becomeGroups(Identity target) {
    a.set(e.uid, target.uid());
    a.set(e.gid, target.gid());
    e.call("setgroups", target.groups().size(), target.groups().isEmpty() ? Value.of(0) : e.ids(target.groups()));
    e.call("setresgid", e.gid, e.gid, e.gid);
  }

  /// The real user goes now, so that this process may always signal process 1, which keeps root for a while.
  private void beginToBecome(Identity target) {
    becomeGroups(target);
    e.call("setresuid", e.uid, 0, 0);
  }

  /// @param inside where it goes on
  /// @param child its process id, as this process knows it
  /// @param childFd its pidfd
  void make(Step.EnterNamespaces enter, Op.Label inside, Var child, Var childFd) {
    boolean inGroup = enter.inGroup();
    Const namespaces = or(CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS);
    if (enter.user()) {
      namespaces = or(CLONE_NEWUSER, namespaces);
    }
    if (!enter.sharedNetwork()) {
      namespaces = or(namespaces, CLONE_NEWNET);
    }
    Buffer fd = a.buffer("pidfd", 8);
    var maps = new IdMaps(e, plan.privileges());
    maps.prepare();
    userNetwork.prepare();
    result.start();
    if (inGroup) {
      cloneIntoGroup(or(namespaces, CLONE_PIDFD), fd);
    } else {
      e.call("clone", or(namespaces, CLONE_NEWCGROUP, CLONE_PIDFD), 0, fd, 0, 0);
    }
    a.set(child, e.r);
    a.jumpIf(child, EQ, 0, inside);
    a.load(childFd, INT, fd, 0);
    maps.write(child);
    if (!enter.user()) {
      e.call("setresuid", e.uid, e.uid, inGroup ? Value.of(0) : e.uid);
      if (plan.privileges().onHost().uid() == 0) {
        new CapabilitySets(e).empty();                        // no change of user takes them from root
      }
    } else if (inGroup) {
      groups.keepRoot();
    } else {
      e.forgetRoot();
    }
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
  }

  /// `struct clone_args`. A process moved to a group later would wait for all of the kernel's readers of groups first.
  private void cloneIntoGroup(Const flags, Buffer fd) {
    Buffer args = a.buffer("clone_args", 88);
    Op.Label legacy = a.label("clone.legacy");
    a.store(LONG, args, 0, flags);
    a.store(LONG, args, 8, fd);
    a.jumpIf(groups.unified(), EQ, 0, legacy);
    a.store(LONG, args, 0, or(flags, CLONE_INTO_CGROUP));
    a.store(LONG, args, 80, groups.jail(null));
    a.place(legacy);
    e.call("clone3", args, 88);
  }
}
