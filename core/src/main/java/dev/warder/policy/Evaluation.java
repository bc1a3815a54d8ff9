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
  /// @param when what the unknown arguments must still fulfil; empty for the last branch, which takes what is left
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
      Condition open = open(c.when(), registers);
      if (Conditions.isAlways(open)) {
        return closed(branches, c.then());
      }
      if (!Conditions.isNever(open)) {
        branches.add(new Branch(Optional.of(open), c.then()));
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

  /// What the unknown registers must still fulfil; [Conditions#ALWAYS] or [Conditions#NEVER] if the known ones decide.
  private static Condition open(Condition condition, List<OptionalLong> registers) {
    return switch (condition) {
      case Condition.Compare compare -> open(compare, registers.get(compare.index()));
      case Condition.Not(Condition inner) -> Conditions.not(open(inner, registers));
      case Condition.AllOf(List<Condition> terms) -> Conditions.allOf(open(terms, registers));
      case Condition.AnyOf(List<Condition> terms) -> Conditions.anyOf(open(terms, registers));
    };
  }

  private static List<Condition> open(List<Condition> terms, List<OptionalLong> registers) {
    return terms.stream().map(term -> open(term, registers)).toList();
  }

  private static Condition open(Condition.Compare compare, OptionalLong register) {
    if (register.isEmpty()) {
      return compare;
    }
    var args = new long[6];
    args[compare.index()] = register.getAsLong();
    return compare.holds(args) ? Conditions.ALWAYS : Conditions.NEVER;
  }
}
