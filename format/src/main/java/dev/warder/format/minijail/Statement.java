package dev.warder.format.minijail;

import dev.warder.policy.Action;
import dev.warder.policy.Expression;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Effect;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a policy says of some calls: filters of which the first that holds decides.
///
/// @param filters the last may be without a test; no other is
record Statement(List<String> calls, When when, List<Filter> filters, String origin) {
  /// @param test empty for any arguments
  record Filter(Optional<Expression> test, Action action) {}

  Statement {
    calls = List.copyOf(calls);
    filters = List.copyOf(filters);
  }

  /// The same as rules, of which denies are tried before allows: a deny holds only where no earlier allow does.
  ///
  /// @param otherwise for arguments that no filter speaks of
  List<Rule> rules(Action otherwise) {
    var rules = new ArrayList<Rule>();
    for (String call : calls) {
      rules(call, otherwise, rules);
    }
    return rules;
  }

  private void rules(String call, Action otherwise, List<Rule> rules) {
    var allowed = new ArrayList<Expression>();
    var tested = new ArrayList<Expression>();
    Action last = otherwise;
    for (Filter filter : filters) {
      if (filter.test().isEmpty()) {
        last = filter.action();
        break;
      }
      Expression test = filter.test().get();
      if (filter.action() instanceof Action.Allow) {
        rules.add(rule(call, Optional.of(test), new Effect.Allow()));
        allowed.add(test);
      } else {
        rules.add(rule(call, Optional.of(except(test, allowed)), deny(filter.action())));
      }
      tested.add(test);
    }
    boolean told = !last.equals(otherwise) || tested.isEmpty();
    if (told && last instanceof Action.Allow) {
      rules.add(rule(call, Optional.empty(), new Effect.Allow()));
    } else if (told) {
      Optional<Expression> rest = tested.isEmpty() ? Optional.empty() : Optional.of(not(tested));
      rules.add(rule(call, rest, deny(last)));
    }
  }

  private static Expression except(Expression test, List<Expression> allowed) {
    return allowed.isEmpty() ? test : new Expression.AllOf(List.of(test, not(allowed)));
  }

  private static Expression not(List<Expression> tests) {
    return new Expression.Not(tests.size() == 1 ? tests.getFirst() : new Expression.AnyOf(tests));
  }

  private static Effect deny(Action action) {
    return new Effect.Deny(Optional.of(action));
  }

  private Rule rule(String call, Optional<Expression> test, Effect effect) {
    return new Rule(new Subject.Call(call), test, effect, when, Optional.empty(), origin);
  }
}
