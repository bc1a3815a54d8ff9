package dev.warder.policy;

import java.util.List;

/// What became of a text: a value, or every problem found in it.
public sealed interface Parsed<T> {
  record Accepted<T>(T value) implements Parsed<T> {}

  record Rejected<T>(List<Problem> problems) implements Parsed<T> {
    public Rejected {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("a rejected text has at least one problem");
      }
    }
  }

  /// `value`, unless there are problems.
  static <T> Parsed<T> of(T value, List<Problem> problems) {
    return problems.isEmpty() ? new Accepted<>(value) : new Rejected<>(problems);
  }

  default List<Problem> problems() {
    return this instanceof Rejected<T> rejected ? rejected.problems() : List.of();
  }

  /// The value of a text that must be right, such as one in our own resources or tests.
  ///
  /// @throws IllegalArgumentException with all problems
  default T orThrow() {
    if (this instanceof Accepted<T> accepted) {
      return accepted.value();
    }
    StringBuilder message = new StringBuilder();
    for (Problem problem : problems()) {
      message.append(problem.render());
    }
    throw new IllegalArgumentException(message.toString());
  }
}
