package dev.warder.format.tree;

import dev.warder.catalog.Suggestions;
import dev.warder.format.tree.Node.Kind;
import java.util.ArrayList;
import java.util.List;

/// The values of one mapping by key. A value of the wrong kind is noted and then counts as absent, as does a null.
public final class Fields {
  private final Reading reading;
  private final Node.Mapping mapping;

  /// Notes every key that does not belong here: a misspelt one would be a rule that is not in force.
  public Fields(Reading reading, Node.Mapping mapping, List<String> known) {
    this.reading = reading;
    this.mapping = mapping;
    for (Node.Entry entry : mapping.entries()) {
      if (!known.contains(entry.key().text()) && !reading.hopeless()) {
        unknown(entry.key(), known);
      }
    }
  }

  private void unknown(Node.Scalar key, List<String> known) {
    List<String> near = Suggestions.nearest(key.text(), known);
    String fix = near.isEmpty()
        ? "the keys here are ".concat(String.join(", ", known))
        : "did you mean '" + String.join("' or '", near) + "'?";
    reading.fail("unknown-key", key, "no key '" + key.text() + "' belongs here", fix);
  }

  public Node.Mapping mapping() {
    return mapping;
  }

  /// The value of a key; null if there is none.
  public Node get(String key) {
    Node node = mapping.get(key);
    return node instanceof Node.Scalar scalar && scalar.kind() == Kind.NULL ? null : node;
  }

  public boolean has(String key) {
    return get(key) != null;
  }

  /// A text; null if there is none.
  public Node.Scalar text(String key) {
    Node node = get(key);
    return node == null ? null : text(reading, node);
  }

  /// A text, or null after noting that this is none.
  public static Node.Scalar text(Reading reading, Node node) {
    if (node instanceof Node.Scalar scalar && scalar.kind() == Kind.TEXT) {
      return scalar;
    }
    boolean missing = node instanceof Node.Scalar scalar && scalar.kind() == Kind.NULL;
    String fix = missing ? "write it, in quotes if it begins with #" : "write it, in quotes if it looks like a number";
    return reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of a text", fix);
  }

  /// A text or a list of texts; empty if there is none.
  public List<Node.Scalar> texts(String key) {
    Node node = get(key);
    return node == null ? List.of() : texts(reading, node);
  }

  /// The texts that this node is or lists.
  public static List<Node.Scalar> texts(Reading reading, Node node) {
    List<Node> items = node instanceof Node.Sequence sequence ? sequence.items() : List.of(node);
    var texts = new ArrayList<Node.Scalar>(items.size());
    for (Node item : items) {
      Node.Scalar text = reading.hopeless() ? null : text(reading, item);
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  /// A list; empty if there is none.
  public List<Node> list(String key) {
    Node node = get(key);
    if (node == null || node instanceof Node.Sequence) {
      return node == null ? List.of() : ((Node.Sequence) node).items();
    }
    reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of a list", "write a list");
    return List.of();
  }

  /// The mappings in a list; empty if there is none.
  public List<Node.Mapping> mappings(String key) {
    var mappings = new ArrayList<Node.Mapping>();
    for (Node node : list(key)) {
      if (node instanceof Node.Mapping inner) {
        mappings.add(inner);
      } else if (!reading.hopeless()) {
        reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of a mapping", "write keys and values");
      }
    }
    return mappings;
  }

  /// A mapping; null if there is none.
  public Node.Mapping mapping(String key) {
    Node node = get(key);
    if (node == null || node instanceof Node.Mapping) {
      return (Node.Mapping) node;
    }
    return reading.fail(
        "wrong-kind", node, "found " + node.kindName() + " instead of a mapping", "write keys and values");
  }

  /// Whether the value is true; false if there is none.
  public boolean flag(String key) {
    Node node = get(key);
    if (node != null && !(node instanceof Node.Scalar scalar && scalar.kind() == Kind.BOOLEAN)) {
      reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of true or false", "write true or false");
    }
    return node instanceof Node.Scalar scalar && scalar.kind() == Kind.BOOLEAN && scalar.text().equals("true");
  }

  /// A whole number from 0 up, on 64 bits; null if there is none.
  public Long number(String key) {
    Node node = get(key);
    if (node == null) {
      return null;
    }
    if (node instanceof Node.Scalar scalar && scalar.kind() == Kind.NUMBER) {
      try {
        return Long.parseUnsignedLong(scalar.text());
      } catch (NumberFormatException e) {
        return reading.fail(
            "bad-number", node, "'" + scalar.text() + "' is no whole number of 64 bits", "write it with digits only");
      }
    }
    return reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of a number", "write digits only");
  }
}
