package dev.warder.format.convert;

import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;

/// Writes the files of one format.
public interface Writer {
  /// The policy as a file that lets through, read by the tools it is meant for, no more than the policy does.
  ///
  /// @return problems where it would let through more, or cannot be written at all
  Parsed<Written> write(Policy policy, Target target);
}
