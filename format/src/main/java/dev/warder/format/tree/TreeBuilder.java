package dev.warder.format.tree;

import dev.warder.format.tree.Node.Entry;
import dev.warder.format.tree.Node.Kind;
import dev.warder.format.tree.Node.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Keeps a tree within its limits, whatever syntax it comes from.
final class TreeBuilder {
  private final Reading reading;
  private int values;
  private int depth;

  TreeBuilder(Reading reading) {
    this.reading = reading;
  }

  private void count(Position at) {
    if (++values > Limits.VALUES) {
      throw new SyntaxException(
          "too-many-values", at, "more than " + Limits.VALUES + " values", "check that it is a policy, or split it");
    }
  }

  /// A key, text, number or other word.
  Node.Scalar scalar(Kind kind, String text, Position at) {
    count(at);
    if (kind == Kind.NUMBER && text.length() > Limits.DIGITS) {
      throw new SyntaxException("long-number", at, "a number of " + text.length() + " characters", "no call needs it");
    }
    return new Node.Scalar(kind, text, at);
  }

  void enter(Position at) {
    count(at);
    if (++depth > Limits.DEPTH) {
      throw new SyntaxException("too-deep", at, "more than " + Limits.DEPTH + " levels", "a policy needs five");
    }
  }

  void leave() {
    depth--;
  }

  /// The entries of one mapping.
  final class Entries {
    private final List<Entry> list = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    void add(Node.Scalar key, Node value) {
      if (keys.add(key.text())) {
        list.add(new Entry(key, value));
      } else if (!reading.hopeless()) {
        reading.fail("duplicate-key", key, "'" + key.text() + "' stands here twice", "join the two, or leave one out");
      }
    }

    List<Entry> list() {
      return list;
    }
  }
}
