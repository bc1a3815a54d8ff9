package dev.warder.meaning;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/// Functions of bits, as ordered decision diagrams that share their parts.
///
/// A function is a number, and each function is made once, so two functions are equal exactly if their numbers are. Its
/// values are 32-bit, or [#TRUE] and [#FALSE]. What is built is bounded: [TooComplexException] tells that it ran out.
///
/// Source of the technique: R. E. Bryant, Graph-based algorithms for Boolean function manipulation, 1986.
final class Diagrams {
  static final int FALSE = 0;
  static final int TRUE = 1;

  /// Some 60 MB and seconds at most; the shipped profiles take a hundredth of it.
  private static final int LIMIT = 1 << 21;
  private static final int STEPS_EACH = 16;
  private static final int WALKS_EACH = 2;
  private static final int CACHE = 1 << 18;
  private static final int LEAF = Bits.COUNT;

  private int[] bits = new int[1 << 12];
  /// The value of a leaf.
  private int[] lows = new int[1 << 12];
  private int[] highs = new int[1 << 12];
  private int size;
  private int steps;
  private int walked;
  private int[] table = new int[1 << 13];

  // Results of choose; a newer one takes the place of an older.
  private final int[] tests = new int[CACHE];
  private final int[] yeses = new int[CACHE];
  private final int[] noes = new int[CACHE];
  private final int[] results = new int[CACHE];

  private final int limit;

  Diagrams() {
    this(LIMIT);
  }

  /// @param limit distinctions that may be made
  Diagrams(int limit) {
    this.limit = limit;
    Arrays.fill(table, -1);
    Arrays.fill(tests, -1);
    node(LEAF, 0, -2);
    node(LEAF, 1, -2);
  }

  /// The function with this value everywhere.
  int value(int value) {
    return node(LEAF, value, -1);
  }

  /// Whether a bit is set.
  int bit(int bit) {
    return node(bit, FALSE, TRUE);
  }

  boolean leaf(int f) {
    return bits[f] == LEAF;
  }

  /// The value of a leaf.
  int valueOf(int leaf) {
    return lows[leaf];
  }

  /// The first bit that the function asks for, [Bits#COUNT] for a leaf.
  int top(int f) {
    return bits[f];
  }

  /// The function where the first bit that it asks for is 0.
  int low(int f) {
    return lows[f];
  }

  /// The function where the first bit that it asks for is 1.
  int high(int f) {
    return highs[f];
  }

  int size() {
    return size;
  }

  int not(int f) {
    return choose(f, FALSE, TRUE);
  }

  int and(int f, int g) {
    return choose(f, g, FALSE);
  }

  int or(int f, int g) {
    return choose(f, TRUE, g);
  }

  int xor(int f, int g) {
    return choose(f, not(g), g);
  }

  /// `test ? yes : no`.
  ///
  /// @param test a function with values TRUE and FALSE only
  int choose(int test, int yes, int no) {
    if (test == TRUE || yes == no) {
      return yes;
    }
    if (test == FALSE) {
      return no;
    }
    if (yes == TRUE && no == FALSE) {
      return test;
    }
    if (++steps > STEPS_EACH * limit) {
      throw tooMuch();
    }
    int slot = hash(test, yes, no) & CACHE - 1;
    if (tests[slot] == test && yeses[slot] == yes && noes[slot] == no) {
      return results[slot];
    }
    int top = Math.min(bits[test], Math.min(bits[yes], bits[no]));
    int low = choose(at(test, top, false), at(yes, top, false), at(no, top, false));
    int high = choose(at(test, top, true), at(yes, top, true), at(no, top, true));
    int result = node(top, low, high);
    tests[slot] = test;
    yeses[slot] = yes;
    noes[slot] = no;
    results[slot] = result;
    return result;
  }

  /// Counts a part of a function that someone looks at who keeps a map of them: a function may be large, and be looked at
  /// for each call.
  void walk() {
    if (++walked > WALKS_EACH * limit) {
      throw tooMuch();
    }
  }

  private int at(int f, int bit, boolean set) {
    return bits[f] != bit ? f : set ? highs[f] : lows[f];
  }

  /// The function where `count` bits from `first` on have these values.
  ///
  /// @param f asks for no bit before `first`
  int fix(int f, int first, int count, long value) {
    int result = f;
    while (bits[result] < first + count) {
      long set = value >>> first + count - 1 - bits[result] & 1;
      result = set != 0 ? highs[result] : lows[result];
    }
    return result;
  }

  /// The function where one bit has this value.
  int fixBit(int f, int bit, boolean set) {
    return fixBit(f, bit, set, new HashMap<>());
  }

  private int fixBit(int f, int bit, boolean set, Map<Integer, Integer> known) {
    if (bits[f] > bit) {
      return f;
    }
    if (bits[f] == bit) {
      return set ? highs[f] : lows[f];
    }
    Integer old = known.get(f);
    if (old == null) {
      walk();
      old = node(bits[f], fixBit(lows[f], bit, set, known), fixBit(highs[f], bit, set, known));
      known.put(f, old);
    }
    return old;
  }

  int atLeast(int first, int count, long value) {
    return atLeast(first, count, -1, value);
  }

  /// Whether the number in `count` bits from `first` on, of which those in `mask` count, is `value` at least, unsigned.
  int atLeast(int first, int count, long mask, long value) {
    int result = TRUE;
    for (int i = 0; i < count; i++) {
      int bit = first + count - 1 - i;
      boolean set = (value >>> i & 1) != 0;
      if ((mask >>> i & 1) == 0) {
        result = set ? FALSE : result;
      } else {
        result = set ? node(bit, FALSE, result) : node(bit, result, TRUE);
      }
    }
    return count < 64 && value >>> count != 0 ? FALSE : result;
  }

  /// Whether the number in `count` bits from `first` on is `value`, of the bits in `mask`.
  int equal(int first, int count, long mask, long value) {
    if ((value & ~mask) != 0) {
      return FALSE;
    }
    int result = TRUE;
    for (int i = 0; i < count; i++) {
      if ((mask >>> i & 1) != 0) {
        boolean set = (value >>> i & 1) != 0;
        result = set ? node(first + count - 1 - i, FALSE, result) : node(first + count - 1 - i, result, FALSE);
      }
    }
    return result;
  }

  /// The function with other leaves.
  int map(int f, IntUnaryOperator leaves) {
    return map(f, leaves, new HashMap<>());
  }

  private int map(int f, IntUnaryOperator leaves, Map<Integer, Integer> known) {
    if (leaf(f)) {
      return leaves.applyAsInt(f);
    }
    Integer old = known.get(f);
    if (old == null) {
      walk();
      old = node(bits[f], map(lows[f], leaves, known), map(highs[f], leaves, known));
      known.put(f, old);
    }
    return old;
  }

  private int node(int bit, int low, int high) {
    if (bit != LEAF && low == high) {
      return low;
    }
    int slot = hash(bit, low, high) & table.length - 1;
    while (table[slot] >= 0) {
      int f = table[slot];
      if (bits[f] == bit && lows[f] == low && highs[f] == high) {
        return f;
      }
      slot = slot + 1 & table.length - 1;
    }
    if (size == limit) {
      throw tooMuch();
    }
    if (size == bits.length) {
      grow();
      return node(bit, low, high);
    }
    bits[size] = bit;
    lows[size] = low;
    highs[size] = high;
    table[slot] = size;
    return size++;
  }

  private TooComplexException tooMuch() {
    return new TooComplexException("makes more distinctions than can be kept apart");
  }

  private void grow() {
    bits = Arrays.copyOf(bits, 2 * size);
    lows = Arrays.copyOf(lows, 2 * size);
    highs = Arrays.copyOf(highs, 2 * size);
    table = new int[4 * size];
    Arrays.fill(table, -1);
    for (int f = 0; f < size; f++) {
      int slot = hash(bits[f], lows[f], highs[f]) & table.length - 1;
      while (table[slot] >= 0) {
        slot = slot + 1 & table.length - 1;
      }
      table[slot] = f;
    }
  }

  private static int hash(int a, int b, int c) {
    int hash = (a * 0x9E3779B1 ^ b) * 0x85EBCA77 ^ c;
    hash *= 0xC2B2AE3D;
    return hash ^ hash >>> 15;
  }
}
