package dev.warder.format.convert;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import java.util.Map;

/// Writes maps, lists, texts and whole numbers as JSON or as YAML.
public final class TreeText {
  private final StringBuilder out = new StringBuilder();

  private TreeText() {}

  /// @param tree with `long` numbers, which are unsigned
  public static String json(Map<String, ?> tree) {
    var text = new TreeText();
    text.json(tree, 0);
    return text.out.append('\n').toString();
  }

  private void json(Object value, int indent) {
    switch (value) {
      case Map<?, ?> map -> {
        String separator = "{\n";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator).repeat(' ', indent + 2).append(quoted((String) entry.getKey())).append(": ");
          json(entry.getValue(), indent + 2);
          separator = ",\n";
        }
        close(map.isEmpty(), "{}", '}', indent);
      }
      case List<?> list -> {
        String separator = "[\n";
        for (Object item : list) {
          out.append(separator).repeat(' ', indent + 2);
          json(item, indent + 2);
          separator = ",\n";
        }
        close(list.isEmpty(), "[]", ']', indent);
      }
      case String text -> out.append(quoted(text));
      default -> out.append(number(value));
    }
  }

  private void close(boolean empty, String nothing, char end, int indent) {
    if (empty) {
      out.append(nothing);
    } else {
      out.append('\n').repeat(' ', indent).append(end);
    }
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  private static String number(Object value) {
    return value instanceof Long number ? Long.toUnsignedString(number) : value.toString();
  }

  /// @param tree with `long` numbers, which are unsigned
  public static String yaml(Map<String, ?> tree) {
    var text = new TreeText();
    text.yaml(tree, 0, false);
    return text.out.toString();
  }

  /// @param item whether the value follows a dash, on the dash's line
  private void yaml(Object value, int indent, boolean item) {
    switch (value) {
      case Map<?, ?> map -> {
        boolean first = item;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.repeat(' ', first ? 0 : indent).append(YamlText.of((String) entry.getKey())).append(':');
          below(entry.getValue(), indent);
          first = false;
        }
      }
      case List<?> list -> {
        for (Object element : list) {
          out.repeat(' ', indent).append("- ");
          yaml(element, indent + 2, true);
        }
      }
      case String text -> out.append(YamlText.of(text)).append('\n');
      default -> out.append(number(value)).append('\n');
    }
  }

  private void below(Object value, int indent) {
    boolean empty = value instanceof List<?> list && list.isEmpty() || value instanceof Map<?, ?> map && map.isEmpty();
    if (empty) {
      out.append(value instanceof List ? " []\n" : " {}\n");
    } else if (value instanceof List || value instanceof Map) {
      out.append('\n');
      yaml(value, indent + 2, false);
    } else {
      out.append(' ');
      yaml(value, indent, false);
    }
  }
}
