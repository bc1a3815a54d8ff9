package dev.warder.format.convert;

import dev.warder.policy.Action;

/// A decision as a diagram over single bits of the argument registers: each call goes down from the root, at every node
/// by one bit, and ends at an action.
///
/// Bits are asked in one order: argument by argument, high bits first. [Diagrams] makes every node once, so equal
/// decisions are one object.
public final class Diagram {
  static final int BITS = 64;
  static final int END = 6 * BITS;

  /// Which bit is asked: 64 times the argument's index plus the place, counted from the highest; [#END] at an end.
  final int place;
  final Diagram zero;
  final Diagram one;
  /// What an end does; null inside, and for the two ends of conditions.
  final Action action;

  Diagram(int place, Diagram zero, Diagram one, Action action) {
    this.place = place;
    this.zero = zero;
    this.one = one;
    this.action = action;
  }

  /// Whether all calls end alike.
  public boolean end() {
    return place == END;
  }

  /// What an end does.
  public Action action() {
    return action;
  }

  /// What is left to ask when an argument, before which no other is asked, has this value.
  public Diagram at(int index, long value) {
    Diagram at = this;
    while (at.argument() == index) {
      at = (value & at.bit()) == 0 ? at.zero : at.one;
    }
    return at;
  }

  int argument() {
    return place / BITS;
  }

  /// The bit that is asked, as a mask of the register.
  long bit() {
    return 1L << BITS - 1 - place % BITS;
  }
}
