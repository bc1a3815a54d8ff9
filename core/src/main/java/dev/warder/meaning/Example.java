package dev.warder.meaning;

import dev.warder.catalog.Capability;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// One call of a set of calls.
///
/// @param number as in `seccomp_data.nr`
/// @param kept capabilities that the jail keeps
/// @param args the six argument registers
/// @param instructionPointer as in `seccomp_data`
public record Example(int auditArch, int number, Set<Capability> kept, long[] args, long instructionPointer) {
  public Example {
    var copy = EnumSet.noneOf(Capability.class);
    copy.addAll(kept);
    kept = Collections.unmodifiableSet(copy);
    args = args.clone();
  }

  /// A call for which the function is TRUE.
  ///
  /// @param calls not FALSE
  static Example of(Diagrams diagrams, int calls, int auditArch, int number) {
    var bits = new boolean[Bits.COUNT];
    for (int f = calls; !diagrams.leaf(f);) {
      boolean set = diagrams.low(f) == Diagrams.FALSE;
      bits[diagrams.top(f)] = set;
      f = set ? diagrams.high(f) : diagrams.low(f);
    }
    var kept = EnumSet.noneOf(Capability.class);
    for (Capability capability : Capability.values()) {
      if (bits[Bits.of(capability)]) {
        kept.add(capability);
      }
    }
    var args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = number(bits, Bits.argument(i));
    }
    return new Example(auditArch, number, kept, args, number(bits, Bits.INSTRUCTION_POINTER));
  }

  /// A bit by its place in [Bits].
  boolean bit(int bit) {
    if (bit >= Bits.INSTRUCTION_POINTER) {
      return (instructionPointer >>> 63 - (bit - Bits.INSTRUCTION_POINTER) & 1) != 0;
    } else if (bit >= Bits.ARGUMENTS) {
      return (args[(bit - Bits.ARGUMENTS) / 64] >>> 63 - (bit - Bits.ARGUMENTS) % 64 & 1) != 0;
    } else if (bit >= Bits.CAPABILITIES) {
      return kept.contains(Capability.values()[bit - Bits.CAPABILITIES]);
    }
    int word = bit >= Bits.NUMBER ? number : auditArch;
    return (word >>> 31 - bit % 32 & 1) != 0;
  }

  private static long number(boolean[] bits, int first) {
    long value = 0;
    for (int i = 0; i < 64; i++) {
      value = value << 1 | (bits[first + i] ? 1 : 0);
    }
    return value;
  }
}
