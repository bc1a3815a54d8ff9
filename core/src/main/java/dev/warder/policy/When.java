package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// When a [Rule] is in force.
public sealed interface When {
  record Always() implements When {}

  /// While the jail keeps the capability.
  record Kept(Capability capability) implements When {}

  /// While the jail lacks the capability.
  record Lacked(Capability capability) implements When {}

  /// Only for calls that enter by one of these ABIs.
  record On(Set<Arch> arches) implements When {
    public On {
      var copy = EnumSet.noneOf(Arch.class);
      copy.addAll(arches);
      arches = Collections.unmodifiableSet(copy);
    }
  }

  /// While all of these hold.
  record All(List<When> terms) implements When {
    public All {
      terms = List.copyOf(terms);
    }
  }

  /// Whether it is in force for one ABI of a jail that keeps these capabilities.
  default boolean holds(Arch arch, Set<Capability> kept) {
    if (this instanceof Kept k) {
      return kept.contains(k.capability());
    }
    if (this instanceof Lacked l) {
      return !kept.contains(l.capability());
    }
    if (this instanceof On on) {
      return on.arches().contains(arch);
    }
    if (this instanceof All all) {
      for (When term : all.terms()) {
        if (!term.holds(arch, kept)) {
          return false;
        }
      }
    }
    return true;
  }
}
