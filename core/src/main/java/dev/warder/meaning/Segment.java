package dev.warder.meaning;

import dev.warder.policy.ArgumentText;

/// A stretch of bits that reads as one number: an argument as wide as the kernel reads it, or what lies above that.
///
/// @param first its highest bit, as in [Bits]
/// @param index the argument that gives values their names; -1 for plain numbers
record Segment(String name, int first, int count, int index) {
  static Segment number(String name, int first, int count) {
    return new Segment(name, first, count, -1);
  }

  /// The segment of an argument or of the instruction pointer that holds a bit.
  static Segment of(int bit, ArgumentText names) {
    if (bit >= Bits.INSTRUCTION_POINTER) {
      return number("instruction_pointer", Bits.INSTRUCTION_POINTER, 64);
    }
    int index = (bit - Bits.ARGUMENTS) / 64;
    int start = Bits.argument(index);
    int high = 64 - names.width(index);
    return bit < start + high
        ? number("high" + high + "(" + names.name(index) + ")", start, high)
        : new Segment(names.name(index), start + high, 64 - high, index);
  }

  int end() {
    return first + count;
  }

  /// All its bits set.
  long ones() {
    return count == 64 ? -1L : (1L << count) - 1;
  }
}
