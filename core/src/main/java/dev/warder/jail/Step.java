package dev.warder.jail;

import dev.warder.catalog.Capability;
import dev.warder.filter.Filter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One step towards a jail. The order is the [Planner]'s; the system calls are the image writer's.
public sealed interface Step {
  /// The step in a few words that complete "cannot …".
  String what();

  /// Standard input, output and error are open, and none is a folder, by which the program could leave the jail.
  record CheckStandardFiles() implements Step {
    @Override
    public String what() {
      return "start with a folder as standard input, output or error";
    }
  }

  /// A file of the caller's is open and no folder, by which the program could leave the jail.
  record KeepFile(int file) implements Step {
    @Override
    public String what() {
      return "keep file descriptor " + file;
    }
  }

  /// Reads what becomes a file of the jail, before the caller's files are closed.
  record ReadData(Mount.Data data) implements Step {
    @Override
    public String what() {
      return "read file descriptor " + data.descriptor();
    }
  }

  // Taken from the host's file system: outside and as root when root calls, else inside.

  /// A system folder of the host, read-only: a link stays a link, a missing one is left out.
  record TakeSystemFolder(String path) implements Step {
    @Override
    public String what() {
      return "take " + path;
    }
  }

  /// The caller's current folder, read-only, unless showing it would show too much.
  record TakeCurrentFolder() implements Step {
    @Override
    public String what() {
      return "take the current folder";
    }
  }

  record TakeDevice(String path) implements Step {
    @Override
    public String what() {
      return "take " + path;
    }
  }

  /// The host folder that becomes the root.
  record TakeRoot(String path, FileSystem.RootMode mode) implements Step {
    @Override
    public String what() {
      return "take " + path + " as the root";
    }
  }

  record TakeSource(Mount.Bind bind) implements Step {
    @Override
    public String what() {
      return "take " + bind.source();
    }
  }

  record TakeOverlay(Mount.Overlay overlay) implements Step {
    @Override
    public String what() {
      return overlay.what();
    }
  }

  // Outside.

  /// The file for how the jail ends, as the caller and before anything else is done: emptied, so that an earlier jail's
  /// result is not taken for this one's.
  ///
  /// @param file empty text if the image is told at start
  record OpenResult(String file) implements Step {
    @Override
    public String what() {
      return file.isEmpty() ? "open the file of --stats" : "open " + file + " for the result";
    }
  }

  /// When root calls: hard limits are raised to what the jail is to have, which needs privileges that it gives up.
  record RaiseLimits(List<Limit> limits) implements Step {
    public RaiseLimits {
      limits = List.copyOf(limits);
    }

    @Override
    public String what() {
      return "raise hard limits";
    }
  }

  /// The control group of the caller: of cgroup v2 where that has the controllers, else one a controller of v1.
  record FindGroup(List<GroupLimit.Controller> controllers) implements Step {
    public FindGroup {
      controllers = List.copyOf(controllers);
    }

    @Override
    public String what() {
      return "find the caller's control group";
    }
  }

  /// A control group in the caller's for the limits, and one in that for the jail, so that the files of the limits lie
  /// outside all that the jail's own namespace can show.
  record MakeGroup(List<GroupLimit.Controller> controllers) implements Step {
    public MakeGroup {
      controllers = List.copyOf(controllers);
    }

    @Override
    public String what() {
      return "make a control group";
    }
  }

  record LimitGroup(GroupLimit limit) implements Step {
    @Override
    public String what() {
      return "limit " + limit.noun();
    }
  }

  /// A pidfd of the caller to be watched, and one of the launcher for process 1 to look at.
  record WatchCaller() implements Step {
    @Override
    public String what() {
      return "watch the caller";
    }
  }

  /// The terminal that the caller sits at, if it does.
  record FindTerminal() implements Step {
    @Override
    public String what() {
      return "look for a terminal";
    }
  }

  /// Signals are taken as data, to be passed on.
  record TakeSignals() implements Step {
    @Override
    public String what() {
      return "take signals";
    }
  }

  record StartClock(Duration timeout) implements Step {
    @Override
    public String what() {
      return "start the clock";
    }
  }

  /// While the caller's rights are still there.
  record SetAttribute(Attribute attribute) implements Step {
    @Override
    public String what() {
      return attribute.what();
    }
  }

  /// A page in which the program's process leaves why it could not be executed.
  record ShareReport() implements Step {
    @Override
    public String what() {
      return "share memory with the jail";
    }
  }

  /// When root calls: mounts of the launcher's own, which the host does not see, to put layers together in.
  record OwnMounts() implements Step {
    @Override
    public String what() {
      return "make a mount namespace";
    }
  }

  /// All the sources of the plan, if root calls (outside) or if an ordinary caller does (inside).
  record TakeSources(boolean ifRootCalls) implements Step {
    @Override
    public String what() {
      return "take what the jail shows of the host";
    }
  }

  /// The launcher goes over to a network namespace that is there already, whose path is looked up once; an ordinary caller
  /// by way of the user namespace that it belongs to, which has to be the caller's.
  record JoinNetwork(String path) implements Step {
    @Override
    public String what() {
      return "enter the network namespace " + path;
    }
  }

  /// An ordinary caller is told so at once.
  record RequireRoot() implements Step {
    @Override
    public String what() {
      return "do without a user namespace";
    }
  }

  /// A line on stderr, of what the caller has asked for and may not expect.
  record Say(String text) implements Step {
    @Override
    public String what() {
      return "say that " + text;
    }
  }

  /// When root calls: give up root for good. An ordinary caller keeps the own ids. Without a user namespace only the groups
  /// and the real user go, since the namespaces and the mounts are root's to make.
  record BecomeUser(Privileges privileges) implements Step {
    @Override
    public String what() {
      return "give up root";
    }
  }

  /// A child in new namespaces.
  ///
  /// @param inGroup whether it begins in the control group made, and leaves the cgroup namespace to [JoinGroup]
  /// @param user whether one of them is a user namespace
  record EnterNamespaces(boolean sharedNetwork, boolean inGroup, boolean user) implements Step {
    @Override
    public String what() {
      return "make namespaces";
    }
  }

  /// Maps the ids of process 1, which waits: as root, or by newuidmap(1) and newgidmap(1).
  record WriteMaps(Privileges privileges) implements Step {
    @Override
    public String what() {
      return "map the ids";
    }
  }

  /// Starts the program that connects the jail's network, and waits until it has.
  record StartNetwork(Network.UserMode network) implements Step {
    @Override
    public String what() {
      return "start " + network.helper().program();
    }
  }

  /// The launcher's own copies, lest a pipe never end for whoever reads the other end.
  record LetFilesGo(List<Integer> files) implements Step {
    public LetFilesGo {
      files = List.copyOf(files);
    }

    @Override
    public String what() {
      return "let go of the kept files";
    }
  }

  // Inside, as process 1.

  /// Into the control groups of cgroup v1, then into a namespace that hides those above; a child is cloned into a group of
  /// v2.
  record JoinGroup(List<GroupLimit.Controller> controllers) implements Step {
    public JoinGroup {
      controllers = List.copyOf(controllers);
    }

    @Override
    public String what() {
      return "enter the control group";
    }
  }

  /// The mounts that were copied from the caller's are made the jail's own, else its root would be mounted on the host's.
  record PartMounts() implements Step {
    @Override
    public String what() {
      return "part from the host's mounts";
    }
  }

  record MapIds() implements Step {
    @Override
    public String what() {
      return "map the ids";
    }
  }

  /// A time namespace, for the children of process 1.
  record OffsetClocks(ClockOffsets offsets) implements Step {
    @Override
    public String what() {
      return "offset the clocks";
    }
  }

  /// What was left of root for the map files; and from here nobody of the program's id can attach.
  record ForgetRoot() implements Step {
    @Override
    public String what() {
      return "give up what is left of root";
    }
  }

  /// Without a user namespace: files are the program's user's from here, and those of others closed, as they will be to the
  /// program; the capabilities to make mounts stay. And nobody of the program's id can attach.
  record ActAsUser() implements Step {
    @Override
    public String what() {
      return "act as the user";
    }
  }

  /// For an ordinary caller: the own id was needed until the sources were taken.
  record BecomeMapped(Privileges privileges) implements Step {
    @Override
    public String what() {
      return "become the user";
    }
  }

  record RaiseLoopback() implements Step {
    @Override
    public String what() {
      return "bring the loopback device up";
    }
  }

  /// Hands the namespaces to the launcher, to be connected to the caller's network.
  record AwaitNetwork() implements Step {
    @Override
    public String what() {
      return "wait for the network";
    }
  }

  /// In place of `/etc/resolv.conf`, file or link.
  ///
  /// @param address of a name server
  record ShowResolver(String address) implements Step {
    @Override
    public String what() {
      return "show /etc/resolv.conf";
    }
  }

  record SetHostname(String hostname) implements Step {
    @Override
    public String what() {
      return "set the hostname to " + hostname;
    }
  }

  /// Files of what was read or stands in the image, in memory.
  record MakeData(List<Mount.MemoryFile> files) implements Step {
    public MakeData {
      files = List.copyOf(files);
    }

    @Override
    public String what() {
      return "make the data files";
    }
  }

  /// An empty root in memory.
  record MakeRoot(boolean userNamespace) implements Step {
    @Override
    public String what() {
      return "make the root";
    }
  }

  /// In a root of the jail's own memory: `/usr` of the folder that was taken, and the links that lead there.
  record ShowUsr() implements Step {
    @Override
    public String what() {
      return "show /usr of the root";
    }
  }

  /// Begins Landlock's rules: on files, which the mounts add to, and on abstract sockets made outside the jail, which the
  /// shared network has.
  ///
  /// @param required whether a kernel that cannot is an error
  record MakeRuleset(boolean files, boolean sockets, boolean required) implements Step {
    @Override
    public String what() {
      return "begin Landlock's rules";
    }
  }

  /// No call; told to whoever reads the plan.
  record LeaveFilesToMounts() implements Step {
    @Override
    public String what() {
      return "leave Landlock's rules on files out, as the filter lets the program mount, which they would forbid";
    }
  }

  /// The root taken from the host.
  record UseRoot(boolean writable) implements Step {
    @Override
    public String what() {
      return "mount the root";
    }
  }

  record ShowSystemFolder(String path) implements Step {
    @Override
    public String what() {
      return "show " + path;
    }
  }

  /// A private folder of the root's own memory, writable while the root is not.
  ///
  /// @param mode permission bits
  record MakePrivateFolder(String path, int mode) implements Step {
    @Override
    public String what() {
      return "make a private " + path;
    }
  }

  /// A tmpfs of its own over a folder of a foreign root; left out where that root has none and none can be made.
  record CoverPrivateFolder(String path, int mode) implements Step {
    @Override
    public String what() {
      return "make a private " + path;
    }
  }

  /// `/proc` of the jail's own processes.
  record MountProc(boolean foreignRoot) implements Step {
    @Override
    public String what() {
      return "mount /proc";
    }
  }

  /// Covers what `/proc` tells of the host's hardware and other users, and makes a part of it read-only. What is covered is
  /// shown as a folder or a file that only root of the host can open, whom no jail with a user namespace maps.
  ///
  /// @param folders below `/proc`, covered
  /// @param files below `/proc`, covered
  /// @param readOnly a folder of `/proc`
  /// @param writable a folder of that one that is writable all the same
  record MaskProc(List<String> folders, List<String> files, String readOnly, Optional<String> writable) implements Step {
    public MaskProc {
      folders = List.copyOf(folders);
      files = List.copyOf(files);
    }

    @Override
    public String what() {
      return "cover parts of /proc";
    }
  }

  /// Covers parts of `/proc` and makes others read-only, whoever the program's user is: without a user namespace that may be
  /// root of the host, whose `/proc` is open to more.
  record GuardProc(List<String> covered, List<String> readOnly) implements Step {
    public GuardProc {
      covered = List.copyOf(covered);
      readOnly = List.copyOf(readOnly);
    }

    @Override
    public String what() {
      return "guard /proc";
    }
  }

  /// `/dev`: the devices taken, links, a private `pts` and `shm`.
  ///
  /// @param foreignRoot whether `/dev` is a tmpfs of its own over a folder of a foreign root
  record MakeDevices(List<String> devices, boolean foreignRoot) implements Step {
    public MakeDevices {
      devices = List.copyOf(devices);
    }

    @Override
    public String what() {
      return "make /dev";
    }
  }

  /// A pseudo-terminal of the jail's own in place of the caller's terminal, which the launcher keeps.
  record MakeTerminal() implements Step {
    @Override
    public String what() {
      return "make a terminal";
    }
  }

  record ShowCurrentFolder() implements Step {
    @Override
    public String what() {
      return "show the current folder";
    }
  }

  record Attach(Mount mount) implements Step {
    @Override
    public String what() {
      return mount.what();
    }
  }

  /// The new root becomes `/`, the host's is let go.
  record PivotRoot() implements Step {
    @Override
    public String what() {
      return "enter the new root";
    }
  }

  /// A user namespace more, in which all mounts so far are the kernel's to keep: they cannot be unmounted or remounted. The
  /// other namespaces are made anew, so that the capabilities that are kept hold for them.
  record LockMounts(boolean sharedNetwork) implements Step {
    @Override
    public String what() {
      return "lock the mounts";
    }
  }

  record SealRoot() implements Step {
    @Override
    public String what() {
      return "make the root read-only";
    }
  }

  record EnterFolder(Optional<String> path) implements Step {
    @Override
    public String what() {
      return "enter " + path.orElse("the current folder");
    }
  }

  record SetLimit(Limit limit) implements Step {
    @Override
    public String what() {
      return "set the limit " + limit.resource();
    }
  }

  /// Without a user namespace: give up root for good, but for what [LimitCapabilities] needs and keeps.
  record LeaveRoot(Set<Capability> kept) implements Step {
    public LeaveRoot {
      kept = Set.copyOf(kept);
    }

    @Override
    public String what() {
      return "become the user";
    }
  }

  /// Leaves just these capabilities, in all five sets.
  record LimitCapabilities(Set<Capability> kept) implements Step {
    public LimitCapabilities {
      kept = Set.copyOf(kept);
    }

    @Override
    public String what() {
      return "give up capabilities";
    }
  }

  /// A new, empty session keyring in place of the caller's.
  record JoinKeyring() implements Step {
    @Override
    public String what() {
      return "leave the caller's session keyring";
    }
  }

  /// From here the death of the launcher is the jail's.
  record DieWithLauncher() implements Step {
    @Override
    public String what() {
      return "tie the jail's life to the launcher's";
    }
  }

  record ForbidNewPrivileges() implements Step {
    @Override
    public String what() {
      return "forbid new privileges";
    }
  }

  /// From here Landlock's rules are in force.
  ///
  /// @param keptFiles can be opened again, as the standard files can
  record EnterDomain(List<Integer> keptFiles) implements Step {
    public EnterDomain {
      keptFiles = List.copyOf(keptFiles);
    }

    @Override
    public String what() {
      return "enforce Landlock's rules";
    }
  }

  /// @param kept stay open
  record CloseFiles(List<Integer> kept) implements Step {
    public CloseFiles {
      kept = List.copyOf(kept);
    }

    @Override
    public String what() {
      return "close the caller's files";
    }
  }

  // As the program.

  /// Without a controlling terminal, out of reach of the caller's process group. The reaper makes this step too.
  record LeaveSession() implements Step {
    @Override
    public String what() {
      return "start a new session";
    }
  }

  /// The jail's own terminal becomes the controlling one.
  record TakeTerminal() implements Step {
    @Override
    public String what() {
      return "take the terminal";
    }
  }

  /// The caller's signal mask, disposition of SIGCHLD and, unless another is given, umask.
  record RestoreSignals(OptionalInt umask) implements Step {
    @Override
    public String what() {
      return "restore the caller's signal mask";
    }
  }

  record InstallFilter(Filter filter) implements Step {
    @Override
    public String what() {
      return "install the system call filter";
    }
  }

  record Execute() implements Step {
    @Override
    public String what() {
      return "run";
    }
  }
}
