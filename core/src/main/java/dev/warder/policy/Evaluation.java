package dev.warder.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What becomes of a call of which some arguments may be unknown.
///
/// @param branches the possible outcomes, in the order they are tried; one without a condition if the known arguments
///     decide
public record Evaluation(List<Branch> branches) {
  /// @param when what the unknown arguments must fulfil; empty for the last branch, which takes what is left
  public record Branch(Optional<Condition> when, Outcome outcome) {}

  public Evaluation {
    branches = List.copyOf(branches);
  }

  /// Decides with what is known.
  ///
  /// @param registers the six argument registers; empty for an unknown one
  public static Evaluation of(Decision decision, List<OptionalLong> registers) {
    var branches = new ArrayList<Branch>();
    for (Decision.Case c : decision.cases()) {
      Optional<Boolean> holds = holds(c.when(), registers);
      if (holds.isEmpty()) {
        branches.add(new Branch(Optional.of(c.when()), c.then()));
      } else if (holds.get()) {
        return closed(branches, c.then());
      }
    }
    return closed(branches, decision.otherwise());
  }

  private static Evaluation closed(List<Branch> branches, Outcome last) {
    while (!branches.isEmpty() && branches.getLast().outcome().equals(last)) {
      branches.removeLast();
    }
    branches.add(new Branch(Optional.empty(), last));
    return new Evaluation(branches);
  }

  /// Whether the unknown arguments change nothing.
  public boolean certain() {
    return branches.size() == 1;
  }

  /// The outcome, if it is certain.
  public Optional<Outcome> outcome() {
    return certain() ? Optional.of(branches.getFirst().outcome()) : Optional.empty();
  }

  /// Three-valued truth: empty if the unknown registers decide.
  static Optional<Boolean> holds(Condition condition, List<OptionalLong> registers) {
    return switch (condition) {
      case Condition.Compare compare -> compare(compare, registers.get(compare.index()));
      case Condition.Not(Condition inner) -> holds(inner, registers).map(b -> !b);
      case Condition.AllOf(List<Condition> terms) -> all(terms, true, registers);
      case Condition.AnyOf(List<Condition> terms) -> all(terms, false, registers);
    };
  }

  private static Optional<Boolean> compare(Condition.Compare compare, OptionalLong register) {
    if (register.isEmpty()) {
      return Optional.empty();
    }
    var args = new long[6];
    args[compare.index()] = register.getAsLong();
    return Optional.of(compare.holds(args));
  }

  /// `neutral` if every term is; its opposite as soon as one is.
  private static Optional<Boolean> all(List<Condition> terms, boolean neutral, List<OptionalLong> registers) {
    boolean unknown = false;
    for (Condition term : terms) {
      Optional<Boolean> holds = holds(term, registers);
      if (holds.isEmpty()) {
        unknown = true;
      } else if (holds.get() != neutral) {
        return holds;
      }
    }
    return unknown ? Optional.empty() : Optional.of(neutral);
  }
}
