package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;

/// What a decision says of one call, as tests of 32-bit halves, for [Verifier] to compare a program with.
///
/// A plain transcription: no test is shared, merged or left out, so that it can be read against [Condition#holds]. It
/// has nothing in common with the compiler but the model.
final class Expected {
  private static final long ALL = 0xFFFFFFFFL;
  private static final int END = -1;

  /// Which 32-bit field of `seccomp_data` is tested, counted from 0; -1 for an end.
  final int field;
  /// The test holds if `field & mask` is from `first` to `last`; never if `first` is above `last`.
  final long mask;
  final long first;
  final long last;
  final Expected yes;
  final Expected no;
  /// What an end returns.
  final int value;
  /// The fields tested here and further on, a bit for each.
  final int reads;

  private Expected(int field, long mask, long first, long last, Expected yes, Expected no) {
    this.field = field;
    this.mask = mask;
    this.first = first;
    this.last = last;
    this.yes = yes;
    this.no = no;
    this.value = 0;
    this.reads = 1 << field | yes.reads | no.reads;
  }

  private Expected(int value) {
    this.field = END;
    this.mask = 0;
    this.first = 0;
    this.last = 0;
    this.yes = null;
    this.no = null;
    this.value = value;
    this.reads = 0;
  }

  static Expected of(int value) {
    return new Expected(value);
  }

  static Expected of(Decision decision, Arch arch) {
    Expected result = new Expected(ReturnValue.of(decision.otherwise().action(), arch));
    for (Decision.Case c : decision.cases().reversed()) {
      Expected then = new Expected(ReturnValue.of(c.then().action(), arch));
      result = of(c.when(), arch, then, result);
    }
    return result;
  }

  boolean end() {
    return field == END;
  }

  private static Expected of(Condition condition, Arch arch, Expected yes, Expected no) {
    if (condition instanceof Condition.Compare compare) {
      return of(compare, arch, yes, no);
    }
    if (condition instanceof Condition.Not(Condition inner)) {
      return of(inner, arch, no, yes);
    }
    if (condition instanceof Condition.AllOf(var terms)) {
      Expected result = yes;
      for (Condition term : terms.reversed()) {
        result = of(term, arch, result, no);
      }
      return result;
    }
    Expected result = no;
    for (Condition term : ((Condition.AnyOf) condition).terms().reversed()) {
      result = of(term, arch, yes, result);
    }
    return result;
  }

  private static Expected of(Condition.Compare c, Arch arch, Expected yes, Expected no) {
    return switch (c.operator()) {
      case EQ -> equal(c, arch, yes, no);
      case NE -> equal(c, arch, no, yes);
      case GE -> above(c, arch, 0, yes, no);
      case LT -> above(c, arch, 0, no, yes);
      case GT -> above(c, arch, 1, yes, no);
      case LE -> above(c, arch, 1, no, yes);
    };
  }

  private static Expected equal(Condition.Compare c, Arch arch, Expected yes, Expected no) {
    long value = c.value();
    Expected low = new Expected(low(c, arch), c.mask() & ALL, value & ALL, value & ALL, yes, no);
    return new Expected(high(c, arch), c.mask() >>> 32, value >>> 32, value >>> 32, low, no);
  }

  /// The argument is the value plus `more` at least: by its high half alone, or by its low half where those are equal.
  private static Expected above(Condition.Compare c, Arch arch, int more, Expected yes, Expected no) {
    long value = c.value();
    int high = high(c, arch);
    Expected low = new Expected(low(c, arch), c.mask() & ALL, (value & ALL) + more, ALL, yes, no);
    Expected same = new Expected(high, c.mask() >>> 32, value >>> 32, value >>> 32, low, no);
    return new Expected(high, c.mask() >>> 32, (value >>> 32) + 1, ALL, yes, same);
  }

  /// `args` starts at field 4; the half that comes first in memory depends on the byte order.
  private static int low(Condition.Compare c, Arch arch) {
    return 4 + 2 * c.index() + (arch.bigEndian() ? 1 : 0);
  }

  private static int high(Condition.Compare c, Arch arch) {
    return 4 + 2 * c.index() + (arch.bigEndian() ? 0 : 1);
  }
}
