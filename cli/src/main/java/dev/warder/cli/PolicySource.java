package dev.warder.cli;

import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;

/// Policies by name or file.
final class PolicySource {
  private PolicySource() {}

  static Policy profile(String name) throws CommandException {
    return Profiles.named(name).orElseThrow(() -> new CommandException(
        "there is no profile '" + name + "'; there are " + String.join(", ", Profiles.names())));
  }

  static Policy file(String path) throws CommandException {
    throw new CommandException("policy files are not read yet: " + path);
  }
}
