package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.FilterTooLongException;
import dev.warder.filter.Verifier;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Conditions;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Resolution;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Compares decisions for every value of every argument, with the compiler and the verifier of filters.
public final class Proof {
  private static final Decision ANY = Decision.always(new Outcome(Action.ALLOW, ""));

  private Proof() {}

  /// Whether both take the same action on every call.
  public static boolean same(Arch arch, Decision first, Decision second) {
    if (first.unconditional() && second.unconditional()) {
      return first.otherwise().action().equals(second.otherwise().action());
    }
    try {
      Filter filter = FilterCompiler.compile(List.of(resolution(arch, first)), Action.KILL_PROCESS);
      return Verifier.verify(filter, List.of(resolution(arch, second)), Action.KILL_PROCESS).isEmpty();
    } catch (FilterTooLongException e) {
      return false;
    }
  }

  /// Whether every call that the first lets through is let through by the second.
  public static boolean within(Arch arch, Decision first, Decision second) {
    boolean settled = first.unconditional() && !first.otherwise().action().letsThrough()
        || second.unconditional() && second.otherwise().action().letsThrough();
    if (settled) {
      return true;
    }
    var beyond = new Condition.AllOf(List.of(passes(first), new Condition.Not(passes(second))));
    var refusal = new Outcome(Action.KILL_PROCESS, "");
    return same(arch, ANY, new Decision(List.of(new Decision.Case(beyond, refusal)), ANY.otherwise()));
  }

  /// When the decision lets a call through.
  private static Condition passes(Decision decision) {
    Condition passes = decision.otherwise().action().letsThrough() ? Conditions.ALWAYS : Conditions.NEVER;
    for (Decision.Case c : decision.cases().reversed()) {
      passes = c.then().action().letsThrough()
          ? new Condition.AnyOf(List.of(c.when(), passes))
          : new Condition.AllOf(List.of(new Condition.Not(c.when()), passes));
    }
    return passes;
  }

  private static Resolution resolution(Arch arch, Decision decision) {
    int number = arch.numberBase();
    return new Resolution(arch, new TreeMap<>(Map.of(number, decision)), ANY, number, ANY);
  }
}
