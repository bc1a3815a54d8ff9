package dev.warder.policy;

import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.SyscallSet;
import dev.warder.catalog.SyscallTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The rules in force, by the calls of one architecture that they speak of. Sets are spelt out here, before anything is
/// compared, so a rule finds its call however it names it: alone, by a set or by number.
final class RuleIndex {
  private final SyscallTable table;
  private final Map<Integer, Wanted> byNumber = new HashMap<>();
  /// Calls without a number here; a multiplexer may still reach them.
  private final Map<String, Wanted> byName = new HashMap<>();

  RuleIndex(List<Rule> rules, Set<Capability> kept, SyscallTable table) {
    this.table = table;
    for (Rule rule : rules) {
      if (rule.when().holds(table.arch(), kept)) {
        spread(rule);
      }
    }
  }

  /// The rules in force that speak of one call, in the order of the policy.
  static final class Wanted {
    private static final Wanted NOTHING = new Wanted();
    final List<Rule> allows = new ArrayList<>(2);
    final List<Rule> denies = new ArrayList<>(2);

    /// The rule that denies whatever the arguments: of several the strictest, of equally strict ones the last, which may
    /// be the user's. Null for none.
    ///
    /// @param unnamed the action of rules that name none
    Rule denyAlways(Action unnamed) {
      Rule strictest = null;
      for (Rule rule : denies) {
        boolean beaten = strictest != null && strictest.denial(unnamed).stricterThan(rule.denial(unnamed));
        if (rule.condition().isEmpty() && !beaten) {
          strictest = rule;
        }
      }
      return strictest;
    }

    /// The conditional denies that are stricter than one without a condition; all of them, if there is none. The
    /// strictest come first, equally strict ones stay in their order.
    List<Rule> denySome(Rule always, Action unnamed) {
      var some = new ArrayList<Rule>(denies.size());
      for (Rule rule : denies) {
        Action action = rule.denial(unnamed);
        if (rule.condition().isPresent() && (always == null || action.stricterThan(always.denial(unnamed)))) {
          int at = some.size();
          while (at > 0 && action.stricterThan(some.get(at - 1).denial(unnamed))) {
            at--;
          }
          some.add(at, rule);
        }
      }
      return some;
    }

    /// The rule that allows whatever the arguments, or null.
    Rule allowAlways() {
      for (int i = allows.size() - 1; i >= 0; i--) {
        if (allows.get(i).condition().isEmpty()) {
          return allows.get(i);
        }
      }
      return null;
    }
  }

  /// What is wanted of a number.
  Wanted of(int number) {
    Wanted wanted = byNumber.get(number);
    return wanted == null ? Wanted.NOTHING : wanted;
  }

  /// What is wanted of a call, also of one without a number here.
  Wanted of(String name) {
    OptionalInt number = table.number(name);
    if (number.isPresent()) {
      return of(number.getAsInt());
    }
    Wanted wanted = byName.get(name);
    return wanted == null ? Wanted.NOTHING : wanted;
  }

  boolean speaksOf(String name) {
    return of(name) != Wanted.NOTHING;
  }

  /// The numbers that any rule speaks of, in no order.
  Set<Integer> numbers() {
    return byNumber.keySet();
  }

  private void spread(Rule rule) {
    Rule.Subject subject = rule.subject();
    if (subject instanceof Rule.Subject.Call call) {
      add(rule, call.name());
    } else if (subject instanceof Rule.Subject.Number number) {
      add(rule, byNumber, number.value());
    } else if (subject instanceof Rule.Subject.OwnSet own) {
      for (String name : own.members()) {
        add(rule, name);
      }
    } else {
      spread(rule, subject.text());
    }
  }

  private void spread(Rule rule, String setName) {
    Optional<SyscallSet> set = Catalog.get().set(setName);
    if (set.isEmpty()) {
      throw new IllegalArgumentException("no set named " + setName + " (" + rule.origin() + ")");
    }
    for (String name : set.get().syscalls()) {
      add(rule, name);
    }
    for (String nested : set.get().sets()) {
      spread(rule, nested);
    }
  }

  private void add(Rule rule, String name) {
    OptionalInt number = table.number(name);
    if (number.isPresent()) {
      add(rule, byNumber, number.getAsInt());
    } else {
      add(rule, byName, name);
    }
  }

  private static <K> void add(Rule rule, Map<K, Wanted> index, K key) {
    Wanted wanted = index.get(key);
    if (wanted == null) {
      wanted = new Wanted();
      index.put(key, wanted);
    }
    (rule.allows() ? wanted.allows : wanted.denies).add(rule);
  }
}
