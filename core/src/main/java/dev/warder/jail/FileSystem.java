package dev.warder.jail;

import java.util.List;
import java.util.Optional;

/// What the program sees of files. All paths are absolute and normalised.
///
/// @param root host folder that becomes `/`; empty for the system folders of the host, read-only
/// @param rootMode what changes to `root` come to
/// @param mounts in the order they are made: parents before children
/// @param workingFolder where the program starts; empty for the caller's own folder where the jail shows it
public record FileSystem(Optional<String> root, RootMode rootMode, List<Mount> mounts, Optional<String> workingFolder) {
  /// The host's system folders and the current folder, read-only.
  public static final FileSystem HOST = new FileSystem(Optional.empty(), RootMode.READ_ONLY, List.of(), Optional.empty());

  public FileSystem {
    mounts = List.copyOf(mounts);
    if (root.isEmpty() && rootMode != RootMode.READ_ONLY) {
      throw new IllegalArgumentException("the host's own root is read-only, not " + rootMode);
    }
  }

  /// What changes to a root come to.
  public enum RootMode {
    /// They are made, as the modes of its files allow.
    WRITABLE,
    /// They fail.
    READ_ONLY,
    /// They are kept in memory and are gone with the jail.
    VOLATILE,
    /// The same, but the root begins empty: of the folder it has the `/usr` alone, read-only, and the links that lead there.
    USR_ALONE
  }

  /// Whether layers are put together.
  boolean hasOverlays() {
    if (rootMode == RootMode.VOLATILE) {
      return true;
    }
    for (Mount mount : mounts) {
      if (mount instanceof Mount.Overlay) {
        return true;
      }
    }
    return false;
  }
}
