package dev.warder.cli;

import dev.warder.catalog.Suggestions;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Policies by name or file.
final class PolicySource {
  private PolicySource() {}

  static List<String> profiles() {
    return Profiles.names();
  }

  static Policy profile(String name) throws CommandException {
    return Profiles.named(name).orElseThrow(() -> new CommandException(
        "there is no profile '" + name + "'; " + didYouMean(name)));
  }

  static Policy file(String path) throws CommandException {
    return PolicyOptions.accept(read(path));
  }

  /// The profile of this name, else the file.
  static Parsed<Policy> parse(String policy) throws CommandException {
    if (profiles().contains(policy)) {
      return new Parsed.Accepted<>(profile(policy));
    }
    if (!Files.exists(Path.of(policy))) {
      throw new CommandException("there is neither a profile nor a file '" + policy + "'; " + didYouMean(policy));
    }
    return read(policy);
  }

  private static Parsed<Policy> read(String path) throws CommandException {
    throw new CommandException("policy files are not read yet: " + path);
  }

  private static String didYouMean(String wrong) {
    List<String> nearest = Suggestions.nearest(wrong, profiles());
    return nearest.isEmpty()
        ? "the profiles are " + String.join(", ", profiles())
        : "did you mean profile " + nearest.getFirst() + "?";
  }
}
