package dev.warder.format;

import dev.warder.format.convert.Attributes;
import dev.warder.format.convert.Loss;
import dev.warder.policy.Policy;
import java.util.List;

/// A file that was read.
///
/// @param losses what the file says and the policy cannot; each makes the policy stricter, or leaves it as strict; none
///     for [Format#WARDER]
/// @param attributes what a container profile says beside the policy; told as losses too
public record PolicyFile(Format format, Policy policy, List<Loss> losses, Attributes attributes) {
  public PolicyFile {
    losses = List.copyOf(losses);
  }
}
