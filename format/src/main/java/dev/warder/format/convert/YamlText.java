package dev.warder.format.convert;

import java.util.regex.Pattern;

/// Writes texts so that every reader of YAML takes them as texts.
public final class YamlText {
  /// What some reader takes as no text.
  private static final Pattern WORD = Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n");

  private YamlText() {}

  /// The text, in double quotes if it needs them.
  public static String of(String text) {
    if (isPlain(text) && !WORD.matcher(text).matches()) {
      return text;
    }
    StringBuilder out = new StringBuilder("\"");
    text.codePoints().forEach(c -> append(out, c));
    return out.append('"').toString();
  }

  /// The text as what follows a key and a blank: its lines as they are, where YAML can hold them so.
  ///
  /// @param indent columns of the lines; more than the key's
  public static String block(String text, int indent) {
    if (text.indexOf('\n') < 0 || " \t\n".indexOf(text.charAt(0)) >= 0 || !text.codePoints().allMatch(YamlText::isVisible)) {
      return of(text);
    }
    boolean ends = text.endsWith("\n");
    var out = new StringBuilder(ends ? text.endsWith("\n\n") ? "|+" : "|" : "|-");
    for (String line : (ends ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
      out.append('\n').repeat(' ', line.isEmpty() ? 0 : indent).append(line);
    }
    return out.toString();
  }

  /// Of a text of lines. A byte order mark and the like are format characters.
  private static boolean isVisible(int c) {
    return c == '\n' || c == '\t' || switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
          Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }

  /// Whether it begins with a letter and holds nothing that ends a plain text in a block list.
  private static boolean isPlain(String text) {
    boolean letterFirst = !text.isEmpty() && (text.charAt(0) | 0x20) >= 'a' && (text.charAt(0) | 0x20) <= 'z';
    if (!letterFirst || text.contains(": ") || text.contains(" #") || text.endsWith(":") || text.endsWith(" ")) {
      return false;
    }
    return text.chars().allMatch(c -> c >= ' ' && c < 127);
  }

  private static void append(StringBuilder out, int c) {
    switch (c) {
      case '"', '\\' -> out.append('\\').append((char) c);
      case '\n' -> out.append("\\n");
      case '\t' -> out.append("\\t");
      default -> {
        boolean visible = c >= ' ' && c < 127 || c > 160 && Character.isLetterOrDigit(c);
        if (visible) {
          out.appendCodePoint(c);
        } else {
          out.append(String.format("\\U%08x", c));
        }
      }
    }
  }
}
