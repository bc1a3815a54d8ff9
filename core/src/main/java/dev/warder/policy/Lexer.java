package dev.warder.policy;

/// Cuts a condition into tokens. The current one is `kind` with the characters from `start` to `end`.
final class Lexer {
  /// Kinds besides the punctuation, which is its own kind: `&&`, `[`.
  static final String NAME = "name";
  static final String NUMBER = "number";
  static final String END = "the end";
  static final String WRONG = "wrong";

  private static final String[] PUNCTUATION = {
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "&", "|", "~", "-", "(", ")", "[", "]", ",", "*"
  };

  private final String text;
  private final int limit;
  String kind;
  int start;
  int end;

  Lexer(String text, int from, int limit) {
    this.text = text;
    this.limit = limit;
    this.end = from;
    next();
  }

  String word() {
    return text.substring(start, end);
  }

  boolean at(String wanted) {
    return kind.equals(wanted);
  }

  /// Steps over the current token if it is of this kind.
  boolean skip(String wanted) {
    if (!at(wanted)) {
      return false;
    }
    next();
    return true;
  }

  void next() {
    start = end;
    while (start < limit && text.charAt(start) <= ' ') {
      start++;
    }
    end = start;
    if (start == limit) {
      kind = END;
      return;
    }
    char first = text.charAt(start);
    if (isNamePart(first)) {
      while (end < limit && isNamePart(text.charAt(end))) {
        end++;
      }
      kind = first >= '0' && first <= '9' ? NUMBER : NAME;
      return;
    }
    kind = punctuation();
    end = start + (kind.equals(WRONG) ? 1 : kind.length());
  }

  private String punctuation() {
    for (String candidate : PUNCTUATION) {
      if (start + candidate.length() <= limit && text.startsWith(candidate, start)) {
        return candidate;
      }
    }
    return WRONG;
  }

  static boolean isNamePart(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '@';
  }
}
