package dev.warder.jail;

import java.util.List;
import java.util.Optional;

/// What the program sees of files. All paths are absolute and normalised.
///
/// @param root host folder that becomes `/`; empty for the system folders of the host, read-only
/// @param readOnly whether `root` is shown read-only
/// @param mounts in the order they are made: parents before children
/// @param workingFolder where the program starts; empty for the caller's own folder where the jail shows it
public record FileSystem(Optional<String> root, boolean readOnly, List<Mount> mounts, Optional<String> workingFolder) {
  /// The host's system folders and the current folder, read-only.
  public static final FileSystem HOST = new FileSystem(Optional.empty(), false, List.of(), Optional.empty());

  public FileSystem {
    mounts = List.copyOf(mounts);
  }
}
