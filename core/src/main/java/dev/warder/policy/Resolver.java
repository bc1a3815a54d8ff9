package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.SyscallTable;
import dev.warder.policy.Decision.Case;
import dev.warder.policy.RuleIndex.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Decides every number of one architecture, then closes the ways that some calls have round the rules of others.
///
/// Part of every start in a cold JVM, hence loops and `instanceof` where streams and pattern switches would read
/// better.
final class Resolver {
  private final Policy policy;
  private final Arch arch;
  private final SyscallTable table;
  private final RuleIndex rules;
  private final Explainer explainer;

  Resolver(Policy policy, Arch arch, Set<Capability> kept) {
    this.policy = policy;
    this.arch = arch;
    this.table = Catalog.get().table(arch);
    this.rules = new RuleIndex(policy.rules(), kept, table);
    this.explainer = new Explainer(policy);
  }

  Resolution resolve() {
    SortedMap<Integer, String> names = table.names();
    var decisions = new TreeMap<Integer, Decision>();
    for (Map.Entry<Integer, String> entry : names.entrySet()) {
      decisions.put(entry.getKey(), decide(entry.getValue(), rules.of(entry.getKey())));
    }
    for (Integer number : rules.numbers()) {
      if (!names.containsKey(number)) {
        decisions.put(number, decide("#".concat(Integer.toUnsignedString(number)), rules.of(number)));
      }
    }
    closeWaysRound(decisions);
    return new Resolution(arch, decisions, unassigned(), table.newest(), newer());
  }

  private Decision unassigned() {
    return Decision.always(new Outcome(policy.unassignedAction(), "No call has this number on " + arch + "."));
  }

  private Decision newer() {
    return Decision.always(
        new Outcome(policy.newerAction(), "The call is newer than this catalog, so nothing is known of what it does."));
  }

  private Decision decide(String name, Wanted wanted) {
    Rule deny = wanted.denyAlways(explainer.refusal());
    var cases = new ArrayList<Case>(wanted.denies.size() + wanted.allows.size());
    for (Rule rule : wanted.denySome(deny, explainer.refusal())) {
      Condition condition = bind(rule, name, Conditions.ALWAYS);
      if (Conditions.isAlways(condition)) {
        return new Decision(cases, explainer.denied(name, rule));
      }
      add(cases, condition, explainer.denied(name, rule));
    }
    return new Decision(cases, deny != null ? explainer.denied(name, deny) : otherwise(name, wanted, cases));
  }

  /// Adds the cases of conditional allows and gives what happens where none holds.
  private Outcome otherwise(String name, Wanted wanted, List<Case> cases) {
    Rule allow = wanted.allowAlways();
    if (allow != null) {
      return explainer.allowed(name, allow);
    }
    if (policy.defaultAction() instanceof Action.Allow) {
      return explainer.unspoken(name);
    }
    for (Rule rule : wanted.allows) {
      Condition condition = bind(rule, name, Conditions.NEVER);
      if (Conditions.isAlways(condition)) {
        return explainer.allowed(name, rule);
      }
      add(cases, condition, explainer.allowedSome(rule));
    }
    return wanted.allows.isEmpty() ? explainer.unspoken(name) : explainer.conditionsFail(name, wanted.allows);
  }

  private static void add(List<Case> cases, Condition condition, Outcome outcome) {
    if (!Conditions.isNever(condition)) {
      cases.add(new Case(condition, outcome));
    }
  }

  /// @param unknown what to take where this architecture's call lacks the argument: the side that denies
  private Condition bind(Rule rule, String name, Condition unknown) {
    return rule.condition().orElseThrow().bind(name, arch).orElse(unknown);
  }

  private void closeWaysRound(SortedMap<Integer, Decision> decisions) {
    OptionalInt clone = table.number("clone");
    OptionalInt clone3 = table.number("clone3");
    if (clone.isPresent() && clone3.isPresent() && !decisions.get(clone.getAsInt()).unconditional()) {
      hideClone3(decisions, clone3.getAsInt());
    }
    for (Multiplexer multiplexer : Multiplexer.ALL) {
      OptionalInt number = table.number(multiplexer.name());
      if (number.isPresent()) {
        decisions.put(number.getAsInt(), split(multiplexer, decisions.get(number.getAsInt())));
      }
    }
  }

  /// The flags of clone3 lie in memory, so no filter can test them; told that there is no such call, every C library
  /// uses clone. A deny with an action of its own stays, unless that lets the call through.
  private void hideClone3(SortedMap<Integer, Decision> decisions, int number) {
    Rule deny = rules.of(number).denyAlways(explainer.refusal());
    if (deny == null || ((Rule.Effect.Deny) deny.effect()).action().isEmpty()
        || deny.denial(explainer.refusal()).letsThrough()) {
      decisions.put(number, Decision.always(explainer.hiddenClone3()));
    }
  }

  /// Lets a multiplexer through only for the sub-calls that the policy allows whatever their arguments.
  private Decision split(Multiplexer multiplexer, Decision own) {
    var denied = new ArrayList<Case>();
    var allowed = new ArrayList<Condition>();
    for (Multiplexer.SubCall sub : multiplexer.calls()) {
      Condition selected = multiplexer.selects(sub);
      Optional<Outcome> refused = refusal(multiplexer, sub.name());
      if (refused.isPresent()) {
        denied.add(new Case(selected, refused.get()));
      } else {
        allowed.add(selected);
      }
    }
    Outcome unknown = explainer.unknownSubCall(multiplexer.name());
    return denied.isEmpty() ? own : multiplexer.narrow(own, denied, allowed, unknown);
  }

  /// Why a call may not be made through a multiplexer, or empty if it may be made with any arguments.
  private Optional<Outcome> refusal(Multiplexer multiplexer, String name) {
    Wanted wanted = rules.of(name);
    Rule deny = wanted.denyAlways(explainer.refusal());
    boolean stricter = !wanted.denySome(deny, explainer.refusal()).isEmpty();
    if (deny != null && (deny.denial(explainer.refusal()).denies() || !stricter)) {
      return Optional.of(explainer.denied(name, deny));
    }
    boolean allowed = wanted.allowAlways() != null || policy.defaultAction().letsThrough();
    if (wanted.denies.isEmpty() && allowed) {
      return Optional.empty();
    }
    boolean byArguments = !wanted.denies.isEmpty() || !wanted.allows.isEmpty();
    return Optional.of(byArguments ? explainer.unseen(multiplexer.name(), name) : explainer.unspoken(name));
  }
}
