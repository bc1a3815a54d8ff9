package dev.warder.format;

import dev.warder.format.convert.Attributes;
import dev.warder.format.convert.Loss;
import dev.warder.jail.Mount;
import dev.warder.policy.Policy;
import java.util.List;

/// A file that was read.
///
/// @param losses what the file says and the policy cannot; each makes the policy stricter, or leaves it as strict; none
///     for [Format#WARDER]
/// @param attributes what a container profile says beside the policy; told as losses too
/// @param files what a file of [Format#WARDER] puts into a jail, beside the policy
public record PolicyFile(
    Format format, Policy policy, List<Loss> losses, Attributes attributes, List<Mount.Content> files) {
  public PolicyFile {
    losses = List.copyOf(losses);
    files = List.copyOf(files);
  }

  /// A policy that is from no file.
  public static PolicyFile of(Policy policy, List<Loss> losses) {
    return new PolicyFile(Format.WARDER, policy, losses, Attributes.NONE, List.of());
  }
}
