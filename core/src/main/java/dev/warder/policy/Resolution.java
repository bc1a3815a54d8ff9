package dev.warder.policy;

import dev.warder.catalog.Arch;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a policy decides for every number of one architecture.
///
/// @param decisions by number as a filter sees it (with the ABI's base), in ascending order; holds every number of the
///     table and every raw number that the policy names
/// @param unassigned for numbers up to `newest` that belong to no call
/// @param newest the highest number the catalog knows for this architecture
/// @param newer for numbers above `newest`
public record Resolution(
    Arch arch, SortedMap<Integer, Decision> decisions, Decision unassigned, int newest, Decision newer) {

  public Resolution {
    decisions = Collections.unmodifiableSortedMap(new TreeMap<>(decisions));
  }

  /// The decision for a number of this ABI; numbers compare unsigned, as in a filter.
  public Decision decide(int number) {
    Decision decision = decisions.get(number);
    if (decision != null) {
      return decision;
    }
    return Integer.compareUnsigned(number, newest) > 0 ? newer : unassigned;
  }
}
