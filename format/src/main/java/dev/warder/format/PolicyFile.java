package dev.warder.format;

import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import java.util.List;

/// A file that was read.
///
/// @param losses what the file says and the policy cannot; each makes the policy stricter, or leaves it as strict; none
///     for [Format#WARDER]
public record PolicyFile(Format format, Policy policy, List<Problem> losses) {
  public PolicyFile {
    losses = List.copyOf(losses);
  }
}
