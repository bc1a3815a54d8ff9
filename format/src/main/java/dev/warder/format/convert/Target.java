package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a file is written for, where its format cannot leave that open.
///
/// @param arches the ABIs that the filter made from the file serves, the native one first; empty for all that the
///     policy serves, in formats that can say so
/// @param kept the capabilities of whoever runs under the filter
public record Target(List<Arch> arches, Set<Capability> kept) {
  public Target {
    arches = List.copyOf(arches);
    var copy = EnumSet.noneOf(Capability.class);
    copy.addAll(kept);
    kept = Collections.unmodifiableSet(copy);
  }
}
