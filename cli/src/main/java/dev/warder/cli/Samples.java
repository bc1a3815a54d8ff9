package dev.warder.cli;

import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;

/// Arguments on the edges of what decisions test: where two decisions differ, or a filter from its decision, one of
/// these usually tells.
final class Samples {
  private static final int REGISTERS = 6;
  private static final int MOST = 10_000;

  private final List<SequencedSet<Long>> edges = new ArrayList<>();

  private Samples(List<OptionalLong> known) {
    for (OptionalLong register : known) {
      edges.add(new LinkedHashSet<>(List.of(register.orElse(0))));
    }
  }

  /// Argument registers to try; zeros for those that no condition tests come first.
  static List<long[]> of(Decision... decisions) {
    return of(Collections.nCopies(REGISTERS, OptionalLong.empty()), decisions);
  }

  /// How the other refuses, with some arguments, what the first lets through.
  static Optional<Outcome> refusal(Decision first, Decision other) {
    for (long[] args : Samples.of(first, other)) {
      Outcome outcome = other.decide(args);
      if (first.decide(args).action().letsThrough() && !outcome.action().letsThrough()) {
        return Optional.of(outcome);
      }
    }
    return Optional.empty();
  }

  /// The same where some registers are known.
  static List<long[]> of(List<OptionalLong> known, Decision... decisions) {
    var samples = new Samples(known);
    for (Decision decision : decisions) {
      for (Decision.Case c : decision.cases()) {
        samples.add(c.when(), known);
      }
    }
    return samples.combinations();
  }

  private void add(Condition condition, List<OptionalLong> known) {
    switch (condition) {
      case Condition.Compare compare -> {
        if (known.get(compare.index()).isEmpty()) {
          add(compare);
        }
      }
      case Condition.Not(Condition inner) -> add(inner, known);
      case Condition.AllOf(List<Condition> terms) -> terms.forEach(term -> add(term, known));
      case Condition.AnyOf(List<Condition> terms) -> terms.forEach(term -> add(term, known));
    }
  }

  private void add(Condition.Compare compare) {
    long value = compare.value();
    long mask = compare.mask();
    var register = edges.get(compare.index());
    Collections.addAll(register, value, value - 1, value + 1, value | ~mask, mask, ~mask, -1L);
    if (mask != -1L && mask != 0xFFFFFFFFL) {
      for (long rest = mask; rest != 0; rest &= rest - 1) {
        register.add(Long.lowestOneBit(rest));
      }
    }
  }

  private List<long[]> combinations() {
    var all = new ArrayList<long[]>();
    all.add(new long[REGISTERS]);
    for (int i = 0; i < REGISTERS; i++) {
      var longer = new ArrayList<long[]>();
      for (long[] sample : all) {
        for (long edge : edges.get(i)) {
          if (longer.size() < MOST) {
            long[] next = sample.clone();
            next[i] = edge;
            longer.add(next);
          }
        }
      }
      all = longer;
    }
    return all;
  }
}
