package dev.warder.catalog;

import java.util.List;

/// A named group of calls, with its direct members; [Catalog#expand] follows the nested sets.
///
/// Source: systemd, `src/shared/seccomp-util.c` at 7412c16ef8e6 (`catalog/sets.txt`).
///
/// @param name with its `@`, such as `@file-system`
/// @param syscalls names of calls, in the source's order; some exist only on architectures that the catalog has no
///     table for, see [Catalog#foreign]
/// @param sets names of nested sets, with their `@`
public record SyscallSet(String name, List<String> syscalls, List<String> sets) {
  public SyscallSet {
    syscalls = List.copyOf(syscalls);
    sets = List.copyOf(sets);
  }
}
