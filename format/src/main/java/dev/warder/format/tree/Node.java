package dev.warder.format.tree;

import java.util.List;

/// A value of a file.
public sealed interface Node {
  /// Where it starts; for a list or mapping its first line only.
  Position at();

  /// @param entries in the order of the file, with different keys
  record Mapping(List<Entry> entries, Position at) implements Node {
    public Mapping {
      entries = List.copyOf(entries);
    }

    /// The value of a key, or null if the mapping lacks it.
    public Node get(String key) {
      for (Entry entry : entries) {
        if (entry.key().text().equals(key)) {
          return entry.value();
        }
      }
      return null;
    }
  }

  record Entry(Scalar key, Node value) {}

  record Sequence(List<Node> items, Position at) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /// @param text without quotes and escapes; of a number as written
  record Scalar(Kind kind, String text, Position at) implements Node {}

  enum Kind {
    TEXT, NUMBER, BOOLEAN, NULL
  }

  /// A stretch of a line.
  ///
  /// @param line counted from 1
  /// @param from first character, counted from 0
  /// @param to end, exclusive
  record Position(int line, int from, int to) {}

  /// What it is, as a message calls it.
  default String kindName() {
    if (this instanceof Scalar scalar) {
      return switch (scalar.kind()) {
        case TEXT -> "a text";
        case NUMBER -> "a number";
        case BOOLEAN -> "true or false";
        case NULL -> "nothing";
      };
    }
    return this instanceof Mapping ? "a mapping" : "a list";
  }
}
