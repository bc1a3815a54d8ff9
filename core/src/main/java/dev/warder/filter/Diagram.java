package dev.warder.filter;

import java.util.Arrays;

/// What happens to one call, by its arguments: a leaf, or a switch over the values of one masked argument.
///
/// An interval decision diagram. Arguments are asked in ascending order on every path and equal diagrams are the same
/// object (see [Diagrams]), so a condition that holds always, never, or twice leaves no trace.
final class Diagram {
  /// Argument index of a leaf; sorts behind every argument.
  static final int LEAF = 6;

  static final Diagram TRUE = new Diagram(LEAF, 0, new long[0], new Diagram[0], 1);
  static final Diagram FALSE = new Diagram(LEAF, 0, new long[0], new Diagram[0], 0);

  /// The argument that is asked, 0 to 5, or [#LEAF].
  final int index;
  final long mask;
  /// First value of each interval of `args[index] & mask`, unsigned and ascending, from 0.
  final long[] starts;
  /// What happens in each interval; neighbours differ.
  final Diagram[] branches;
  /// What a leaf returns.
  final int value;

  Diagram(int index, long mask, long[] starts, Diagram[] branches, int value) {
    this.index = index;
    this.mask = mask;
    this.starts = starts;
    this.branches = branches;
    this.value = value;
  }

  boolean leaf() {
    return index == LEAF;
  }

  /// Whether this asks its argument before the other does.
  boolean before(Diagram other) {
    return index != other.index ? index < other.index : Long.compareUnsigned(mask, other.mask) < 0;
  }

  boolean asksSameAs(Diagram other) {
    return index == other.index && mask == other.mask;
  }

  /// The branch for a value of the argument that `top` asks.
  Diagram at(Diagram top, long seen) {
    if (leaf() || !asksSameAs(top)) {
      return this;
    }
    int low = 0;
    int high = starts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Long.compareUnsigned(starts[middle], seen) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return branches[low];
  }

  @Override
  public int hashCode() {
    int hash = 31 * (31 * index + Long.hashCode(mask)) + value;
    for (int i = 0; i < starts.length; i++) {
      hash = 31 * (31 * hash + Long.hashCode(starts[i])) + System.identityHashCode(branches[i]);
    }
    return hash;
  }

  /// Same switch over the same objects.
  @Override
  public boolean equals(Object object) {
    return object instanceof Diagram other && asksSameAs(other) && value == other.value
        && Arrays.equals(starts, other.starts) && sameBranches(other);
  }

  private boolean sameBranches(Diagram other) {
    for (int i = 0; i < branches.length; i++) {
      if (branches[i] != other.branches[i]) {
        return false;
      }
    }
    return true;
  }
}
