package dev.warder.format.convert;

import java.util.List;

/// What profiles of container runtimes say beside the policy. It changes no decision, and goes from one such profile to
/// another.
///
/// @param flags of `seccomp(2)`
/// @param listenerPath the socket of the supervisor that calls are notified to; null for none
/// @param listenerMetadata what the supervisor is told; null for nothing
public record Attributes(List<String> flags, String listenerPath, String listenerMetadata) {
  public static final Attributes NONE = new Attributes(List.of(), null, null);

  public Attributes {
    flags = List.copyOf(flags);
  }
}
