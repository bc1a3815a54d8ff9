package dev.warder.policy;

/// An action and why it was chosen.
///
/// @param reason a sentence for people
/// @param dangerous whether the call is a known way out of a jail
public record Outcome(Action action, String reason, boolean dangerous) {
  public Outcome(Action action, String reason) {
    this(action, reason, false);
  }
}
