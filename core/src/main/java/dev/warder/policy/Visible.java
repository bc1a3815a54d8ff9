package dev.warder.policy;

/// Makes texts of others safe to show: a hostile file must not command the terminal, nor turn round the order of what
/// it shows. Tabs become blanks, since they would shift the carets under a line.
public final class Visible {
  private Visible() {}

  /// The text with `?` for control and format characters, but for line breaks, and blanks for tabs.
  public static String of(String text) {
    return append(new StringBuilder(), text, true).toString();
  }

  /// @param breaks whether line breaks stay
  static StringBuilder append(StringBuilder out, String text, boolean breaks) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      int type = Character.getType(c);
      boolean hidden = type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
      if (c == '\t') {
        out.append(' ');
      } else if (hidden && !(breaks && c == '\n')) {
        out.repeat('?', Character.charCount(c));
      } else {
        out.appendCodePoint(c);
      }
    }
    return out;
  }
}
