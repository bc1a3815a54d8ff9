package dev.warder.jail;

import dev.warder.filter.Filter;
import java.util.List;
import java.util.Optional;

/// What a jail shall be. All paths are absolute and normalised.
///
/// @param root host folder that becomes `/`; empty for the system folders of the host, read-only
/// @param readOnly whether `root` is shown read-only
/// @param mounts in the order they are made: parents before children
/// @param workingFolder where the program starts; empty for the caller's own folder where the jail shows it
/// @param hostname in the jail's own UTS namespace
/// @param hostNetwork whether to share the caller's network instead of a private loopback
/// @param filter installed last before the program is started
/// @param origin what the image is made from
/// @param command words put before the arguments that the image is given; empty if the image takes settings and command
public record JailSpec(
    Optional<String> root,
    boolean readOnly,
    List<Mount> mounts,
    Optional<String> workingFolder,
    Privileges privileges,
    ProcessAttributes process,
    String hostname,
    boolean hostNetwork,
    Resources resources,
    Filter filter,
    Origin origin,
    List<String> command) {

  public JailSpec {
    mounts = List.copyOf(mounts);
    command = List.copyOf(command);
  }

  /// The same jail for an image that is told its environment and command at start.
  public JailSpec toldAtStart(Origin other) {
    return new JailSpec(root, readOnly, mounts, workingFolder, privileges, process.withoutEnvironment(), hostname, hostNetwork,
        resources, filter, other, List.of());
  }
}
