package dev.warder.policy;

/// One line of what a person wrote, and where it stands.
///
/// @param name a file or an option: `web.yaml`, `--system-call-filter`
/// @param line counted from 1; 0 where the source has no lines
public record Source(String name, int line, String text) {
  public static Source option(String name, String text) {
    return new Source(name, 0, text);
  }

  /// For [Rule#origin].
  public String origin() {
    return line == 0 ? name : name + ":" + line;
  }

  /// A problem with the characters from `from` up to, not including, `to`; both count from 0.
  public Problem problem(String code, int from, int to, String what, String fix) {
    return new Problem(code, new Problem.Span(name, line, from + 1, Math.max(1, to - from), text), what, fix);
  }
}
