package dev.warder.format.tree;

import dev.warder.format.tree.Node.Entry;
import dev.warder.format.tree.Node.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads JSON in which nothing is wrong and nothing unusual; of any other file it makes nothing, and [JsonReader] has
/// the library read it, and say what it is.
///
/// It is here because a new JVM waits for it: the library touches `BigDecimal`, which makes JDK 25 compute powers of
/// five for 20 ms. For the same reason it is written with arrays and loops. What it makes of a file is always what the
/// library would; a test compares them.
final class FlawlessJson {
  private static final int DIGIT_END = '9' + 1;

  private final TextFile file;
  private final char[] text;
  private int at;
  private int depth;
  private int values;

  private FlawlessJson(TextFile file) {
    this.file = file;
    this.text = file.text().toCharArray();
  }

  /// The tree; null for the library to read the file.
  static Node read(TextFile file) {
    var json = new FlawlessJson(file);
    Node root = json.value();
    json.skipSpace();
    return json.at == json.text.length ? root : null;
  }

  private void skipSpace() {
    while (at < text.length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
      at++;
    }
  }

  /// The next character that is no space, which is passed; 0 at the end.
  private char next() {
    skipSpace();
    return at < text.length ? text[at++] : 0;
  }

  private Node value() {
    if (++values > Limits.VALUES) {
      return null;
    }
    char first = next();
    if (first == '"') {
      return string();
    }
    if (first == '{' || first == '[') {
      int start = at - 1;
      Node inner = ++depth > Limits.DEPTH ? null : first == '{' ? mapping(start) : sequence(start);
      depth--;
      return inner;
    }
    at -= first == 0 ? 0 : 1;
    return first == '-' || first >= '0' && first < DIGIT_END ? number() : word();
  }

  private Node mapping(int start) {
    var entries = new ArrayList<Entry>();
    Set<String> keys = new HashSet<>();
    char next = next();
    boolean more = next != '}';
    while (more) {
      Node.Scalar key = next == '"' && ++values <= Limits.VALUES ? string() : null;
      Node value = key != null && keys.add(key.text()) && next() == ':' ? value() : null;
      char end = value == null ? 0 : next();
      if (end != ',' && end != '}') {
        return null;
      }
      entries.add(new Entry(key, value));
      more = end == ',';
      next = more ? next() : end;
    }
    return new Node.Mapping(entries, file.position(start, start + 1));
  }

  private Node sequence(int start) {
    List<Node> items = new ArrayList<>();
    skipSpace();
    char next = at < text.length && text[at] == ']' ? text[at++] : ',';
    while (next == ',') {
      Node item = value();
      if (item == null) {
        return null;
      }
      items.add(item);
      next = next();
    }
    return next == ']' ? new Node.Sequence(items, file.position(start, start + 1)) : null;
  }

  /// A text whose first quote has been passed; null also if it has escapes.
  private Node.Scalar string() {
    int start = at;
    while (at < text.length && text[at] != '"') {
      if (text[at] < ' ' || text[at] == '\\') {
        return null;
      }
      at++;
    }
    return at < text.length ? scalar(Kind.TEXT, new String(text, start, at - start), start - 1, ++at) : null;
  }

  private Node number() {
    int start = at;
    at += text[at] == '-' ? 1 : 0;
    boolean zero = at < text.length && text[at] == '0';
    int digits = digits();
    boolean good = digits > 0 && (!zero || digits == 1);
    if (good && at < text.length && text[at] == '.') {
      at++;
      good = digits() > 0;
    }
    if (good && at < text.length && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      at += at < text.length && (text[at] == '+' || text[at] == '-') ? 1 : 0;
      good = digits() > 0;
    }
    return good && at - start <= Limits.DIGITS ? part(Kind.NUMBER, start) : null;
  }

  /// Passes digits; returns how many.
  private int digits() {
    int start = at;
    while (at < text.length && text[at] >= '0' && text[at] < DIGIT_END) {
      at++;
    }
    return at - start;
  }

  private Node word() {
    int start = at;
    while (at < text.length && text[at] >= 'a' && text[at] <= 'z') {
      at++;
    }
    String word = new String(text, start, at - start);
    boolean bool = word.equals("true") || word.equals("false");
    return bool || word.equals("null") ? part(bool ? Kind.BOOLEAN : Kind.NULL, start) : null;
  }

  /// A number or word ends where something else begins; what may follow it, the caller sees.
  private Node.Scalar part(Kind kind, int start) {
    return scalar(kind, new String(text, start, at - start), start, at);
  }

  private Node.Scalar scalar(Kind kind, String value, int from, int to) {
    return new Node.Scalar(kind, value, file.position(from, to));
  }
}
