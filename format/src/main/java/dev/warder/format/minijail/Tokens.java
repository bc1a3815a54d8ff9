package dev.warder.format.minijail;

import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import java.util.ArrayList;
import java.util.List;

/// The tokens of one statement, which may go on over lines that end in a backslash.
///
/// Source: `_TOKEN_SPECIFICATION` in `tools/parser.py` of minijail, 0d443e792ae9.
final class Tokens {
  /// Ends every statement.
  private static final String END = "";
  private static final String[] PUNCTUATION = {
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "&", "|", "~", "=", "{", "}", "(", ")", "[", "]", ":", ";", ","
  };

  private final Reading reading;
  private final List<String> texts = new ArrayList<>();
  private final List<Position> places = new ArrayList<>();
  private int at;

  /// The statement that starts in this line.
  Tokens(Reading reading, int line) {
    this.reading = reading;
    int number = line;
    String text = reading.file().line(number).text();
    while (text.endsWith("\\") && number < reading.file().lines()) {
      add(number, text, text.length() - 1);
      number++;
      text = reading.file().line(number).text();
    }
    add(number, text, text.length());
    lastLine = number;
    texts.add(END);
    places.add(new Position(number, text.length(), text.length() + 1));
  }

  /// The line in which the statement ends.
  final int lastLine;

  private void add(int line, String text, int end) {
    int from = 0;
    while (from < end && text.charAt(from) != '#') {
      if (text.charAt(from) == ' ' || text.charAt(from) == '\t') {
        from++;
        continue;
      }
      int to = tokenEnd(text, from, end);
      texts.add(text.substring(from, to));
      places.add(new Position(line, from, to));
      from = to;
    }
  }

  private static int tokenEnd(String text, int from, int end) {
    int to = from;
    while (to < end && isWordPart(text.charAt(to))) {
      to++;
    }
    if (to > from) {
      return to;
    }
    for (String candidate : PUNCTUATION) {
      if (text.startsWith(candidate, from)) {
        return Math.min(end, from + candidate.length());
      }
    }
    return from + 1;
  }

  private static boolean isWordPart(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '@'
        || c == '.' || c == '/';
  }

  String text() {
    return texts.get(at);
  }

  Position place() {
    return places.get(at);
  }

  boolean at(String wanted) {
    return text().equals(wanted);
  }

  boolean atEnd() {
    return at == texts.size() - 1;
  }

  boolean atWord() {
    return !atEnd() && isWordPart(text().charAt(0));
  }

  /// Steps over the current token and gives its text.
  String next() {
    String text = text();
    at = Math.min(at + 1, texts.size() - 1);
    return text;
  }

  /// Steps over a path, which ends at a space, and gives it.
  String takePath() {
    int from = place().from();
    int line = place().line();
    String text = reading.file().line(line).text();
    int to = from;
    while (to < text.length() && text.charAt(to) != ' ' && text.charAt(to) != '\t') {
      to++;
    }
    while (!atEnd() && place().line() == line && place().from() < to) {
      next();
    }
    return text.substring(from, to);
  }

  boolean skip(String wanted) {
    boolean there = !atEnd() && at(wanted);
    if (there) {
      next();
    }
    return there;
  }

  /// Steps over this token, or notes that it is missing.
  boolean expect(String wanted) {
    return skip(wanted) || missing("'" + wanted + "'") != null;
  }

  /// Notes that something else should stand here.
  ///
  /// @return null
  <T> T missing(String wanted) {
    String found = atEnd() ? "the end of the line" : "'" + text() + "'";
    return fail("policy-syntax", "found " + found + " instead of " + wanted, "write " + wanted + " here");
  }

  <T> T fail(String code, String what, String fix) {
    return reading.fail(code, place(), what, fix);
  }
}
