package dev.warder.format.oci;

import dev.warder.catalog.Capability;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/// Says of sets of capabilities which must be kept and which lacked, in few words.
final class CapabilityCubes {
  private CapabilityCubes() {}

  record Cube(Set<Capability> kept, Set<Capability> lacked) {}

  /// The capabilities whose bits are set.
  static Set<Capability> subset(List<Capability> capabilities, int bits) {
    var subset = EnumSet.noneOf(Capability.class);
    for (int i = 0; i < capabilities.size(); i++) {
      if ((bits >>> i & 1) != 0) {
        subset.add(capabilities.get(i));
      }
    }
    return Collections.unmodifiableSet(subset);
  }

  /// Cubes that together hold exactly the wanted subsets, the widest first.
  static List<Cube> of(List<Capability> capabilities, IntPredicate wanted) {
    int subsets = 1 << capabilities.size();
    var covered = new boolean[subsets];
    var cubes = new ArrayList<Cube>();
    for (int count = 0; count <= capabilities.size(); count++) {
      for (int asked = 0; asked < subsets; asked++) {
        for (int values = asked; Integer.bitCount(asked) == count && values >= 0; values = below(values, asked)) {
          if (all(subsets, asked, values, wanted) && cover(covered, asked, values)) {
            cubes.add(new Cube(subset(capabilities, values), subset(capabilities, asked & ~values)));
          }
        }
      }
    }
    return cubes;
  }

  /// The next smaller subset of the bits asked for, or -1.
  private static int below(int values, int asked) {
    return values == 0 ? -1 : values - 1 & asked;
  }

  private static boolean all(int subsets, int asked, int values, IntPredicate wanted) {
    for (int subset = 0; subset < subsets; subset++) {
      if ((subset & asked) == values && !wanted.test(subset)) {
        return false;
      }
    }
    return true;
  }

  /// Whether the cube holds a subset that none did before.
  private static boolean cover(boolean[] covered, int asked, int values) {
    boolean more = false;
    for (int subset = 0; subset < covered.length; subset++) {
      if ((subset & asked) == values && !covered[subset]) {
        covered[subset] = true;
        more = true;
      }
    }
    return more;
  }
}
