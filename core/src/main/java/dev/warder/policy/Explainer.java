package dev.warder.policy;

import dev.warder.catalog.Errno;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Words the outcomes of one policy: what the call would do, then who decided.
final class Explainer {
  private final Policy policy;
  private final Action refusal;
  private final Supplier<String> unlisted;
  /// One outcome for all the calls that a rule allows.
  private final Map<Rule, Outcome> allowed = new IdentityHashMap<>();

  Explainer(Policy policy) {
    this.policy = policy;
    this.unlisted = new Outcome.Sentence("Not on the allow list of " + policy.name() + ".");
    this.refusal = policy.defaultAction().denies() ? policy.defaultAction() : Action.fail(Errno.EPERM);
  }

  /// What a deny without an action of its own gives: the policy's default action, or `EPERM` where that lets through.
  Action refusal() {
    return refusal;
  }

  Outcome allowed(String name, Rule rule) {
    return marked(name, allowedSome(rule));
  }

  /// The outcome of letting a call through whatever its arguments, with the danger mark of the call.
  private static Outcome marked(String name, Outcome outcome) {
    Optional<Reason> reason = Reasons.of(name);
    boolean dangerous = reason.isPresent() && reason.get().dangerous();
    return dangerous ? outcome.marked() : outcome;
  }

  /// Allowed with these arguments, which therefore are not the dangerous ones.
  Outcome allowedSome(Rule rule) {
    Outcome outcome = allowed.get(rule);
    if (outcome == null) {
      outcome = new Outcome(Action.ALLOW, new By("Allowed by ", List.of(rule)), false);
      allowed.put(rule, outcome);
    }
    return outcome;
  }

  Outcome denied(String name, Rule rule) {
    Action action = rule.denial(refusal);
    Optional<Reason> reason = rule.reason().isPresent() ? rule.reason() : Reasons.of(name);
    return outcome(action, reason, new By(verb(action), List.of(rule)));
  }

  private static String verb(Action action) {
    if (action instanceof Action.Log) {
      return "Let through and logged by ";
    }
    return action.denies() ? "Denied by " : "Left to a supervisor by ";
  }

  /// No rule speaks of the call.
  Outcome unspoken(String name) {
    if (policy.defaultAction().letsThrough()) {
      return marked(name, new Outcome(policy.defaultAction(), "No rule of " + policy.name() + " speaks of it."));
    }
    return outcome(policy.defaultAction(), Reasons.of(name), unlisted);
  }

  /// The call is allowed with other arguments only.
  ///
  /// @param allows the conditional rules
  Outcome conditionsFail(String name, List<Rule> allows) {
    if (policy.defaultAction().letsThrough()) {
      return unspoken(name);
    }
    Optional<Reason> reason = Optional.empty();
    for (Rule rule : allows) {
      reason = reason.isEmpty() ? rule.reason() : reason;
    }
    return outcome(policy.defaultAction(), reason.isPresent() ? reason : Reasons.of(name),
        new By("Allowed only as ", allows));
  }

  /// clone3, where the flags of clone count.
  Outcome hiddenClone3() {
    String who = "The policy tests the flags of clone, so clone3 answers as if the kernel did not have it.";
    return outcome(Action.fail(Errno.ENOSYS), Reasons.of("clone3"), new Outcome.Sentence(who));
  }

  /// A selector that is no sub-call of the multiplexer.
  Outcome unknownSubCall(String multiplexer) {
    return new Outcome(refusal, "The first argument of " + multiplexer + " selects no call that is known.");
  }

  /// A sub-call whose arguments lie where no filter sees them, though they count.
  Outcome unseen(String multiplexer, String name) {
    String who = "The policy decides " + name + " by its arguments, which " + multiplexer + " keeps in memory where no"
        + " filter sees them; programs use the call of that name.";
    Optional<Reason> reason = Reasons.of(name);
    return new Outcome(refusal, new Outcome.Sentence(who), reason.isPresent() && reason.get().dangerous());
  }

  private static Outcome outcome(Action action, Optional<Reason> reason, Supplier<String> who) {
    return reason.isEmpty()
        ? new Outcome(action, who, false)
        : new Outcome(action, new Because(reason.get(), who), reason.get().dangerous());
  }

  /// Names the rules that decided.
  private static final class By implements Supplier<String> {
    private final String verb;
    private final List<Rule> rules;

    By(String verb, List<Rule> rules) {
      this.verb = verb;
      this.rules = rules;
    }

    @Override
    public String get() {
      var text = new StringBuilder(verb);
      for (Rule rule : rules) {
        text.append(text.length() == verb.length() ? "" : " or as ").append(origin(rule));
      }
      return text.append('.').toString();
    }

    /// `socket(domain == AF_UNIX) (profile default)`.
    private static String origin(Rule rule) {
      String subject = rule.subject().text();
      if (rule.condition().isPresent()) {
        subject = subject + "(" + rule.condition().get().text() + ")";
      }
      return subject + " (" + rule.origin() + ")";
    }
  }

  /// What the call would do, then who decided.
  private static final class Because implements Supplier<String> {
    private final Reason reason;
    private final Supplier<String> who;

    Because(Reason reason, Supplier<String> who) {
      this.reason = reason;
      this.who = who;
    }

    @Override
    public String get() {
      return reason.text() + " " + who.get();
    }
  }
}
