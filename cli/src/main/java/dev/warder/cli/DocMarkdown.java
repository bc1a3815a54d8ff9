package dev.warder.cli;

import dev.warder.cli.PolicyDoc.Entry;
import dev.warder.cli.PolicyDoc.Section;
import java.util.List;

/// A [PolicyDoc] as Markdown. What comes from a policy file is escaped, so that it is text and nothing else.
final class DocMarkdown {
  private DocMarkdown() {}

  static String of(String name, List<Section> sections) {
    var out = new StringBuilder("# ").append(text(name)).append('\n');
    for (Section section : sections) {
      out.append("\n## ").append(text(section.title())).append('\n');
      out.append(section.intro().isEmpty() ? "" : "\n" + text(section.intro()) + "\n");
      out.append(section.entries().isEmpty() ? "" : "\n");
      String heading = "";
      for (Entry entry : section.entries()) {
        boolean group = !entry.heading().isEmpty() && !entry.calls().isEmpty();
        if (group && !entry.heading().equals(heading)) {
          out.append(heading.isEmpty() ? "" : "\n").append("### ").append(text(entry.heading())).append("\n\n");
        }
        heading = group ? entry.heading() : heading;
        entry(out, entry);
      }
    }
    return out.toString();
  }

  private static void entry(StringBuilder out, Entry entry) {
    if (entry.calls().isEmpty() && entry.lines().size() == 1) {
      out.append("- **").append(text(entry.heading())).append("**: ").append(text(entry.lines().getFirst())).append('\n');
      content(out, entry.content());
      return;
    }
    if (entry.calls().isEmpty()) {
      out.append("- **").append(text(entry.heading())).append("**");
    } else {
      calls(out, entry);
    }
    out.append('\n');
    for (String line : entry.lines()) {
      out.append("  - ").append(text(line)).append('\n');
    }
  }

  /// In a fence that is longer than any in the text, so that nothing of it is Markdown.
  private static void content(StringBuilder out, String content) {
    if (content == null || content.isEmpty()) {
      return;
    }
    String fence = "```";
    while (content.contains(fence)) {
      fence += "`";
    }
    out.append("\n  ").append(fence).append("text\n");
    content.lines().forEach(line -> out.append(line.isEmpty() ? "" : "  ").append(line).append('\n'));
    out.append("  ").append(fence).append("\n\n");
  }

  private static void calls(StringBuilder out, Entry entry) {
    out.append("- ").append(entry.dangerous() ? "⚠ " : "");
    for (int i = 0; i < entry.calls().size(); i++) {
      out.append(i == 0 ? "" : ", ").append('`').append(entry.calls().get(i)).append('`');
    }
  }

  private static String text(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean inWord = i > 0 && i + 1 < text.length() && Character.isLetterOrDigit(text.charAt(i - 1))
          && Character.isLetterOrDigit(text.charAt(i + 1));
      boolean special = c == '_' ? !inWord : "\\`*{}[]<>#|~!&".indexOf(c) >= 0;
      out.append(special ? "\\" : "").append(c < ' ' ? ' ' : c);
    }
    return out.toString();
  }
}
