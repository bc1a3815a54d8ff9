package dev.warder.policy;

import dev.warder.catalog.Errno;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/// Words the outcomes of one policy: what the call would do, then who decided.
final class Explainer {
  private final Policy policy;
  private final Action refusal;
  /// One outcome for all the calls that a rule allows.
  private final Map<Rule, Outcome> allowed = new IdentityHashMap<>();

  Explainer(Policy policy) {
    this.policy = policy;
    this.refusal = policy.defaultAction().denies() ? policy.defaultAction() : Action.fail(Errno.EPERM);
  }

  Outcome allowed(String name, Rule rule) {
    Outcome outcome = allowedSome(rule);
    Optional<Reason> reason = Reasons.of(name);
    boolean dangerous = reason.isPresent() && reason.get().dangerous();
    return dangerous ? new Outcome(outcome.action(), outcome.reason(), true) : outcome;
  }

  /// Allowed with these arguments, which therefore are not the dangerous ones.
  Outcome allowedSome(Rule rule) {
    Outcome outcome = allowed.get(rule);
    if (outcome == null) {
      outcome = new Outcome(Action.ALLOW, "Allowed by " + origin(rule) + ".");
      allowed.put(rule, outcome);
    }
    return outcome;
  }

  Outcome denied(String name, Rule rule) {
    Rule.Effect.Deny effect = (Rule.Effect.Deny) rule.effect();
    Action action = effect.action().orElse(refusal);
    Optional<Reason> reason = rule.reason().isPresent() ? rule.reason() : Reasons.of(name);
    return outcome(action, reason, "Denied by " + origin(rule) + ".");
  }

  /// No rule speaks of the call.
  Outcome unspoken(String name) {
    if (policy.defaultAction().letsThrough()) {
      return new Outcome(policy.defaultAction(), "No rule of " + policy.name() + " speaks of it.");
    }
    return outcome(policy.defaultAction(), Reasons.of(name), notAllowed());
  }

  /// The call is allowed with other arguments only.
  Outcome conditionFails(String name, Rule rule) {
    if (policy.defaultAction().letsThrough()) {
      return unspoken(name);
    }
    Optional<Reason> reason = rule.reason().isPresent() ? rule.reason() : Reasons.of(name);
    String who = "Allowed only as " + rule.subject().text() + "(" + rule.condition().orElseThrow().text() + ") by "
        + rule.origin() + ".";
    return outcome(policy.defaultAction(), reason, who);
  }

  /// A call whose arguments lie where no filter sees them, and that stands for one whose arguments count.
  Outcome hidden(String name, Action action) {
    return outcome(action, Reasons.of(name), notAllowed());
  }

  Outcome unseen(String multiplexer, String name) {
    String who = "The policy decides " + name + " by its arguments, which " + multiplexer + " keeps in memory where no"
        + " filter sees them; programs use the call of that name.";
    Optional<Reason> reason = Reasons.of(name);
    return new Outcome(refusal, who, reason.isPresent() && reason.get().dangerous());
  }

  private String notAllowed() {
    return "Not on the allow list of " + policy.name() + ".";
  }

  private static String origin(Rule rule) {
    return rule.subject().text() + " (" + rule.origin() + ")";
  }

  private static Outcome outcome(Action action, Optional<Reason> reason, String who) {
    if (reason.isEmpty()) {
      return new Outcome(action, who);
    }
    return new Outcome(action, reason.get().text() + " " + who, reason.get().dangerous());
  }
}
