package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What process 1 of the jail does before it starts the program: one method a step.
final class Inside {
  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Sources sources;
  private final Groups groups;
  private final Terminal terminal;
  private final Var fd;
  private final Var self;
  private final Ruleset ruleset;
  private final Mounts mounts;
  private final Root root;
  private final ProcAndDevices procAndDevices;
  private final CurrentFolder currentFolder;

  Inside(Emitter e, Plan plan, Sources sources, Groups groups, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.sources = sources;
    this.groups = groups;
    this.terminal = terminal;
    this.fd = a.var("fd");
    this.self = a.var("self.folder");
    this.ruleset = new Ruleset(e, plan.inside());
    this.mounts = new Mounts(e, sources, ruleset);
    this.root = new Root(e, sources, mounts, ruleset);
    this.procAndDevices = new ProcAndDevices(e, sources, mounts, root, ruleset);
    this.currentFolder = new CurrentFolder(e, plan, sources);
  }

  void emit() {
    var systemFolders = new ArrayList<String>();
    for (Step step : plan.inside()) {
      if (step instanceof Step.ShowSystemFolder(String folder)) {
        e.begin(step, "show /");
        if (Sources.isInRow(folder)) {
          systemFolders.add(folder);
          continue;
        }
      }
      if (!systemFolders.isEmpty()) {
        root.showSystemFolders(systemFolders);
        systemFolders.clear();
      }
      if (step instanceof Step.LeaveFilesToMounts) {
        a.note(step.what());
        continue;
      }
      if (!(step instanceof Step.ShowSystemFolder)) {
        e.begin(step);
      }
      if (!(step instanceof Step.Attach)) {
        mounts.forgetFolder();
      }
      if (step instanceof Step.JoinGroup) {
        groups.join();
      } else if (step instanceof Step.PartMounts) {
        e.call("mount_setattr", AT_FDCWD, "/", AT_RECURSIVE, sources.attributes(Value.of(0), MS_PRIVATE), 32);
      } else if (step instanceof Step.ActAsUser) {
        e.call("setfsuid", e.uid);
        e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
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
      } else if (step instanceof Step.AwaitNetwork) {
        new UserNetwork(e, plan).await(locksMounts() ? self : AT_FDCWD);
      } else if (step instanceof Step.ShowResolver(String address)) {
        new Resolver(e, sources, mounts).show(address);
      } else if (step instanceof Step.SetHostname(String hostname)) {
        e.call("sethostname", hostname, Emitter.terminated(hostname).length - 1);
      } else if (step instanceof Step.MakeData(List<Mount.MemoryFile> files)) {
        new DataFiles(e, sources).make(files);
      } else if (step instanceof Step.MakeRoot) {
        root.make();
      } else if (step instanceof Step.ShowUsr) {
        new UsrTree(e).show(sources.takenRoot());
        ruleset.allow(e.root, Ruleset.WRITE);
      } else if (step instanceof Step.MakeRuleset make) {
        ruleset.make(make.sockets(), make.required());
      } else if (step instanceof Step.UseRoot(boolean writable)) {
        root.use(writable);
      } else if (step instanceof Step.ShowSystemFolder(String path)) {
        root.showSystemFolder(path);
      } else if (step instanceof Step.MakePrivateFolder(String path, int mode)) {
        root.makePrivateFolder(path, mode);
      } else if (step instanceof Step.CoverPrivateFolder(String path, int mode)) {
        root.coverPrivateFolder(path, mode);
      } else if (step instanceof Step.MountProc(boolean foreignRoot)) {
        procAndDevices.mountProc(foreignRoot);
      } else if (step instanceof Step.MaskProc mask) {
        procAndDevices.maskProc(mask);
      } else if (step instanceof Step.GuardProc(List<String> covered, List<String> readOnly)) {
        procAndDevices.guardProc(covered, readOnly);
      } else if (step instanceof Step.MakeDevices(List<String> devices, boolean foreignRoot)) {
        procAndDevices.makeDevices(devices, foreignRoot);
      } else if (step instanceof Step.MakeTerminal) {
        terminal.make(a.var("dev"));
      } else if (step instanceof Step.ShowCurrentFolder) {
        currentFolder.show();
      } else if (step instanceof Step.Attach(Mount mount)) {
        mounts.attach(mount);
      } else if (step instanceof Step.PivotRoot) {
        pivotRoot();
      } else if (step instanceof Step.LockMounts(boolean sharedNetwork)) {
        lockMounts(sharedNetwork);
      } else if (step instanceof Step.SealRoot) {
        mounts.seal(e.root);
      } else if (step instanceof Step.EnterFolder(var path)) {
        currentFolder.enter(path.orElse(null));
      } else if (step instanceof Step.SetLimit(Limit limit)) {
        e.call("prlimit64", 0, limit.resource().ordinal(), pair(limit), 0);
      } else if (step instanceof Step.LeaveRoot(Set<Capability> kept)) {
        new CapabilitySets(e).leaveRoot(kept);
      } else if (step instanceof Step.LimitCapabilities(Set<Capability> kept)) {
        new CapabilitySets(e).limit(kept);
      } else if (step instanceof Step.LeaveSession) {
        e.call("setsid");
      } else if (step instanceof Step.DieWithLauncher) {
        dieWithLauncher();
      } else if (step instanceof Step.CloseFiles(List<Integer> kept)) {
        closeFilesBut(kept);
      } else if (step instanceof Step.JoinKeyring) {
        e.call("keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0);
      } else if (step instanceof Step.EnterDomain(List<Integer> keptFiles)) {
        ruleset.enter(keptFiles);
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
    var network = new ExistingNetwork(e, plan);
    map(AT_FDCWD, "/proc/self/uid_map", e.uid, network.uidOutside());
    map(AT_FDCWD, "/proc/self/gid_map", e.gid, network.gidOutside());
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

  private void map(Value folder, String file, Var id, Var outside) {
    e.routines.clearLine();
    e.routines.appendNumber(id);
    e.routines.append(" ");
    e.routines.appendNumber(outside);
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

  private void pivotRoot() {
    if (locksMounts()) {
      e.callInto(self, "openat", AT_FDCWD, "/proc/self", or(O_PATH, O_CLOEXEC), 0);     // the new root may have no /proc
    }
    root.pivot();
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
  private void lockMounts(boolean sharedNetwork) {
    Const namespaces = or(CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP);
    e.call("unshare", sharedNetwork ? namespaces : or(namespaces, CLONE_NEWNET));
    e.call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0);
    map(self, "uid_map", e.uid, e.uid);
    map(self, "gid_map", e.gid, e.gid);
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
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

  /// The subroutines that several steps share.
  void emitSubroutines() {
    root.emitSubroutines();
    ruleset.emitSubroutines();
  }
}
