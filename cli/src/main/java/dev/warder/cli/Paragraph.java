package dev.warder.cli;

import java.util.Collection;
import java.util.List;

/// Text for a terminal.
final class Paragraph {
  private static final int WIDTH = 100;

  private Paragraph() {}

  /// Words in lines of at most 100 columns, each with the indent before it; empty for no words.
  static String of(String indent, Collection<String> words) {
    var out = new StringBuilder();
    int column = 0;
    for (String word : words) {
      if (column > 0 && column + 1 + word.length() > WIDTH) {
        out.append('\n');
        column = 0;
      }
      out.append(column == 0 ? indent : " ").append(word);
      column += (column == 0 ? indent.length() : 1) + word.length();
    }
    return out.isEmpty() ? "" : out.append('\n').toString();
  }

  static String of(String indent, String text) {
    return of(indent, List.of(text.split(" ")));
  }
}
