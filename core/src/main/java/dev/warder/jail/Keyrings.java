package dev.warder.jail;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.Reach;
import java.util.List;

/// The kernel's keyrings, which no namespace divides: a process finds its session's keys by keyrings(7).
final class Keyrings {
  private static final List<String> CALLS = List.of("add_key", "keyctl", "request_key");

  private Keyrings() {}

  /// Whether the program may make one of their calls.
  static boolean reachable(Filter filter) {
    for (Arch arch : Arch.values()) {
      if (!serves(filter, arch)) {
        continue;
      }
      for (String call : CALLS) {
        var number = Catalog.get().table(arch).number(call);
        if (number.isPresent() && Reach.mayLetThrough(filter, arch, number.getAsInt())) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether the filter tells this architecture from others, at least; it saves the tables of those.
  private static boolean serves(Filter filter, Arch arch) {
    for (var insn : filter.insns()) {
      if (insn.k() == arch.auditArch()) {
        return true;
      }
    }
    return false;
  }
}
