package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.policy.Policy;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a file is written for, where its format cannot leave that open.
///
/// @param arches the ABIs that the filter made from the file serves, the native one first; empty for all that the
///     policy serves, in formats that can say so
/// @param kept the capabilities of whoever runs under the filter
/// @param machine the kind of machine whose ABIs are meant where a format is for one and none are given
/// @param attributes what a container profile shall say beside the policy
public record Target(List<Arch> arches, Set<Capability> kept, Arch machine, Attributes attributes) {
  public Target {
    arches = List.copyOf(arches);
    var copy = EnumSet.noneOf(Capability.class);
    copy.addAll(kept);
    kept = Collections.unmodifiableSet(copy);
  }

  public Target(List<Arch> arches, Set<Capability> kept) {
    this(arches, kept, Arch.X86_64);
  }

  public Target(List<Arch> arches, Set<Capability> kept, Arch machine) {
    this(arches, kept, machine, Attributes.NONE);
  }

  public Target with(Attributes others) {
    return new Target(arches, kept, machine, others);
  }

  /// The ABIs of a file that is for one kind of machine, the native one first; none if the policy serves none there.
  public List<Arch> arches(Policy policy) {
    return arches.isEmpty() ? policy.architectures().of(machine) : arches;
  }
}
