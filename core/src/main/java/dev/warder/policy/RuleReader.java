package dev.warder.policy;

import dev.warder.catalog.Catalog;
import dev.warder.policy.Rule.Subject;
import java.util.List;
import java.util.Optional;

/// Reads entries of lists: `openat`, `@file-system`, `#451`, `socket(domain == AF_UNIX)`.
public final class RuleReader {
  private final Source source;
  private final List<Problem> problems;

  /// @param problems where mistakes are noted
  public RuleReader(Source source, List<Problem> problems) {
    this.source = source;
    this.problems = problems;
  }

  /// What an entry speaks of, and with which arguments.
  public record Entry(Subject subject, Optional<Expression> condition) {}

  /// The end of the word that starts here: the next space or comma outside parentheses.
  int wordEnd(int from, int to) {
    int depth = 0;
    for (int at = from; at < to; at++) {
      char c = source.text().charAt(at);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (depth <= 0 && isSeparator(c)) {
        return at;
      }
    }
    return to;
  }

  /// The start of the first word from here on, or `to`.
  int wordStart(int from, int to) {
    int at = from;
    while (at < to && isSeparator(source.text().charAt(at))) {
      at++;
    }
    return at;
  }

  static boolean isSeparator(char c) {
    return c <= ' ' || c == ',';
  }

  /// The entry in this part of the line, or null after noting why it is none.
  ///
  /// @param to where it ends, exclusive; greater than `from`
  public Entry entry(int from, int to) {
    String text = source.text();
    int paren = text.indexOf('(', from, to);
    if (paren < 0) {
      Subject subject = subject(from, to);
      return subject == null ? null : new Entry(subject, Optional.empty());
    }
    Subject subject = subject(from, paren);
    if (subject == null) {
      return null;
    }
    if (!(subject instanceof Subject.Call call)) {
      return fail("condition-without-call", from, paren, "only a call by name can have a condition", "name the call");
    }
    if (text.charAt(to - 1) != ')') {
      return fail("expression-syntax", paren, to, "the condition of " + call.name() + " has no end", "close it with )");
    }
    Parsed<Expression> condition = Expression.parse(call.name(), source, paren + 1, to - 1);
    problems.addAll(condition.problems());
    return condition instanceof Parsed.Accepted<Expression> accepted
        ? new Entry(call, Optional.of(accepted.value()))
        : null;
  }

  private Subject subject(int from, int to) {
    String word = source.text().substring(from, to);
    if (word.startsWith("#")) {
      return number(word, from, to);
    }
    if (word.startsWith("@")) {
      return Catalog.get().set(word).isPresent()
          ? new Subject.Set(word)
          : fail("unknown-set", from, to, "no set named '" + word + "'", Names.didYouMean(word));
    }
    if (Names.isSyscall(word)) {
      return new Subject.Call(word);
    }
    return fail("unknown-syscall", from, to, "no system call named '" + word + "'", Names.didYouMean(word));
  }

  private Subject number(String word, int from, int to) {
    try {
      return new Subject.Number(Integer.parseUnsignedInt(word, 1, word.length(), 10));
    } catch (NumberFormatException e) {
      return fail("bad-number", from, to, "'" + word + "' is no number of a call", "write it as #451");
    }
  }

  <T> T fail(String code, int from, int to, String what, String fix) {
    problems.add(source.problem(code, from, to, what, fix));
    return null;
  }
}
