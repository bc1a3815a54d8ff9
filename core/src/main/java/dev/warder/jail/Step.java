package dev.warder.jail;

import dev.warder.catalog.Capability;
import dev.warder.filter.Filter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One step towards a jail. The order is the [Planner]'s; the system calls are the image writer's.
public sealed interface Step {
  // Taken from the host's file system: outside and as root when root calls, else inside.

  /// A system folder of the host, read-only: a link stays a link, a missing one is left out.
  record TakeSystemFolder(String path) implements Step {}

  /// The caller's current folder, read-only, unless showing it would show too much.
  record TakeCurrentFolder() implements Step {}

  record TakeDevice(String path) implements Step {}

  /// The host folder that becomes the root.
  record TakeRoot(String path, boolean readOnly) implements Step {}

  record TakeSource(Mount.Bind bind) implements Step {}

  // Outside.

  /// When root calls: give up root for good. An ordinary caller keeps the own ids.
  ///
  /// @param identity empty for nobody
  record BecomeUser(Optional<Identity> identity) implements Step {}

  /// A child in new namespaces.
  record EnterNamespaces(boolean hostNetwork) implements Step {}

  // Inside, as process 1.

  record MapIds() implements Step {}

  record RaiseLoopback() implements Step {}

  record SetHostname(String hostname) implements Step {}

  /// An empty root in memory.
  record MakeRoot() implements Step {}

  /// The root taken from the host.
  record UseRoot() implements Step {}

  record ShowSystemFolder(String path) implements Step {}

  /// A private folder of the root's own memory, writable while the root is not.
  ///
  /// @param mode permission bits
  record MakePrivateFolder(String path, int mode) implements Step {}

  /// A tmpfs of its own over a folder of a foreign root; left out where that root has none and none can be made.
  record CoverPrivateFolder(String path, int mode) implements Step {}

  /// `/proc` of the jail's own processes.
  record MountProc(boolean foreignRoot) implements Step {}

  /// `/dev`: the devices taken, links, a private `pts` and `shm`.
  ///
  /// @param foreignRoot whether `/dev` is a tmpfs of its own over a folder of a foreign root
  record MakeDevices(List<String> devices, boolean foreignRoot) implements Step {
    public MakeDevices {
      devices = List.copyOf(devices);
    }
  }

  record ShowCurrentFolder() implements Step {}

  record Attach(Mount mount) implements Step {}

  /// The new root becomes `/`, the host's is let go.
  record PivotRoot() implements Step {}

  record SealRoot() implements Step {}

  record EnterFolder(Optional<String> path) implements Step {}

  record SetLimit(Limit limit) implements Step {}

  /// Leaves just these capabilities, in all five sets.
  record LimitCapabilities(Set<Capability> kept) implements Step {
    public LimitCapabilities {
      kept = Set.copyOf(kept);
    }
  }

  /// From here the death of the launcher is the jail's.
  record DieWithLauncher() implements Step {}

  record ForbidNewPrivileges() implements Step {}

  record CloseFiles() implements Step {}

  // As the program.

  record LeaveSession() implements Step {}

  record InstallFilter(Filter filter) implements Step {}

  record Execute() implements Step {}
}
