package dev.warder.filter;

import java.util.Arrays;

/// Values that a 32-bit field may have: those whose masked bits lie in certain intervals, for one mask or several.
///
/// Immutable; null stands for no value at all. `and` never gives null for a set that has a value, and gives null for
/// every empty one unless [#BUDGET] runs out, which only loses precision.
final class FieldSet {
  private static final long ALL = 0xFFFFFFFFL;
  /// Steps to look for a value that fits several masks.
  private static final int BUDGET = 100_000;

  static final FieldSet ANY = new FieldSet(new long[0], new long[0][]);

  /// Different masks, each with its intervals: first and last value, ascending.
  private final long[] masks;
  private final long[][] bounds;

  private FieldSet(long[] masks, long[][] bounds) {
    this.masks = masks;
    this.bounds = bounds;
  }

  /// The values of this set for which `field & mask` is in the interval; null if there are none.
  FieldSet within(long mask, long first, long last) {
    return and(mask, new long[] {first, last});
  }

  /// The values of this set for which `field & mask` is outside the interval; null if there are none.
  FieldSet outside(long mask, long first, long last) {
    if (first == 0) {
      return last >= ALL ? null : and(mask, new long[] {last + 1, ALL});
    }
    return and(mask, last >= ALL ? new long[] {0, first - 1} : new long[] {0, first - 1, last + 1, ALL});
  }

  /// Whether `field & mask` is in the interval for every value of this set (1) or for none (-1); 0 where it may be either,
  /// and where only [#within] and [#outside] can tell.
  int side(long mask, long first, long last) {
    for (int at = 0; at < masks.length; at++) {
      if (masks[at] == mask) {
        long[] known = bounds[at];
        long lowest = known[0];
        long highest = known[known.length - 1];
        return first <= lowest && highest <= last ? 1 : highest < first || last < lowest ? -1 : 0;
      }
    }
    return 0;
  }

  private FieldSet and(long mask, long[] intervals) {
    int at = 0;
    while (at < masks.length && masks[at] != mask) {
      at++;
    }
    long[] common = common(at < masks.length ? bounds[at] : new long[] {0, mask}, intervals);
    if (common.length == 0) {
      return null;
    }
    long[] newMasks = at < masks.length ? masks : Arrays.copyOf(masks, at + 1);
    long[][] newBounds = Arrays.copyOf(bounds, newMasks.length);
    newMasks[at] = mask;
    newBounds[at] = common;
    var result = new FieldSet(newMasks, newBounds);
    boolean plain = newMasks.length == 1 && mask == ALL;
    return plain || result.fits(0, 0, new int[] {BUDGET}) ? result : null;
  }

  /// The common parts of two lists of intervals.
  private static long[] common(long[] a, long[] b) {
    var result = new long[a.length + b.length];
    int size = 0;
    for (int i = 0, j = 0; i < a.length && j < b.length;) {
      long first = Math.max(a[i], b[j]);
      long last = Math.min(a[i + 1], b[j + 1]);
      if (first <= last) {
        result[size++] = first;
        result[size++] = last;
      }
      if (a[i + 1] == last) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return Arrays.copyOf(result, size);
  }

  /// Whether some value with these top bits satisfies every mask; true when the budget runs out.
  ///
  /// @param value the bits fixed so far
  /// @param depth how many are
  private boolean fits(long value, int depth, int[] budget) {
    long free = ALL >>> depth;
    long open = 0;
    for (int i = 0; i < masks.length; i++) {
      int fit = fit(bounds[i], value & masks[i], free & masks[i]);
      if (fit < 0) {
        return false;
      }
      open |= fit == 0 ? masks[i] & free : 0;
    }
    if (open == 0 || --budget[0] <= 0) {
      return true;
    }
    int next = Long.numberOfLeadingZeros(open) - 32;                // bits before it matter to no mask that is open
    return fits(value, next + 1, budget) || fits(value | 1L << 31 - next, next + 1, budget);
  }

  /// How the values from `low` up by any of the `free` bits lie in the intervals: 1 all, 0 some perhaps, -1 none.
  private static int fit(long[] intervals, long low, long free) {
    for (int i = 0; i < intervals.length; i += 2) {
      if (intervals[i] <= low && low + free <= intervals[i + 1]) {
        return 1;
      }
      if (intervals[i] <= low + free && low <= intervals[i + 1]) {
        return 0;
      }
    }
    return -1;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(masks) + Arrays.deepHashCode(bounds);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof FieldSet other && Arrays.equals(masks, other.masks)
        && Arrays.deepEquals(bounds, other.bounds);
  }
}
