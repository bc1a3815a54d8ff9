package dev.warder.policy;

import java.util.List;

/// A condition bound to one architecture: argument slots and numbers instead of names.
///
/// Comparisons are unsigned on 64 bits after masking, as classic BPF does them; a test on an argument of which the kernel
/// reads 32 bits has a mask that keeps the low 32, so that stray high bits are no way round it.
public sealed interface Condition {
  /// `(args[index] & mask) operator value`.
  ///
  /// @param index argument slot, 0 to 5
  record Compare(int index, long mask, Operator operator, long value) implements Condition {
    public Compare {
      if (index < 0 || index > 5) {
        throw new IllegalArgumentException("argument index must be 0 to 5, got " + index);
      }
    }
  }

  record Not(Condition inner) implements Condition {}

  record AllOf(List<Condition> terms) implements Condition {
    public AllOf {
      terms = List.copyOf(terms);
    }
  }

  record AnyOf(List<Condition> terms) implements Condition {
    public AnyOf {
      terms = List.copyOf(terms);
    }
  }

  /// Unsigned comparisons.
  enum Operator {
    EQ, NE, LT, LE, GT, GE
  }

  /// Whether the test holds for these argument registers. This is the specification that a filter is proved against.
  default boolean holds(long[] args) {
    return switch (this) {
      case Compare(int index, long mask, Operator operator, long value) -> {
        long seen = args[index] & mask;
        int order = Long.compareUnsigned(seen, value);
        yield switch (operator) {
          case EQ -> order == 0;
          case NE -> order != 0;
          case LT -> order < 0;
          case LE -> order <= 0;
          case GT -> order > 0;
          case GE -> order >= 0;
        };
      }
      case Not(Condition inner) -> !inner.holds(args);
      case AllOf(List<Condition> terms) -> terms.stream().allMatch(c -> c.holds(args));
      case AnyOf(List<Condition> terms) -> terms.stream().anyMatch(c -> c.holds(args));
    };
  }
}
