package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import dev.warder.policy.Expression;
import dev.warder.policy.Reason;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the `syscalls` of a profile, and puts the rules in an order in which the strictest of several wins.
final class OciRules {
  private static final List<String> KEYS =
      List.of("names", "name", "action", "errnoRet", "errno", "args", "includes", "excludes", "comment");

  private final Reading reading;
  private final Action defaultAction;
  private final List<Rule> allows = new ArrayList<>();
  private final List<Rule> conditionalDenies = new ArrayList<>();
  private final List<Rule> denies = new ArrayList<>();
  private final Map<String, List<Entry>> byCall = new HashMap<>();
  private final Set<String> narrow = new HashSet<>();

  OciRules(Reading reading, Action defaultAction) {
    this.reading = reading;
    this.defaultAction = defaultAction;
  }

  /// A rule of the file without its calls.
  ///
  /// @param when that of the scope
  private record Entry(Action action, Scope scope, When when, Optional<Expression> condition) {}

  void read(Node.Mapping mapping) {
    var fields = new Fields(reading, mapping, KEYS);
    Action action = OciActions.read(reading, fields, "action", "errnoRet", "errno");
    List<Node.Scalar> names = names(fields);
    if (action == null) {
      return;
    }
    boolean widens = !action.denies() && OciActions.leniency(action) > OciActions.leniency(defaultAction);
    Scope scope = new ScopeReader(reading, widens).read(fields);
    Optional<Expression> condition = new ArgumentTests(reading).read(fields, widens);
    boolean saysNothing = OciActions.same(action, defaultAction) && !defaultAction.denies();
    if (condition == null || scope == null || saysNothing) {
      return;
    }
    var entry = new Entry(action, scope, scope.when(), condition);
    for (Node.Scalar name : names) {
      add(name, entry);
    }
  }

  private List<Node.Scalar> names(Fields fields) {
    List<Node.Scalar> names = new ArrayList<>(fields.texts("names"));
    names.addAll(fields.texts("name"));
    if (names.isEmpty()) {
      reading.fail("no-names", fields.mapping(), "this rule names no calls", "add names, or leave the rule out");
    }
    return names;
  }

  private void add(Node.Scalar name, Entry entry) {
    String call = name.text();
    if (!isKnown(call)) {
      unknown(name, entry);
      return;
    }
    if (entry.condition().isPresent()) {
      reportNarrow(name, entry.condition().get());
    }
    reportConflict(name, entry);
    put(call, entry, reading.origin(name));
  }

  private static boolean isKnown(String call) {
    return Catalog.get().knows(call) || Catalog.get().foreign().contains(call);
  }

  /// Left out, the call gets the default, or `ENOSYS` if it is newer than the catalog.
  private void unknown(Node.Scalar name, Entry entry) {
    String what = "no system call named '" + name.text() + "'";
    boolean safe = defaultAction.denies()
        || OciActions.leniency(entry.action()) >= OciActions.leniency(defaultAction);
    if (safe) {
      reading.stricter("unknown-syscall", name, what + "; it is left out, which lets nothing more through");
    } else if (!reading.hopeless()) {
      List<String> near = Catalog.get().suggestions(name.text());
      String hint = near.isEmpty() ? "correct it, or leave it out" : "did you mean '" + near.getFirst() + "'?";
      reading.fail("unknown-syscall", name, what + ", and it would be let through", hint);
    }
  }

  private void reportNarrow(Node.Scalar name, Expression condition) {
    if (narrow.contains(name.text())) {
      return;
    }
    for (Argument argument : arguments(name.text())) {
      boolean cut = argument.width() < Long.SIZE && argument.kind() != Argument.Kind.PAD;
      if (cut && testsBeyond(condition, "arg" + argument.index(), argument.width())) {
        narrow.add(name.text());
        String what = "arguments of " + name.text() + " are compared on the bits that the kernel reads, such as "
            + argument.width() + " of " + argument.name() + "; libseccomp compares 64";
        reading.stricter("argument-width", name, what);
        return;
      }
    }
  }

  /// Whether a test of the argument looks at bits above the lowest ones.
  private static boolean testsBeyond(Expression condition, String argument, int width) {
    if (condition instanceof Expression.Test test) {
      boolean masked = test.mask().isPresent() && test.mask().get() instanceof Expression.Value.Number mask
          && mask.value() >>> width == 0;
      return test.argument().equals(argument) && !masked;
    }
    List<Expression> terms = condition instanceof Expression.AllOf all ? all.terms() : ((Expression.AnyOf) condition).terms();
    for (Expression term : terms) {
      if (testsBeyond(term, argument, width)) {
        return true;
      }
    }
    return false;
  }

  private static List<Argument> arguments(String call) {
    for (Arch arch : Arch.values()) {
      List<Argument> arguments = Catalog.get().arguments(call, arch);
      if (!arguments.isEmpty()) {
        return arguments;
      }
    }
    return List.of();
  }

  /// Compares what libseccomp makes of two rules, of which one at least takes any arguments: the first of those without
  /// tests decides alone, and one that equals the default was dropped before.
  private void reportConflict(Node.Scalar name, Entry entry) {
    List<Entry> earlier = byCall.get(name.text());
    if (earlier == null) {
      earlier = new ArrayList<>(2);
      byCall.put(name.text(), earlier);
    }
    for (Entry other : earlier) {
      boolean tested = other.condition().isPresent() && entry.condition().isPresent();
      if (!tested && !OciActions.same(other.action(), entry.action()) && other.scope().meets(entry.scope())) {
        reportConflict(name, other, entry);
      }
    }
    earlier.add(entry);
  }

  private void reportConflict(Node.Scalar name, Entry first, Entry second) {
    Entry winner = first.condition().isEmpty() ? first : second;
    Entry loser = winner == first ? second : first;
    boolean dropped = OciActions.same(winner.action(), defaultAction);
    boolean strictest = OciActions.leniency(winner.action()) <= OciActions.leniency(loser.action());
    if (dropped || !strictest) {
      reading.stricter(
          "conflicting-rules",
          name,
          "two rules of " + name.text() + " disagree; the stricter is taken, where libseccomp takes the other");
    }
  }

  private void put(String call, Entry entry, String origin) {
    boolean allow = entry.action() instanceof Action.Allow;
    Rule.Effect effect = allow ? new Rule.Effect.Allow() : new Rule.Effect.Deny(Optional.of(entry.action()));
    Optional<Reason> none = Optional.empty();
    var rule = new Rule(
        new Rule.Subject.Call(call), entry.condition(), effect, entry.when(), none, origin);
    (allow ? allows : entry.condition().isPresent() ? conditionalDenies : denies).add(rule);
  }

  /// The rules. Of denies with conditions a policy takes the first that holds, of those without the last.
  List<Rule> rules() {
    conditionalDenies.sort(BY_LENIENCY);
    List<Rule> strictLast = new ArrayList<>(denies.reversed());
    strictLast.sort(BY_LENIENCY.reversed());
    var rules = new ArrayList<Rule>(allows);
    rules.addAll(conditionalDenies);
    rules.addAll(strictLast);
    return rules;
  }

  private static final Comparator<Rule> BY_LENIENCY = new Comparator<>() {
    @Override
    public int compare(Rule a, Rule b) {
      return Integer.compare(leniency(a), leniency(b));
    }
  };

  private static int leniency(Rule rule) {
    return OciActions.leniency(((Rule.Effect.Deny) rule.effect()).action().orElseThrow());
  }
}
