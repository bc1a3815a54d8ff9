package dev.warder.jail;

import dev.warder.catalog.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns a spec into steps. The order of a jail is fixed here and nowhere else.
///
/// Why this order: sources are taken while the caller's own view of the file system is still there, each path looked up
/// once; the control group is made before root is given up, whose it is; ids before mounts, since mounting needs the
/// capabilities of a mapped id; limits and capabilities after the mounts that need more; the parent-death signal after the
/// last change of credentials, which clears it; no_new_privs before the filter, which needs it; the filter last, so that
/// it has to allow no more than starting the program.
public final class Planner {
  /// Where a jail without a root of its own has its folder to call home.
  public static final String HOME = "/home/warder";

  /// Folders of a foreign root that the jail mounts its own over.
  public static final List<String> COVERED = List.of("/proc", "/dev", "/tmp", "/run");

  /// Folders of a host that programs need to run at all.
  private static final List<String> SYSTEM_FOLDERS = List.of(
      "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store");

  private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

  /// What container managers cover, as far as any user could read it: the rest of their list is root's alone, or gone since
  /// Linux 5.13. Of what they make read-only, `/proc/sys` has checks of its own; the rest is root's alone to write.
  private static final List<String> MASKED_FOLDERS = List.of("acpi", "asound", "scsi");
  private static final List<String> MASKED_FILES = List.of("interrupts", "keys", "latency_stats");

  /// What root of the host could open or write in `/proc` without any capability, and container managers cover or make
  /// read-only for that; and their list above.
  private static final List<String> COVERED_FROM_ROOT = List.of("acpi", "asound", "bootconfig", "driver", "dynamic_debug",
      "interrupts", "iomem", "ioports", "kallsyms", "kcore", "key-users", "keys", "kmsg", "kpagecgroup", "kpagecount",
      "kpageflags", "latency_stats", "modules", "mtrr", "pagetypeinfo", "sched_debug", "schedstat", "scsi", "slabinfo",
      "timer_list", "timer_stats", "vmallocinfo");
  private static final List<String> READ_ONLY_FOR_ROOT = List.of("bus", "fs", "irq", "pressure", "sys", "sysrq-trigger");

  /// Kept by the resolver's configuration when the network is the host's: `/etc/resolv.conf` is often a link there.
  private static final String RESOLVED = "/run/systemd/resolve";

  private Planner() {}

  public static Plan plan(JailSpec spec) {
    return new Plan(
        sources(spec), launcher(spec), inside(spec), program(spec), spec.process(),
        spec.privileges(), shownFolders(spec),
        home(spec), spec.origin(), spec.command());
  }

  private static String home(JailSpec spec) {
    Optional<Identity> identity = spec.privileges().identity();
    return spec.files().root().isEmpty() ? HOME : identity.isPresent() ? identity.get().home().orElse("/tmp") : "/tmp";
  }

  private static List<Step> sources(JailSpec spec) {
    var steps = new ArrayList<Step>();
    if (spec.files().root().isPresent()) {
      steps.add(new Step.TakeRoot(spec.files().root().get(), spec.files().rootMode()));
    } else {
      for (String folder : systemFolders(spec)) {
        steps.add(new Step.TakeSystemFolder(folder));
      }
      steps.add(new Step.TakeCurrentFolder());
    }
    for (String device : DEVICES) {
      steps.add(new Step.TakeDevice("/dev/" + device));
    }
    for (Mount mount : spec.files().mounts()) {
      if (mount instanceof Mount.Bind bind) {
        steps.add(new Step.TakeSource(bind));
      } else if (mount instanceof Mount.Overlay overlay) {
        steps.add(new Step.TakeOverlay(overlay));
      }
    }
    return steps;
  }

  private static List<String> systemFolders(JailSpec spec) {
    if (!showsResolved(spec)) {
      return SYSTEM_FOLDERS;
    }
    var folders = new ArrayList<>(SYSTEM_FOLDERS);
    folders.add(RESOLVED);
    return folders;
  }

  private static boolean showsResolved(JailSpec spec) {
    return spec.network() instanceof Network.Host;
  }

  private static List<Step> launcher(JailSpec spec) {
    var steps = new ArrayList<Step>();
    Resources resources = spec.resources();
    if (!spec.privileges().userNamespace()) {
      steps.add(new Step.RequireRoot());
      for (String line : HostReach.of(spec.privileges())) {
        steps.add(new Step.Say(line));
      }
    }
    steps.add(new Step.CheckStandardFiles());
    for (Mount mount : spec.files().mounts()) {
      if (mount instanceof Mount.Data data) {
        steps.add(new Step.ReadData(data));
      }
    }
    for (int file : spec.process().keptFiles()) {
      steps.add(new Step.KeepFile(file));
    }
    steps.add(new Step.CloseFiles(spec.process().keptFiles()));
    if (resources.result().isPresent()) {
      steps.add(new Step.OpenResult(resources.result().get()));
      steps.add(new Step.ShareReport());                     // early: what fails from here on is told in the result
    }
    steps.add(new Step.WatchCaller());
    if (spec.process().ownTerminal()) {
      steps.add(new Step.FindTerminal());
    }
    steps.add(new Step.TakeSignals());
    if (resources.timeout().isPresent()) {
      steps.add(new Step.StartClock(resources.timeout().get()));
    }
    if (resources.result().isEmpty()) {
      steps.add(new Step.ShareReport());
    }
    if (!resources.limits().isEmpty()) {
      steps.add(new Step.RaiseLimits(resources.limits()));
    }
    for (Attribute attribute : spec.process().inherited()) {
      steps.add(new Step.SetAttribute(attribute));
    }
    if (spec.files().hasOverlays()) {
      steps.add(new Step.OwnMounts());
    }
    steps.add(new Step.TakeSources(true));
    boolean inGroup = !resources.groupLimits().isEmpty();
    if (inGroup) {
      steps.add(new Step.FindGroup(controllers(resources)));
      steps.add(new Step.MakeGroup(controllers(resources)));
    }
    for (GroupLimit limit : resources.groupLimits()) {
      steps.add(new Step.LimitGroup(limit));
    }
    if (spec.network() instanceof Network.Existing(String path)) {
      steps.add(new Step.JoinNetwork(path));
    }
    steps.add(new Step.BecomeUser(spec.privileges()));
    steps.add(new Step.EnterNamespaces(spec.network().isShared(), inGroup, spec.privileges().userNamespace()));
    if (!spec.process().keptFiles().isEmpty()) {
      steps.add(new Step.LetFilesGo(spec.process().keptFiles()));
    }
    if (spec.network() instanceof Network.UserMode network) {
      steps.add(new Step.StartNetwork(network));
    }
    return steps;
  }

  private static List<GroupLimit.Controller> controllers(Resources resources) {
    var controllers = new ArrayList<GroupLimit.Controller>();
    for (GroupLimit limit : resources.groupLimits()) {
      if (!controllers.contains(limit.controller())) {
        controllers.add(limit.controller());
      }
    }
    return controllers;
  }

  private static List<Step> inside(JailSpec spec) {
    var steps = new ArrayList<Step>();
    if (!spec.resources().groupLimits().isEmpty()) {
      steps.add(new Step.JoinGroup(controllers(spec.resources())));
    }
    if (spec.privileges().userNamespace()) {
      steps.add(new Step.MapIds());
    } else {
      steps.add(new Step.PartMounts());
    }
    if (spec.process().clocks().isPresent()) {
      steps.add(new Step.OffsetClocks(spec.process().clocks().get()));
    }
    if (spec.privileges().userNamespace()) {
      steps.add(new Step.ForgetRoot());
      steps.add(new Step.TakeSources(false));
    } else {
      steps.add(new Step.ActAsUser());
    }
    if (spec.privileges().ids().isPresent()) {
      steps.add(new Step.BecomeMapped(spec.privileges()));
    }
    boolean mayUnmount = locksMounts(spec.privileges());
    if (!mayUnmount) {
      nameNetworkAndHost(spec, steps);
    }
    List<Mount.MemoryFile> memoryFiles = memoryFiles(spec);
    if (!memoryFiles.isEmpty()) {
      steps.add(new Step.MakeData(memoryFiles));
    }
    boolean hasRules = makeRuleset(spec, steps);
    if (spec.files().root().isPresent()) {
      foreignRoot(spec, steps);
    } else {
      ownRoot(spec, steps);
    }
    if (spec.network() instanceof Network.UserMode network) {
      steps.add(new Step.ShowResolver(network.helper().resolver()));
    }
    if (spec.process().ownTerminal()) {
      steps.add(new Step.MakeTerminal());
    }
    for (Mount mount : spec.files().mounts()) {
      steps.add(new Step.Attach(mount));
    }
    if (spec.files().root().isEmpty()) {
      steps.add(new Step.SealRoot());
    }
    steps.add(new Step.PivotRoot());
    if (mayUnmount) {
      steps.add(new Step.LockMounts(spec.network().isShared()));
      nameNetworkAndHost(spec, steps);
    }
    steps.add(new Step.EnterFolder(spec.files().workingFolder()));
    for (Limit limit : spec.resources().limits()) {
      steps.add(new Step.SetLimit(limit));
    }
    if (!spec.privileges().userNamespace()) {
      steps.add(new Step.LeaveRoot(spec.privileges().capabilities()));
    }
    steps.add(new Step.LimitCapabilities(spec.privileges().capabilities()));
    if (CallsInReach.any(spec.filter(), CallsInReach.OF_KEYRINGS)) {
      steps.add(new Step.JoinKeyring());
    }
    if (!spec.process().asPid1()) {
      steps.add(new Step.LeaveSession());
    }
    steps.add(new Step.DieWithLauncher());
    steps.add(new Step.ForbidNewPrivileges());
    if (hasRules) {
      steps.add(new Step.EnterDomain(spec.process().keptFiles()));
    }
    steps.add(new Step.CloseFiles(spec.process().keptFiles()));
    return steps;
  }

  /// Rules on files forbid all mounting, so a jail that may mount has none unless they are insisted on.
  private static boolean makeRuleset(JailSpec spec, List<Step> steps) {
    if (spec.landlock() == Landlock.OFF) {
      return false;
    }
    boolean required = spec.landlock() == Landlock.REQUIRE;
    boolean files = required || !CallsInReach.any(spec.filter(), CallsInReach.OF_MOUNTS);
    if (!files) {
      steps.add(new Step.LeaveFilesToMounts());
    }
    boolean sockets = spec.network().isShared();
    if (files || sockets) {
      steps.add(new Step.MakeRuleset(files, sockets, required));
    }
    return files || sockets;
  }

  /// Who maps ranges of ids has them in the first user namespace only, so its mounts stay that one's.
  private static boolean locksMounts(Privileges privileges) {
    return privileges.capabilities().contains(Capability.CAP_SYS_ADMIN) && privileges.ids().isEmpty();
  }

  private static void nameNetworkAndHost(JailSpec spec, List<Step> steps) {
    if (!spec.network().isShared()) {
      steps.add(new Step.RaiseLoopback());
    }
    if (spec.network() instanceof Network.UserMode) {
      steps.add(new Step.AwaitNetwork());
    }
    steps.add(new Step.SetHostname(spec.hostname()));
  }

  private static List<Mount.MemoryFile> memoryFiles(JailSpec spec) {
    var files = new ArrayList<Mount.MemoryFile>();
    for (Mount mount : spec.files().mounts()) {
      if (mount instanceof Mount.MemoryFile file) {
        files.add(file);
      }
    }
    return files;
  }

  private static void ownRoot(JailSpec spec, List<Step> steps) {
    steps.add(new Step.MakeRoot(spec.privileges().userNamespace()));
    for (String folder : SYSTEM_FOLDERS) {
      steps.add(new Step.ShowSystemFolder(folder));
    }
    steps.add(new Step.MountProc(false));
    steps.add(guardProc(spec));
    steps.add(new Step.MakeDevices(DEVICES, false));
    steps.add(new Step.MakePrivateFolder("/tmp", 01777));
    steps.add(new Step.MakePrivateFolder("/run", 0755));
    steps.add(new Step.MakePrivateFolder(HOME, 0755));
    if (showsResolved(spec)) {
      steps.add(new Step.ShowSystemFolder(RESOLVED));
    }
    steps.add(new Step.ShowCurrentFolder());
  }

  private static Step guardProc(JailSpec spec) {
    Privileges privileges = spec.privileges();
    if (!privileges.userNamespace()) {
      return new Step.GuardProc(COVERED_FROM_ROOT, READ_ONLY_FOR_ROOT);
    }
    boolean ownNetwork = !spec.network().isShared() && privileges.capabilities().contains(Capability.CAP_NET_ADMIN);
    return new Step.MaskProc(MASKED_FOLDERS, MASKED_FILES, "sys", ownNetwork ? Optional.of("sys/net") : Optional.empty());
  }

  private static void foreignRoot(JailSpec spec, List<Step> steps) {
    if (spec.files().rootMode() == FileSystem.RootMode.USR_ALONE) {
      steps.add(new Step.MakeRoot(spec.privileges().userNamespace()));
      steps.add(new Step.ShowUsr());
    } else {
      steps.add(new Step.UseRoot(spec.files().rootMode() != FileSystem.RootMode.READ_ONLY));
    }
    steps.add(new Step.MountProc(true));
    steps.add(guardProc(spec));
    steps.add(new Step.MakeDevices(DEVICES, true));
    steps.add(new Step.CoverPrivateFolder("/tmp", 01777));
    steps.add(new Step.CoverPrivateFolder("/run", 0755));
  }

  private static List<Step> program(JailSpec spec) {
    var steps = new ArrayList<Step>();
    steps.add(new Step.LeaveSession());
    if (spec.process().ownTerminal()) {
      steps.add(new Step.TakeTerminal());
    }
    steps.add(new Step.RestoreSignals(spec.process().umask()));
    steps.add(new Step.InstallFilter(spec.filter()));
    steps.add(new Step.Execute());
    return steps;
  }

  /// What the jail shows anyway: a current folder below one of these needs no mount of its own.
  private static List<String> shownFolders(JailSpec spec) {
    if (spec.files().root().isPresent()) {
      return List.of();
    }
    var shown = new ArrayList<>(systemFolders(spec));
    for (Mount mount : spec.files().mounts()) {
      shown.add(mount.target());
    }
    return shown;
  }
}
