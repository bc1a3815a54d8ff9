package dev.warder.format.tree;

import dev.warder.format.convert.Attributes;
import dev.warder.format.convert.Loss;
import dev.warder.format.tree.Node.Position;
import dev.warder.policy.Parsed;
import dev.warder.policy.Problem;
import dev.warder.policy.Source;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// One file being read: its text, and what is wrong with it or gets lost.
public final class Reading {
  private final TextFile file;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();
  private Attributes attributes = Attributes.NONE;

  public Reading(TextFile file) {
    this.file = file;
  }

  public TextFile file() {
    return file;
  }

  /// What is wrong so far; readers of [dev.warder.policy] add to it.
  public List<Problem> problems() {
    return problems;
  }

  /// What the file says and the policy cannot; each makes the policy stricter, or leaves it as strict.
  public List<Loss> losses() {
    return losses;
  }

  /// What the file says beside the policy.
  public Attributes attributes() {
    return attributes;
  }

  public void attributes(Attributes found) {
    attributes = found;
  }

  /// `value`, unless there are problems, which then stand in the order of the file; those of files that it names follow.
  public <T> Parsed<T> parsed(T value) {
    if (problems.isEmpty()) {
      return new Parsed.Accepted<>(value);
    }
    problems.sort(Comparator.comparing((Problem p) -> p.where().source().equals(file.name()) ? "" : p.where().source())
        .thenComparingInt(p -> p.where().line()).thenComparingInt(p -> p.where().column()));
    return new Parsed.Rejected<>(problems);
  }

  /// Notes what is wrong.
  ///
  /// @return null, for the caller to hand on
  public <T> T fail(String code, Node where, String what, String fix) {
    return fail(code, where.at(), what, fix);
  }

  public <T> T fail(String code, Position at, String what, String fix) {
    problems.add(problem(code, at, what, fix));
    return null;
  }

  /// Notes what gets lost, so that calls are denied which the file lets through.
  public void stricter(String code, Node where, String what) {
    lose(code, where.at(), what, true);
  }

  /// Notes what gets lost and changes nothing of what is let through.
  public void same(String code, Node where, String what) {
    lose(code, where.at(), what, false);
  }

  public void lose(String code, Position at, String what, boolean stricter) {
    if (losses.size() < Limits.REPORTS) {
      losses.add(new Loss(problem(code, at, what, ""), stricter));
    }
  }

  Problem problem(String code, Position at, String what, String fix) {
    return file.line(at.line()).problem(code, at.from(), at.to(), what, fix);
  }

  /// Whether there are so many problems that more would help nobody.
  public boolean hopeless() {
    return problems.size() >= Limits.REPORTS;
  }

  /// For [dev.warder.policy.Rule#origin].
  public String origin(Node node) {
    return file.name().concat(":").concat(Integer.toString(node.at().line()));
  }

  /// A text that has a grammar of its own, with the columns of the file; where quotes or line breaks make these differ,
  /// with its own.
  public Span span(Node.Scalar scalar) {
    Source line = file.line(scalar.at().line());
    for (int from = scalar.at().from(); from <= scalar.at().from() + 1; from++) {
      if (line.text().startsWith(scalar.text(), from)) {
        return new Span(line, from, from + scalar.text().length());
      }
    }
    return new Span(new Source(line.name(), line.line(), scalar.text()), 0, scalar.text().length());
  }

  /// A part of a line.
  public record Span(Source source, int from, int to) {}
}
