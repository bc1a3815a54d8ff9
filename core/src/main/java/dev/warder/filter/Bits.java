package dev.warder.filter;

/// Arithmetic on the values that `x & mask` can take.
final class Bits {
  private Bits() {}

  /// The smallest value at or above `bound` (unsigned) that has no bit outside `mask`; 0 if there is none.
  static long ceiling(long bound, long mask) {
    long outside = bound & ~mask;
    if (outside == 0) {
      return bound;
    }
    long highest = Long.highestOneBit(outside);
    long free = mask & ~bound & ~(highest | (highest - 1));   // above it: may still be raised from 0 to 1
    if (free == 0) {
      return 0;
    }
    long raised = Long.lowestOneBit(free);
    return (bound & -raised) | raised;
  }

  /// The number in the low 32 bits, unsigned.
  static long unsigned(int value) {
    return value & 0xFFFFFFFFL;
  }
}
