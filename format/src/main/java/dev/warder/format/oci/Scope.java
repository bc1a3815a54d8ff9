package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// Where a rule is in force.
///
/// @param kept capabilities the jail must all keep
/// @param lacked capabilities it must all lack
/// @param arches the ABIs it holds for
record Scope(Set<Capability> kept, Set<Capability> lacked, Set<Arch> arches) {
  /// That of most rules.
  static final Scope EVERYWHERE = new Scope(Set.of(), Set.of(), Collections.unmodifiableSet(EnumSet.allOf(Arch.class)));

  private static final int ARCHES = Arch.values().length;

  When when() {
    var terms = new ArrayList<When>();
    for (Capability capability : kept) {
      terms.add(new When.Kept(capability));
    }
    for (Capability capability : lacked) {
      terms.add(new When.Lacked(capability));
    }
    if (arches.size() < ARCHES) {
      terms.add(new When.On(arches));
    }
    return terms.isEmpty() ? new When.Always() : terms.size() == 1 ? terms.getFirst() : new When.All(terms);
  }

  /// Whether both can be in force at once.
  boolean meets(Scope other) {
    return Collections.disjoint(kept, other.lacked)
        && Collections.disjoint(lacked, other.kept)
        && !Collections.disjoint(arches, other.arches);
  }
}
