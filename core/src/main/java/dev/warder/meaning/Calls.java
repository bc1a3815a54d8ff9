package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.SeccompH;
import dev.warder.policy.ArgumentText;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Cuts functions of calls into parts that are worded: by number, by kept capabilities, by arguments.
final class Calls {
  /// Groups of numbers without a name; a policy has three.
  private static final int MOST_GROUPS = 256;

  private final Diagrams diagrams;

  Calls(Diagrams diagrams) {
    this.diagrams = diagrams;
  }

  /// A part of the calls of one number, or of several that are treated alike.
  ///
  /// @param kept capabilities that the jail keeps there; others may be kept or not
  /// @param dropped capabilities that it drops there
  /// @param region the arguments, a function with values TRUE and FALSE
  record Part(Set<Capability> kept, Set<Capability> dropped, int region) {}

  /// Whether a function lets some call through, or asks someone.
  boolean serves(int function) {
    return diagrams.map(function, leaf -> Answer.denies(diagrams.valueOf(leaf)) ? Diagrams.FALSE : Diagrams.TRUE)
        != Diagrams.FALSE;
  }

  /// The function for one number.
  int number(int function, int number) {
    return diagrams.fix(function, Bits.NUMBER, 32, Integer.toUnsignedLong(number));
  }

  /// The pairs of values that two functions of one number have, each with where they have it.
  Map<List<Integer>, Integer> pairs(int left, int right) {
    var pairs = new LinkedHashMap<List<Integer>, Integer>();
    ends(left, right, Bits.COUNT, pairs, new HashMap<>());
    for (List<Integer> pair : List.copyOf(pairs.keySet())) {
      pairs.put(pair, where(left, right, Bits.COUNT, pair, new HashMap<>()));
    }
    return pairs;
  }

  /// The groups of numbers that two functions treat alike, each as a pair of functions of the rest, with its numbers.
  Map<List<Integer>, Integer> groups(int left, int right) {
    var groups = new LinkedHashMap<List<Integer>, Integer>();
    ends(left, right, Bits.CAPABILITIES, groups, new HashMap<>());
    if (groups.size() > MOST_GROUPS) {
      throw new TooComplexException("treats numbers of no call in more than " + MOST_GROUPS + " ways");
    }
    for (List<Integer> group : List.copyOf(groups.keySet())) {
      groups.put(group, where(left, right, Bits.CAPABILITIES, group, new HashMap<>()));
    }
    return groups;
  }

  private void ends(int left, int right, int end, Map<List<Integer>, Integer> ends, Map<List<Integer>, Boolean> seen) {
    int top = Math.min(diagrams.top(left), diagrams.top(right));
    var pair = List.of(left, right);
    if (top >= end) {
      ends.putIfAbsent(pair, Diagrams.FALSE);
    } else if (seen.put(pair, true) == null) {
      diagrams.walk();
      ends(at(left, top, false), at(right, top, false), end, ends, seen);
      ends(at(left, top, true), at(right, top, true), end, ends, seen);
    }
  }

  private int where(int left, int right, int end, List<Integer> wanted, Map<List<Integer>, Integer> known) {
    int top = Math.min(diagrams.top(left), diagrams.top(right));
    var pair = List.of(left, right);
    if (top >= end) {
      return pair.equals(wanted) ? Diagrams.TRUE : Diagrams.FALSE;
    }
    Integer where = known.get(pair);
    if (where == null) {
      diagrams.walk();
      int low = where(at(left, top, false), at(right, top, false), end, wanted, known);
      int high = where(at(left, top, true), at(right, top, true), end, wanted, known);
      where = diagrams.choose(diagrams.bit(top), high, low);
      known.put(pair, where);
    }
    return where;
  }

  private int at(int f, int bit, boolean set) {
    return diagrams.top(f) != bit ? f : set ? diagrams.high(f) : diagrams.low(f);
  }

  /// A function of the ABI's calls with one answer for those that have a name, and for those of another ABI.
  int unnamed(int function, Arch abi, int answer) {
    int result = function;
    for (int number : Catalog.get().table(abi).names().keySet()) {
      int here = diagrams.equal(Bits.NUMBER, 32, 0xFFFFFFFFL, Integer.toUnsignedLong(number));
      result = diagrams.choose(here, answer, result);
    }
    int x32 = diagrams.atLeast(Bits.NUMBER, 32, SeccompH.X32_SYSCALL_BIT);
    return switch (abi) {
      case X86_64 -> diagrams.choose(x32, answer, result);
      case X32 -> diagrams.choose(x32, result, answer);
      default -> result;
    };
  }

  /// A region of one number's calls, cut by capabilities into as few parts as there are ways to them.
  List<Part> byCapabilities(int region) {
    var parts = new ArrayList<Part>();
    cut(region, EnumSet.noneOf(Capability.class), EnumSet.noneOf(Capability.class), parts);
    return parts;
  }

  private void cut(int region, EnumSet<Capability> kept, EnumSet<Capability> dropped, List<Part> parts) {
    if (diagrams.top(region) >= Bits.ARGUMENTS) {
      if (region != Diagrams.FALSE) {
        parts.add(new Part(EnumSet.copyOf(kept), EnumSet.copyOf(dropped), region));
      }
      return;
    }
    Capability capability = Capability.values()[diagrams.top(region) - Bits.CAPABILITIES];
    dropped.add(capability);
    cut(diagrams.low(region), kept, dropped, parts);
    dropped.remove(capability);
    kept.add(capability);
    cut(diagrams.high(region), kept, dropped, parts);
    kept.remove(capability);
  }

  /// The arguments of a region as a condition.
  ///
  /// @param call its name; empty for a number without one
  String condition(int region, String call, Arch abi) {
    return new Wording(diagrams, new ArgumentText(call, abi)).text(region);
  }

  /// Numbers of no call, as people read them: by what they are to the catalog, else as a condition on `nr`.
  String numbers(int set, Arch abi) {
    int free = unnamed(Diagrams.TRUE, abi, Diagrams.FALSE);
    long newest = Integer.toUnsignedLong(Catalog.get().table(abi).newest());
    int newer = diagrams.and(free, diagrams.atLeast(Bits.NUMBER, 32, newest + 1));
    if (set == free) {
      return "every number that is no call";
    }
    if (set == newer) {
      return "every number newer than the catalog";
    }
    return set == diagrams.and(free, diagrams.not(newer))
        ? "every unassigned number"
        : ValueSet.text(diagrams, set, Segment.number("nr", Bits.NUMBER, 32), new ArgumentText("", abi));
  }

  /// The first number of a set.
  int first(int set) {
    int number = 0;
    for (int f = set; !diagrams.leaf(f);) {
      boolean bit = diagrams.low(f) == Diagrams.FALSE;
      number |= bit ? 1 << 31 - (diagrams.top(f) - Bits.NUMBER) : 0;
      f = bit ? diagrams.high(f) : diagrams.low(f);
    }
    return number;
  }
}
