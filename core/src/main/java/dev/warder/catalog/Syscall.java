package dev.warder.catalog;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// A system call by its kernel name; its numbers stand in a [SyscallTable] for each architecture.
///
/// @param since the first mainline release that had it on any architecture, such as `5.14`; empty where no release ever
///     implemented it
/// @param removed the release that dropped it; empty while it is there
/// @param unimplemented architectures that reserve a number for it which leads nowhere (`ENOSYS`), in [Arch]'s order
public record Syscall(String name, Optional<String> since, Optional<String> removed, Set<Arch> unimplemented) {
  public Syscall {
    // An enum set looks its constants up by reflection, which a new JVM feels; nearly all are empty.
    unimplemented = unimplemented.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(unimplemented));
  }
}
