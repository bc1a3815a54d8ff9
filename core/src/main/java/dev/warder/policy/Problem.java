package dev.warder.policy;

/// A mistake in what a person wrote, and what to do about it.
///
/// @param code stable, for tests and docs, such as `unknown-syscall`
/// @param what one sentence without a full stop
/// @param fix what to write instead; may be empty
public record Problem(String code, Span where, String what, String fix) {
  /// A stretch of a line.
  ///
  /// @param source a file or an option
  /// @param line counted from 1; 0 where the source has no lines, as an option
  /// @param column counted from 1, in `text`
  /// @param length in characters, at least 1
  /// @param text the whole line
  public record Span(String source, int line, int column, int length, String text) {}

  /// How much of a long line, such as a JSON file without line breaks, is shown on each side of the problem.
  private static final int CONTEXT = 80;
  private static final int LONGEST = 500;

  /// The problem as a few lines, with carets under the words it speaks of, if the line has any.
  public String render() {
    StringBuilder out = appendVisible(new StringBuilder(), where.source());
    if (where.line() > 0) {
      out.append(':').append(where.line()).append(':').append(where.column());
    }
    String text = where.text();
    int start = Math.min(where.column() - 1, text.length());
    int from = text.length() <= 2 * CONTEXT ? 0 : Math.max(0, start - CONTEXT);
    int to = text.length() <= 2 * CONTEXT ? text.length() : Math.min(text.length(), start + CONTEXT);
    int carets = Math.min(where.length(), Math.max(1, to - start));
    appendVisible(out.append(": "), what).append(" [").append(code).append("]\n");
    if (!text.isEmpty()) {
      appendVisible(out.append("    "), text.substring(from, to)).append("\n    ");
      out.repeat(' ', start - from).repeat('^', carets).append('\n');
    }
    if (!fix.isEmpty()) {
      appendVisible(out.append("fix: "), fix).append('\n');
    }
    return out.toString();
  }

  private static StringBuilder appendVisible(StringBuilder out, String text) {
    return Visible.append(out, text.length() <= LONGEST ? text : text.substring(0, LONGEST), false);
  }
}
