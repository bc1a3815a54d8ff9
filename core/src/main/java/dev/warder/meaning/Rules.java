package dev.warder.meaning;

import dev.warder.filter.Filter;
import dev.warder.policy.Policy;

/// What decides on calls: a policy, by names, or a program that someone compiled.
public sealed interface Rules {
  record Written(Policy policy) implements Rules {}

  /// @param filter one that the kernel accepts
  record Compiled(Filter filter) implements Rules {}
}
