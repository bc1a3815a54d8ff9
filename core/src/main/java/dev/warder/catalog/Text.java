package dev.warder.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A data file of the catalog as bytes, read by hand.
///
/// A jail is compiled in a JVM that has just started, where every loop is interpreted and the first lambda, regular
/// expression or string concatenation costs more than reading a whole file here. So: bytes, indexes and plain loops.
///
/// Measured on JDK 25 (2 cores, C1 only, serial collector, AOT cache), in ms: opening the jar for the first file 3.5 as
/// a named module and about twice that on the class path, where a resource goes through a URL connection; each further
/// file 0.3 to 0.8; parsing all tables 1.8, the sets 1.1; one constant 0.02, the arguments of one call 0.1. The first
/// file is thus the dearest step, and only keeping the text in class files would avoid it.
final class Text {
  final byte[] bytes;
  /// Where the data start: after the `#` lines.
  final int start;

  private Text(byte[] bytes) {
    this.bytes = bytes;
    int at = 0;
    while (at < bytes.length && bytes[at] == '#') {
      at = nextLine(at);
    }
    this.start = at;
  }

  /// Reads a resource beside this class.
  static Text resource(String name) {
    try (InputStream in = Text.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the catalog lacks its file ".concat(name));
      }
      return new Text(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the catalog's file ".concat(name), e);
    }
  }

  /// Start of the line after the one that holds this position.
  int nextLine(int at) {
    return fieldEnd(at, '\n') + 1;
  }

  /// Index of the next delimiter, or the end of the text.
  int fieldEnd(int from, char delimiter) {
    return fieldEnd(from, bytes.length, delimiter);
  }

  private int fieldEnd(int from, int to, char delimiter) {
    int at = from;
    while (at < to && bytes[at] != delimiter) {
      at++;
    }
    return at;
  }

  String string(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /// Index of the next space or line end, or the end of the text.
  int wordEnd(int from) {
    int at = from;
    while (at < bytes.length && bytes[at] > ' ') {
      at++;
    }
    return at;
  }

  /// The comma-separated fields of the line that starts here; an empty last field counts.
  List<String> fields(int line) {
    var fields = new ArrayList<String>();
    int to = fieldEnd(line, '\n');
    int from = line;
    while (true) {
      int end = fieldEnd(from, to, ',');
      fields.add(string(from, end));
      if (end == to) {
        return fields;
      }
      from = end + 1;
    }
  }

  /// The words of a field whose words are separated by single spaces.
  static List<String> words(String field) {
    if (field.isEmpty()) {
      return List.of();
    }
    var words = new ArrayList<String>();
    int from = 0;
    for (int end = field.indexOf(' '); end >= 0; end = field.indexOf(' ', from)) {
      words.add(field.substring(from, end));
      from = end + 1;
    }
    words.add(field.substring(from));
    return words;
  }

  /// Whether a field, whose words are separated by single spaces, holds this word.
  boolean hasWord(int from, int to, String word) {
    int at = from;
    while (at < to) {
      int end = fieldEnd(at, to, ' ');
      if (end - at == word.length() && string(at, end).equals(word)) {
        return true;
      }
      at = end + 1;
    }
    return false;
  }

  /// Start of the first line whose first field is the key, or -1. The lines after the header row are sorted by their
  /// first field in byte order.
  int find(String key) {
    if (key.indexOf(',') >= 0) {
      return -1;
    }
    int low = nextLine(start);
    int high = bytes.length;
    while (low < high) {
      int line = lineStart(low, (low + high) >>> 1);
      if (compare(line, key) < 0) {
        low = nextLine(line);
      } else {
        high = line;
      }
    }
    return low < bytes.length && compare(low, key) == 0 ? low : -1;
  }

  /// Whether the first field of the line that starts here is the key.
  boolean startsWith(int line, String key) {
    return line < bytes.length && compare(line, key) == 0;
  }

  private int lineStart(int first, int at) {
    int line = at;
    while (line > first && bytes[line - 1] != '\n') {
      line--;
    }
    return line;
  }

  /// A comma sorts before every character of a name, so a field that ends early comes first.
  private int compare(int line, String key) {
    for (int i = 0; i < key.length(); i++) {
      int order = bytes[line + i] - key.charAt(i);
      if (order != 0) {
        return order;
      }
    }
    return bytes[line + key.length()] == ',' ? 0 : 1;
  }
}
