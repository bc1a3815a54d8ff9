package dev.warder.jail;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What bounds a jail.
///
/// @param limits of each process, in the order they are set
/// @param timeout wall-clock limit of the whole
public record Resources(List<Limit> limits, Optional<Duration> timeout) {
  /// Bounds nothing.
  public static final Resources UNBOUNDED = new Resources(List.of(), Optional.empty());

  public Resources {
    limits = List.copyOf(limits);
  }
}
