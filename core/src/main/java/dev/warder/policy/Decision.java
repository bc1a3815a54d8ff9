package dev.warder.policy;

import java.util.List;

/// What a policy does with one system call: the first case whose test holds, else `otherwise`.
public record Decision(List<Case> cases, Outcome otherwise) {
  /// @param when a condition on the arguments
  public record Case(Condition when, Outcome then) {}

  public Decision {
    cases = List.copyOf(cases);
  }

  public static Decision always(Outcome outcome) {
    return new Decision(List.of(), outcome);
  }

  /// What happens to a call with these arguments.
  ///
  /// @param args the six argument registers, as in `seccomp_data.args`
  public Outcome decide(long[] args) {
    for (Case c : cases) {
      if (c.when().holds(args)) {
        return c.then();
      }
    }
    return otherwise;
  }

  /// Whether the outcome depends on no argument.
  public boolean unconditional() {
    return cases.isEmpty();
  }
}
