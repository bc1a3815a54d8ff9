package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.catalog.SyscallSet;
import dev.warder.catalog.SyscallTable;
import dev.warder.policy.Decision.Case;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Decides every number of one architecture. Sets are spelt out before anything is compared, so a call is denied however
/// the deny names it: alone, by a set or by number.
///
/// Part of every start in a cold JVM, hence loops and `instanceof` where streams and pattern switches would read better.
final class Resolver {
  private final Policy policy;
  private final Arch arch;
  private final Set<Capability> kept;
  private final SyscallTable table;
  private final Map<Integer, Wanted> byNumber = new HashMap<>();
  /// Calls without a number here; a multiplexer may still reach them.
  private final Map<String, Wanted> byName = new HashMap<>();
  private final Explainer explainer;

  Resolver(Policy policy, Arch arch, Set<Capability> kept) {
    this.policy = policy;
    this.arch = arch;
    this.kept = kept;
    this.table = Catalog.get().table(arch);
    this.explainer = new Explainer(policy);
  }

  /// The rules in force that speak of one call.
  static final class Wanted {
    static final Wanted NOTHING = new Wanted();
    final List<Rule> allows = new ArrayList<>(2);
    final List<Rule> denies = new ArrayList<>(2);

    /// The rule that denies whatever the arguments; of several the last one, which may be the user's. Null for none.
    Rule denyAlways() {
      return lastUnconditional(denies);
    }

    Rule allowAlways() {
      return lastUnconditional(allows);
    }

    private static Rule lastUnconditional(List<Rule> rules) {
      for (int i = rules.size() - 1; i >= 0; i--) {
        if (rules.get(i).condition().isEmpty()) {
          return rules.get(i);
        }
      }
      return null;
    }
  }

  Resolution resolve() {
    for (Rule rule : policy.rules()) {
      if (rule.when().holds(kept)) {
        spread(rule);
      }
    }
    SortedMap<Integer, String> names = table.names();
    var decisions = new TreeMap<Integer, Decision>();
    for (Map.Entry<Integer, String> entry : names.entrySet()) {
      decisions.put(entry.getKey(), decide(entry.getValue(), wanted(entry.getKey())));
    }
    for (Map.Entry<Integer, Wanted> entry : byNumber.entrySet()) {
      if (!names.containsKey(entry.getKey())) {
        decisions.put(entry.getKey(), decide(numberText(entry.getKey()), entry.getValue()));
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

  private static String numberText(int number) {
    return "#" + Integer.toUnsignedString(number);
  }

  private void spread(Rule rule) {
    Rule.Subject subject = rule.subject();
    if (subject instanceof Rule.Subject.Call call) {
      add(rule, wanted(call.name()));
    } else if (subject instanceof Rule.Subject.Number number) {
      add(rule, wantedOrNew(number.value()));
    } else if (subject instanceof Rule.Subject.OwnSet own) {
      for (String name : own.members()) {
        add(rule, wanted(name));
      }
    } else {
      String set = subject.text();
      Optional<SyscallSet> known = Catalog.get().set(set);
      if (known.isEmpty()) {
        throw new IllegalArgumentException("no set named " + set + " (" + rule.origin() + ")");
      }
      for (String name : Catalog.get().expand(known.get())) {
        add(rule, wanted(name));
      }
    }
  }

  private static void add(Rule rule, Wanted wanted) {
    (rule.allows() ? wanted.allows : wanted.denies).add(rule);
  }

  private Wanted wanted(String name) {
    OptionalInt number = table.number(name);
    if (number.isPresent()) {
      return wantedOrNew(number.getAsInt());
    }
    Wanted wanted = byName.get(name);
    if (wanted == null) {
      wanted = new Wanted();
      byName.put(name, wanted);
    }
    return wanted;
  }

  private Wanted wantedOrNew(int number) {
    Wanted wanted = byNumber.get(number);
    if (wanted == null) {
      wanted = new Wanted();
      byNumber.put(number, wanted);
    }
    return wanted;
  }

  private Wanted wanted(int number) {
    Wanted wanted = byNumber.get(number);
    return wanted == null ? Wanted.NOTHING : wanted;
  }

  private Decision decide(String name, Wanted wanted) {
    Rule deny = wanted.denyAlways();
    if (deny != null) {
      return Decision.always(explainer.denied(name, deny));
    }
    var cases = new ArrayList<Case>(wanted.denies.size() + wanted.allows.size());
    for (Rule rule : wanted.denies) {
      Condition condition = bind(rule, name, Conditions.ALWAYS);
      if (Conditions.isAlways(condition)) {
        return new Decision(cases, explainer.denied(name, rule));
      }
      add(cases, condition, explainer.denied(name, rule));
    }
    return new Decision(cases, otherwise(name, wanted, cases));
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
    Rule last = null;
    for (Rule rule : wanted.allows) {
      Condition condition = bind(rule, name, Conditions.NEVER);
      if (Conditions.isAlways(condition)) {
        return explainer.allowed(name, rule);
      }
      add(cases, condition, explainer.allowedSome(rule));
      last = rule;
    }
    return last == null ? explainer.unspoken(name) : explainer.conditionFails(name, last);
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

  /// The flags of clone3 lie in memory, so no filter can test them; told that there is no such call, every C library uses
  /// clone. A deny with an action of its own stays.
  private void hideClone3(SortedMap<Integer, Decision> decisions, int number) {
    Rule deny = wanted(number).denyAlways();
    if (deny == null || ((Rule.Effect.Deny) deny.effect()).action().isEmpty()) {
      decisions.put(number, Decision.always(explainer.hidden("clone3", Action.fail(Errno.ENOSYS))));
    }
  }

  /// Lets a multiplexer through only for the sub-calls that the policy allows whatever their arguments.
  private Decision split(Multiplexer multiplexer, Decision own) {
    var denied = new ArrayList<Case>();
    var allowed = new ArrayList<Condition>();
    for (int i = 0; i < multiplexer.calls().size(); i++) {
      Multiplexer.SubCall sub = multiplexer.calls().get(i);
      Condition selected = multiplexer.selects(sub);
      Optional<Outcome> refused = refusal(multiplexer, sub.name());
      if (refused.isPresent()) {
        denied.add(new Case(selected, refused.get()));
      } else {
        allowed.add(selected);
      }
    }
    return denied.isEmpty() ? own : multiplexer.narrow(own, denied, allowed, explainer.unspoken(multiplexer.name()));
  }

  /// Why a call may not be made through a multiplexer, or empty if it may be made with any arguments.
  private Optional<Outcome> refusal(Multiplexer multiplexer, String name) {
    Wanted wanted = wanted(name);
    Rule deny = wanted.denyAlways();
    if (deny != null) {
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
