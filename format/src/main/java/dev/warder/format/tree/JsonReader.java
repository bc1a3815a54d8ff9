package dev.warder.format.tree;

import dev.warder.format.tree.Node.Kind;
import dev.warder.format.tree.Node.Position;
import java.util.ArrayList;
import java.util.List;

/// Reads JSON, as strict as RFC 8259 has it.
///
/// By hand, since this is part of a cold start with a container profile: a streaming parser from a library takes 14 ms
/// for Docker's there, even from an AOT cache; this takes 5.
final class JsonReader {
  private final Reading reading;
  private final String text;
  private final TreeBuilder builder;
  private int at;

  JsonReader(Reading reading) {
    this.reading = reading;
    this.text = reading.file().text();
    this.builder = new TreeBuilder(reading);
  }

  Node read() {
    Node root = value();
    at = skipSpace(text, at);
    if (at < text.length()) {
      throw wrong(at, "something follows the end of the JSON", "keep one object in the file");
    }
    return root;
  }

  /// The first character from `from` on that is not between tokens.
  static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  private Node value() {
    at = skipSpace(text, at);
    return switch (peek()) {
      case '{' -> mapping();
      case '[' -> sequence();
      case '"' -> string();
      default -> word();
    };
  }

  /// The current character, or 0 at the end.
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private Node mapping() {
    Position start = position(at, at + 1);
    builder.enter(start);
    at = skipSpace(text, at + 1);
    TreeBuilder.Entries entries = builder.new Entries();
    if (peek() != '}') {
      do {
        at = skipSpace(text, at);
        if (peek() != '"') {
          throw wrong(at, "a key in double quotes should stand here", "write \"key\": value, no comma after the last");
        }
        Node.Scalar key = string();
        expect(':');
        entries.add(key, value());
      } while (more('}'));
    } else {
      at++;
    }
    builder.leave();
    return new Node.Mapping(entries.list(), start);
  }

  private Node sequence() {
    Position start = position(at, at + 1);
    builder.enter(start);
    at = skipSpace(text, at + 1);
    List<Node> items = new ArrayList<>();
    if (peek() != ']') {
      do {
        items.add(value());
      } while (more(']'));
    } else {
      at++;
    }
    builder.leave();
    return new Node.Sequence(items, start);
  }

  private void expect(char wanted) {
    at = skipSpace(text, at);
    if (peek() != wanted) {
      throw wrong(at, "'" + wanted + "' is missing", "write it here");
    }
    at++;
  }

  /// Steps over a comma, or over the end of the list.
  private boolean more(char end) {
    at = skipSpace(text, at);
    char c = peek();
    if (c != ',' && c != end) {
      throw wrong(at, "',' or '" + end + "' is missing", "write it here");
    }
    at++;
    return c == ',';
  }

  private Node.Scalar string() {
    int start = at++;
    int plain = at;
    while (plain < text.length() && text.charAt(plain) != '"' && text.charAt(plain) != '\\') {
      refuseControl(plain++);
    }
    String value;
    if (plain < text.length() && text.charAt(plain) == '"') {
      value = text.substring(at, plain);
      at = plain + 1;
    } else {
      value = escaped(start);
    }
    Position position = position(start, at);
    builder.count(position);
    return new Node.Scalar(Kind.TEXT, value, position);
  }

  private void refuseControl(int index) {
    if (text.charAt(index) < ' ') {
      throw wrong(
          index, "a text cannot hold a line break or control character", "close it with a double quote, or write \\n");
    }
  }

  private String escaped(int start) {
    StringBuilder out = new StringBuilder();
    while (peek() != '"') {
      if (at >= text.length()) {
        throw wrong(start, "this text has no end", "close it with a double quote");
      }
      refuseControl(at);
      char c = text.charAt(at++);
      out.append(c == '\\' ? escape() : c);
    }
    at++;
    return out.toString();
  }

  private char escape() {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong(at - 2, "JSON has no such escape", "write \\\\ for a backslash");
    };
  }

  private char unicode() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peek(), 16);
      if (digit < 0 || peek() > 'f') {
        throw wrong(at, "\\u needs four hexadecimal digits", "write it as \\u00e9");
      }
      value = 16 * value + digit;
      at++;
    }
    return (char) value;
  }

  private Node word() {
    int start = at;
    while (at < text.length() && isWordPart(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      boolean end = at == text.length();
      throw wrong(start, end ? "the JSON ends too early" : "a value should stand here", "write a value");
    }
    Position position = position(start, at);
    builder.count(position);
    String word = text.substring(start, at);
    return new Node.Scalar(kind(word, position), word, position);
  }

  private static Kind kind(String word, Position position) {
    if (word.equals("null")) {
      return Kind.NULL;
    }
    if (word.equals("true") || word.equals("false")) {
      return Kind.BOOLEAN;
    }
    if (!Numbers.isJson(word)) {
      throw new SyntaxException("json-syntax", position, "this is no JSON value", "put a text in double quotes");
    }
    if (word.length() > Limits.DIGITS) {
      throw new SyntaxException(
          "long-number", position, "a number of " + word.length() + " characters", "no call needs it");
    }
    return Kind.NUMBER;
  }

  private static boolean isWordPart(char c) {
    return !isSpace(c) && c != ',' && c != ':' && c != '{' && c != '}' && c != '[' && c != ']' && c != '"';
  }

  private SyntaxException wrong(int index, String what, String fix) {
    return new SyntaxException("json-syntax", position(index, index + 1), what, fix);
  }

  private Position position(int from, int to) {
    return reading.file().position(from, to);
  }
}
