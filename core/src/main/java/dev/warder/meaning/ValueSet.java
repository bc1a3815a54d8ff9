package dev.warder.meaning;

import dev.warder.policy.ArgumentText;
import java.util.ArrayList;
import java.util.List;

/// Words a set of values of one [Segment]: as single values, ranges, or by the bits that matter, whichever is shortest.
final class ValueSet {
  /// Ranges that a person still reads.
  private static final int MOST = 48;

  private final Diagrams diagrams;
  private final Segment segment;
  private final ArgumentText names;
  /// Bits that the set hangs on, as a mask.
  private final long mask;

  private ValueSet(Diagrams diagrams, Segment segment, ArgumentText names, long mask) {
    this.diagrams = diagrams;
    this.segment = segment;
    this.names = names;
    this.mask = mask;
  }

  /// @param set a function with values TRUE and FALSE of the segment's bits alone, and none of the two itself
  static String text(Diagrams diagrams, int set, Segment segment, ArgumentText names) {
    long support = support(diagrams, set, segment);
    var plain = new ValueSet(diagrams, segment, names, segment.ones());
    String best = plain.shorter(plain.notIn(diagrams.not(set)), plain.in(set));
    if (support != segment.ones()) {
      var masked = new ValueSet(diagrams, segment, names, support);
      best = plain.shorter(best, plain.shorter(masked.notIn(diagrams.not(set)), masked.in(set)));
    }
    return best != null ? best : plain.cubes(set);
  }

  private static long support(Diagrams diagrams, int set, Segment segment) {
    long mask = 0;
    for (int bit = segment.first(); bit < segment.end(); bit++) {
      if (diagrams.fixBit(set, bit, false) != diagrams.fixBit(set, bit, true)) {
        mask |= 1L << segment.end() - 1 - bit;
      }
    }
    return mask;
  }

  private String shorter(String a, String b) {
    return a == null || b != null && b.length() < a.length() ? b : a;
  }

  /// Ranges of the masked value, ascending: first and last of each; null if there are too many.
  private List<long[]> ranges(int set) {
    var ranges = new ArrayList<long[]>();
    return collect(set, segment.first(), 0, ranges) ? ranges : null;
  }

  private boolean collect(int set, int bit, long prefix, List<long[]> ranges) {
    if (set == Diagrams.FALSE) {
      return true;
    }
    long rest = bit == segment.end() ? 0 : mask & segment.ones() >>> bit - segment.first();
    if (set == Diagrams.TRUE) {
      long[] before = ranges.isEmpty() ? null : ranges.getLast();
      if (before != null && before[1] == ((prefix - 1) & mask)) {
        before[1] = prefix | rest;                // next to each other, as far as the mask goes
      } else {
        ranges.add(new long[] {prefix, prefix | rest});
      }
      return ranges.size() <= MOST;
    }
    long weight = 1L << segment.end() - 1 - bit;
    if ((mask & weight) == 0) {
      return collect(set, bit + 1, prefix, ranges);
    }
    boolean asked = diagrams.top(set) == bit;
    return collect(asked ? diagrams.low(set) : set, bit + 1, prefix, ranges)
        && collect(asked ? diagrams.high(set) : set, bit + 1, prefix | weight, ranges);
  }

  private String left() {
    return mask == segment.ones() ? segment.name() : segment.name() + " & " + maskText(mask);
  }

  private String maskText(long value) {
    return segment.index() < 0 ? ArgumentText.number(value) : names.mask(segment.index(), value);
  }

  private String value(long value) {
    if (segment.index() >= 0) {
      return names.value(segment.index(), value);
    }
    return segment.first() == Bits.NUMBER ? Long.toString(value) : ArgumentText.number(value);
  }

  private String in(int set) {
    List<long[]> ranges = ranges(set);
    if (ranges == null) {
      return null;
    }
    var values = new ArrayList<String>();
    var terms = new ArrayList<String>();
    for (long[] range : ranges) {
      if (range[0] == range[1]) {
        values.add(value(range[0]));
      } else if (range[1] == range[0] + 1) {
        values.add(value(range[0]));
        values.add(value(range[1]));
      } else {
        terms.add(range(range[0], range[1]));
      }
    }
    if (!values.isEmpty()) {
      terms.addFirst(left() + (values.size() == 1 ? " == " + values.getFirst() : " in [" + String.join(", ", values) + "]"));
    }
    return Wording.anyOf(terms);
  }

  private String range(long first, long last) {
    String low = left() + " >= " + value(first);
    String high = left() + " <= " + value(last);
    return first == 0 ? high : last == mask ? low : low + " && " + high;
  }

  /// @param set the values that are out
  private String notIn(int set) {
    List<long[]> ranges = ranges(set);
    if (ranges == null) {
      return null;
    }
    long[] first = ranges.getFirst();
    if (ranges.size() > 1 || first[0] != first[1]) {
      return "!(" + in(set) + ")";
    }
    boolean anyBit = first[0] == 0 && mask != segment.ones();
    return anyBit ? left() : left() + " != " + value(first[0]);
  }

  /// The set as tests of some bits each, one for each way through the diagram.
  private String cubes(int set) {
    var terms = new ArrayList<String>();
    if (!cubes(set, 0, 0, terms)) {
      return "(" + segment.name() + ": values that no short condition tells, such as " + value(smallest(set)) + ")";
    }
    return Wording.anyOf(terms);
  }

  private long smallest(int set) {
    long value = 0;
    for (int f = set; !diagrams.leaf(f);) {
      boolean one = diagrams.low(f) == Diagrams.FALSE;
      value |= one ? 1L << segment.end() - 1 - diagrams.top(f) : 0;
      f = one ? diagrams.high(f) : diagrams.low(f);
    }
    return value;
  }

  private boolean cubes(int set, long asked, long value, List<String> terms) {
    if (set == Diagrams.TRUE) {
      terms.add(new ValueSet(diagrams, segment, names, asked).left() + " == " + value(value));
    }
    if (diagrams.leaf(set)) {
      return terms.size() <= MOST;
    }
    long weight = 1L << segment.end() - 1 - diagrams.top(set);
    return cubes(diagrams.low(set), asked | weight, value, terms)
        && cubes(diagrams.high(set), asked | weight, value | weight, terms);
  }
}
