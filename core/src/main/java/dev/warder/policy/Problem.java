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

  /// The problem as a few lines, with carets under the words it speaks of.
  public String render() {
    StringBuilder out = new StringBuilder(where.source());
    if (where.line() > 0) {
      out.append(':').append(where.line()).append(':').append(where.column());
    }
    out.append(": ").append(what).append(" [").append(code).append("]\n    ").append(where.text()).append("\n    ");
    out.repeat(' ', where.column() - 1).repeat('^', where.length()).append('\n');
    if (!fix.isEmpty()) {
      out.append("fix: ").append(fix).append('\n');
    }
    return out.toString();
  }
}
