package dev.warder.jail;

import java.util.List;

/// What the program finds set when it starts.
///
/// @param environment `KEY=VALUE`, or `KEY` for the caller's value at start; later ones win
/// @param asPid1 whether the program is process 1 itself, without the reaper
public record ProcessAttributes(List<String> environment, boolean asPid1) {
  public static final ProcessAttributes USUAL = new ProcessAttributes(List.of(), false);

  public ProcessAttributes {
    environment = List.copyOf(environment);
  }

  /// The same for an image that is told its environment at start.
  ProcessAttributes withoutEnvironment() {
    return new ProcessAttributes(List.of(), asPid1);
  }
}
