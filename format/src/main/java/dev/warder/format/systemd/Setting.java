package dev.warder.format.systemd;

import dev.warder.format.tree.Node.Position;
import java.util.List;
import java.util.Locale;

/// One assignment of a unit file, `Key=value`.
///
/// @param at where the key stands
/// @param words of the value, without the `~` that may stand before the first
/// @param inverted whether there was one
record Setting(String section, String key, Position at, List<Word> words, boolean inverted) {
  /// A word between blanks.
  record Word(String text, Position at) {}

  Setting {
    words = List.copyOf(words);
  }

  /// Whether the value is empty, which undoes what earlier assignments of the key said.
  boolean resets() {
    return words.isEmpty() && !inverted;
  }

  /// The value as a truth value, or null if it is none.
  ///
  /// Source: systemd.syntax(7) and `parse_boolean` of systemd, which also takes `y`, `t`, `n`, `f`.
  Boolean truth() {
    if (words.size() != 1 || inverted) {
      return null;
    }
    return switch (words.getFirst().text().toLowerCase(Locale.ROOT)) {
      case "1", "yes", "y", "true", "t", "on" -> true;
      case "0", "no", "n", "false", "f", "off" -> false;
      default -> null;
    };
  }
}
