package dev.warder.policy;

import java.util.List;
import java.util.Optional;

/// The policies that ship with Warder.
///
/// Source: `*.profile` beside this class, each with its own.
public final class Profiles {
  private static final List<String> NAMES = List.of("default", "strict", "nspawn", "nspawn-v235", "capejail");

  private Profiles() {}

  /// The names there are, the usual one first.
  public static List<String> names() {
    return NAMES;
  }

  /// The profile with this name.
  public static Optional<Policy> named(String name) {
    return NAMES.contains(name) ? Optional.of(read(name)) : Optional.empty();
  }

  private static Policy read(String name) {
    return new ProfileReader("profile ".concat(name), Resources.text(name.concat(".profile"))).parse().orThrow();
  }
}
