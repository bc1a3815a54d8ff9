package dev.warder.host;

/// What a check found.
///
/// @param detail for a person, in one sentence or less
/// @param remedy the command or edit that helps; empty where nothing is missing or can be done
public record Finding(State state, String name, String detail, String remedy) {
  /// Whether what was looked for is there.
  public enum State {
    OK("ok"),
    MISSING("no"),
    /// Not needed, or not known.
    NOTE("-");

    private final String mark;

    State(String mark) {
      this.mark = mark;
    }

    public String mark() {
      return mark;
    }
  }

  static Finding ok(String name, String detail) {
    return new Finding(State.OK, name, detail, "");
  }

  static Finding missing(String name, String detail, String remedy) {
    return new Finding(State.MISSING, name, detail, remedy);
  }

  static Finding note(String name, String detail) {
    return new Finding(State.NOTE, name, detail, "");
  }
}
