package dev.warder.policy;

import java.util.function.Supplier;

/// An action and why it was chosen.
///
/// The sentence is put together when someone reads it: a filter has thousands of outcomes and no reader.
public final class Outcome {
  private final Action action;
  private final Supplier<String> reason;
  private final boolean dangerous;

  public Outcome(Action action, String reason) {
    this(action, new Sentence(reason), false);
  }

  Outcome(Action action, Supplier<String> reason, boolean dangerous) {
    this.action = action;
    this.reason = reason;
    this.dangerous = dangerous;
  }

  public Action action() {
    return action;
  }

  /// A sentence for people.
  public String reason() {
    return reason.get();
  }

  /// Whether the call is a known way out of a jail.
  public boolean dangerous() {
    return dangerous;
  }

  Outcome marked() {
    return new Outcome(action, reason, true);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Outcome other && action.equals(other.action) && dangerous == other.dangerous
        && reason().equals(other.reason());
  }

  @Override
  public int hashCode() {
    return 31 * action.hashCode() + Boolean.hashCode(dangerous);
  }

  @Override
  public String toString() {
    return action + ": " + reason();
  }

  /// A sentence that is known already.
  static final class Sentence implements Supplier<String> {
    private final String text;

    Sentence(String text) {
      this.text = text;
    }

    @Override
    public String get() {
      return text;
    }
  }
}
