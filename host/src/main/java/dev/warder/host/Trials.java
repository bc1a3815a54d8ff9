package dev.warder.host;

/// What came of the jails that were tried.
///
/// @param jail the default one
/// @param ranges with a range of ids
/// @param overlay with an overlay
/// @param clocks with clocks of its own
public record Trials(Trial jail, Trial ranges, Trial overlay, Trial clocks) {
  /// Where the default jail cannot be made, there is no use in trying others.
  public static Trials none(Trial jail) {
    var untried = new Trial(jail.status(), "not tried, since no jail can be made", "");
    return new Trials(jail, untried, untried, untried);
  }

  /// What an option that needs more than the default jail gets here.
  Finding finding(Trial trial, String name, String good, String remedy) {
    if (trial.passed()) {
      return Finding.ok(name, good);
    }
    return jail.passed() ? Finding.missing(name, trial.why(), remedy.isEmpty() ? trial.remedy() : remedy)
        : Finding.note(name, trial.why());
  }
}
