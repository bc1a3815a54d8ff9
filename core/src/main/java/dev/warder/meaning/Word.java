package dev.warder.meaning;

/// The 32 bits of a register, each a function of what the program can load; the lowest first.
///
/// Immutable. Arithmetic is that of a processor built of gates, so whatever a program computes is followed exactly.
final class Word {
  private static final int BITS = 32;

  private final Diagrams diagrams;
  private final int[] bits;

  private Word(Diagrams diagrams, int[] bits) {
    this.diagrams = diagrams;
    this.bits = bits;
  }

  static Word constant(Diagrams diagrams, int value) {
    var bits = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      bits[i] = value >>> i & 1;                  // FALSE is 0, TRUE is 1
    }
    return new Word(diagrams, bits);
  }

  /// A field that is read as it is.
  ///
  /// @param first its highest bit, as in [Bits]
  static Word field(Diagrams diagrams, int first) {
    var bits = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      bits[i] = diagrams.bit(first + BITS - 1 - i);
    }
    return new Word(diagrams, bits);
  }

  int bit(int i) {
    return bits[i];
  }

  private Word with(int... other) {
    return new Word(diagrams, other);
  }

  /// This where the test holds, else the other.
  Word choose(int test, Word other) {
    var result = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      result[i] = diagrams.choose(test, bits[i], other.bits[i]);
    }
    return with(result);
  }

  Word and(Word other) {
    var result = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      result[i] = diagrams.and(bits[i], other.bits[i]);
    }
    return with(result);
  }

  Word or(Word other) {
    var result = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      result[i] = diagrams.or(bits[i], other.bits[i]);
    }
    return with(result);
  }

  Word xor(Word other) {
    var result = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      result[i] = diagrams.xor(bits[i], other.bits[i]);
    }
    return with(result);
  }

  Word plus(Word other) {
    return plus(other.bits, Diagrams.FALSE);
  }

  Word minus(Word other) {
    return plus(other.inverted(), Diagrams.TRUE);
  }

  Word negated() {
    return constant(diagrams, 0).minus(this);
  }

  private int[] inverted() {
    var result = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      result[i] = diagrams.not(bits[i]);
    }
    return result;
  }

  private Word plus(int[] other, int carryIn) {
    var result = new int[BITS];
    int carry = carryIn;
    for (int i = 0; i < BITS; i++) {
      int sum = diagrams.xor(bits[i], other[i]);
      result[i] = diagrams.xor(sum, carry);
      carry = diagrams.choose(sum, carry, bits[i]);
    }
    return with(result);
  }

  Word times(Word other) {
    Word result = constant(diagrams, 0);
    for (int i = 0; i < BITS; i++) {
      if (other.bits[i] != Diagrams.FALSE) {
        result = result.plus(left(i)).choose(other.bits[i], result);
      }
    }
    return result;
  }

  /// Unsigned; the quotient by 0 is not defined.
  Word dividedBy(Word other) {
    var quotient = new int[BITS];
    Word rest = constant(diagrams, 0);
    for (int i = BITS - 1; i >= 0; i--) {
      int lost = rest.bits[BITS - 1];             // a 33rd bit: then the rest is larger for certain
      Word next = rest.left(1);
      next.bits[0] = bits[i];
      quotient[i] = diagrams.or(lost, next.atLeast(other));
      rest = next.minus(other).choose(quotient[i], next);
    }
    return with(quotient);
  }

  /// Shifted to the left by `count`, 0 to 31.
  private Word left(int count) {
    var result = new int[BITS];
    System.arraycopy(bits, 0, result, count, BITS - count);
    return with(result);
  }

  private Word right(int count) {
    var result = new int[BITS];
    System.arraycopy(bits, count, result, 0, BITS - count);
    return with(result);
  }

  /// Shifts by the low five bits of the other.
  Word shifted(Word by, boolean left) {
    Word result = this;
    for (int i = 0; i < 5; i++) {
      result = (left ? result.left(1 << i) : result.right(1 << i)).choose(by.bits[i], result);
    }
    return result;
  }

  int equal(Word other) {
    int result = Diagrams.TRUE;
    for (int i = 0; i < BITS; i++) {
      result = diagrams.and(diagrams.not(diagrams.xor(bits[i], other.bits[i])), result);
    }
    return result;
  }

  /// Whether this is the other at least, unsigned.
  int atLeast(Word other) {
    int result = Diagrams.TRUE;
    for (int i = 0; i < BITS; i++) {
      result = diagrams.choose(diagrams.xor(bits[i], other.bits[i]), bits[i], result);
    }
    return result;
  }

  /// Whether any bit is set.
  int any() {
    int result = Diagrams.FALSE;
    for (int i = 0; i < BITS; i++) {
      result = diagrams.or(bits[i], result);
    }
    return result;
  }
}
