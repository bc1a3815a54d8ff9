package dev.warder.format.convert;

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
