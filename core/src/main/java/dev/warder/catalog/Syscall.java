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
/// @param unimplemented architectures that reserve a number for it which leads nowhere (`ENOSYS`), in the order of [Arch]
public record Syscall(String name, Optional<String> since, Optional<String> removed, Set<Arch> unimplemented) {
  public Syscall {
    var copy = EnumSet.noneOf(Arch.class);
    copy.addAll(unimplemented);
    unimplemented = Collections.unmodifiableSet(copy);
  }
}
