package dev.warder.meaning;

import dev.warder.catalog.Capability;

/// The bits that a decision may hang on, in the order in which a [Diagrams] asks for them: those of the architecture, of
/// the number, the kept capabilities, the arguments, the instruction pointer; the highest bit of each first.
final class Bits {
  static final int ARCHITECTURE = 0;
  static final int NUMBER = ARCHITECTURE + 32;
  static final int CAPABILITIES = NUMBER + 32;
  static final int ARGUMENTS = CAPABILITIES + 64;
  static final int INSTRUCTION_POINTER = ARGUMENTS + 6 * 64;
  static final int COUNT = INSTRUCTION_POINTER + 64;

  private static final int NR_OFFSET = 0;
  private static final int ARCH_OFFSET = 4;
  private static final int POINTER_OFFSET = 8;
  private static final int ARGS_OFFSET = 16;

  private Bits() {}

  /// The first bit that a load of `seccomp_data` reads; the 31 after it follow.
  ///
  /// @param offset in bytes, a multiple of 4
  static int loaded(int offset, boolean bigEndian) {
    if (offset == NR_OFFSET) {
      return NUMBER;
    }
    if (offset == ARCH_OFFSET) {
      return ARCHITECTURE;
    }
    int field = offset < ARGS_OFFSET ? INSTRUCTION_POINTER : ARGUMENTS + 64 * ((offset - ARGS_OFFSET) / 8);
    int half = (offset - POINTER_OFFSET) % 8;
    boolean high = half == 0 == bigEndian;
    return high ? field : field + 32;
  }

  static int argument(int index) {
    return ARGUMENTS + 64 * index;
  }

  static int of(Capability capability) {
    return CAPABILITIES + capability.ordinal();
  }
}
