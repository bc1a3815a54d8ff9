package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import dev.warder.policy.Rule;
import dev.warder.policy.Source;
import java.util.ArrayList;
import java.util.List;

/// One file being written: what gets lost, and what forbids to write it.
public final class Writing {
  /// Losses and problems that are told; more would help nobody.
  private static final int REPORTS = 100;

  private final Policy policy;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();

  public Writing(Policy policy) {
    this.policy = policy;
  }

  /// Notes that calls are denied which the policy lets through.
  ///
  /// @param rule whose it is; null for the policy as a whole
  public void stricter(String code, Rule rule, String what) {
    lose(new Loss(problem(code, rule, what, ""), true));
  }

  /// Notes something that is not carried over and changes nothing of what is let through.
  ///
  /// @param rule whose it is; null for the policy as a whole
  public void same(String code, Rule rule, String what) {
    lose(new Loss(problem(code, rule, what, ""), false));
  }

  private void lose(Loss loss) {
    if (losses.size() < REPORTS && !losses.contains(loss)) {
      losses.add(loss);
    }
  }

  /// Notes why the file cannot be written: it would let more through, say.
  ///
  /// @param rule whose fault it is; null for the policy as a whole
  public void fail(String code, Rule rule, String what, String fix) {
    if (problems.size() < REPORTS) {
      problems.add(problem(code, rule, what, fix));
    }
  }

  /// Compares what numbers without a name shall get with what a file gives them, whose rules name calls.
  ///
  /// @param key the policy's, `unassigned-action` or `newer-action`
  public void reportUnnamed(String key, Action wanted, Action written) {
    String what = key.startsWith("newer") ? "calls newer than those that are known" : "numbers of no call";
    if (Strictness.wider(written, wanted)) {
      fail(key, null, what + " get the default action in this format, which would let them through",
          "deny by default, or set " + key + " to the default action if that is meant");
    } else if (Strictness.stricter(written, wanted)) {
      stricter(key, null, what + " are denied, since they have no action of their own in this format");
    } else if (!written.equals(wanted)) {
      same(key, null, what + " are denied in another way, since they have no action of their own in this format");
    }
  }

  /// Reports rules of raw numbers that are no call's, for formats whose rules name calls.
  ///
  /// @param byDefault what such numbers get
  public void reportNumbers(List<Arch> arches, Action byDefault) {
    for (Rule rule : policy.rules()) {
      if (rule.subject() instanceof Rule.Subject.Number(int number)
          && arches.stream().anyMatch(arch -> Catalog.get().table(arch).name(number).isEmpty())) {
        Action wanted = rule.effect() instanceof Rule.Effect.Deny(var action)
            ? action.orElse(policy.defaultAction().denies() ? policy.defaultAction() : Action.fail(Errno.EPERM))
            : Action.ALLOW;
        reportNumber(rule, wanted, byDefault);
      }
    }
  }

  private void reportNumber(Rule rule, Action wanted, Action byDefault) {
    if (Strictness.wider(byDefault, wanted)) {
      fail("unnamed-number", rule, "this number has no name, and rules of this format go by name, so it would be let"
          + " through", "deny by default, or leave the rule out");
    } else if (Strictness.stricter(byDefault, wanted)) {
      stricter("unnamed-number", rule, "this number has no name, and rules of this format go by name, so it is denied");
    } else if (!byDefault.equals(wanted)) {
      same("unnamed-number", rule, "this number has no name, so it is denied as by default");
    }
  }

  /// Where the rule was written is all that it remembers.
  private Problem problem(String code, Rule rule, String what, String fix) {
    String where = rule == null || rule.origin().isEmpty() ? policy.name() : rule.origin();
    String text = rule == null ? policy.name() : text(rule);
    return Source.option(where, text).problem(code, 0, text.length(), what, fix);
  }

  private static String text(Rule rule) {
    String call = rule.subject().text();
    return rule.condition().isPresent() ? call + "(" + rule.condition().get().text() + ")" : call;
  }

  /// The text, unless there are problems.
  public Parsed<Written> written(String text) {
    return Parsed.of(new Written(text, losses), problems);
  }
}
