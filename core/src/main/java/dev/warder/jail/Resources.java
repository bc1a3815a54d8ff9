package dev.warder.jail;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What bounds a jail, and where its end is told.
///
/// @param limits of each process, in the order they are set
/// @param groupLimits of all processes together, ordered by controller, one each but of disks
/// @param timeout wall-clock limit of the whole
/// @param result file for how the jail ended; empty text if the image is told its name at start
public record Resources(
    List<Limit> limits, List<GroupLimit> groupLimits, Optional<Duration> timeout, Optional<String> result) {
  /// Bounds nothing.
  public static final Resources UNBOUNDED = new Resources(List.of(), List.of(), Optional.empty(), Optional.empty());

  public Resources {
    limits = List.copyOf(limits);
    groupLimits = List.copyOf(groupLimits);
    for (int i = 1; i < groupLimits.size(); i++) {
      GroupLimit limit = groupLimits.get(i);
      int order = limit.controller().compareTo(groupLimits.get(i - 1).controller());
      if (order < 0 || order == 0 && !(limit instanceof GroupLimit.Disk)) {
        throw new IllegalArgumentException("group limits not in order of controllers, or one twice: " + groupLimits);
      }
    }
  }

  /// The same for an image that is told at start where to write the result.
  Resources toldAtStart() {
    return result.isEmpty() ? this : new Resources(limits, groupLimits, timeout, Optional.of(""));
  }
}
