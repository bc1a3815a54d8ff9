package dev.warder.policy;

import dev.warder.catalog.Capability;
import java.util.Set;

/// When a [Rule] is in force.
public sealed interface When {
  record Always() implements When {}

  /// While the jail keeps the capability.
  record Kept(Capability capability) implements When {}

  /// While the jail lacks the capability.
  record Lacked(Capability capability) implements When {}

  /// Whether it is in force in a jail that keeps these capabilities.
  default boolean holds(Set<Capability> kept) {
    if (this instanceof Kept k) {
      return kept.contains(k.capability());
    }
    return !(this instanceof Lacked l) || !kept.contains(l.capability());
  }
}
