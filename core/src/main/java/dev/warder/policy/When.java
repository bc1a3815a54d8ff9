package dev.warder.policy;

import dev.warder.catalog.Capability;

/// When a [Rule] is in force.
public sealed interface When {
  record Always() implements When {}

  /// While the jail keeps the capability.
  record Kept(Capability capability) implements When {}

  /// While the jail lacks the capability.
  record Lacked(Capability capability) implements When {}
}
