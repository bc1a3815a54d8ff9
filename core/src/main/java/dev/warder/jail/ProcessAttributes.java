package dev.warder.jail;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What the program finds set when it starts.
///
/// @param environment `KEY=VALUE`, or `KEY` for the caller's value at start; later ones win
/// @param asPid1 whether the program is process 1 itself, without the reaper
/// @param ownTerminal whether a caller who sits at a terminal gets one of the jail's own in its place
/// @param keptFiles file descriptors of the caller's, above 2, that stay open; ascending
/// @param killSignal what the program is sent when the launcher is sent SIGTERM: a number of signal(7)
/// @param umask permission bits that new files lack; empty for the caller's
/// @param clocks empty for the caller's clocks
/// @param inherited set by the launcher, before it gives up any right
public record ProcessAttributes(
    List<String> environment,
    boolean asPid1,
    boolean ownTerminal,
    List<Integer> keptFiles,
    int killSignal,
    OptionalInt umask,
    Optional<ClockOffsets> clocks,
    List<Attribute> inherited) {
  public static final int SIGTERM = 15;

  public static final ProcessAttributes USUAL = new ProcessAttributes(
      List.of(), false, true, List.of(), SIGTERM, OptionalInt.empty(), Optional.empty(), List.of());

  public ProcessAttributes {
    environment = List.copyOf(environment);
    keptFiles = List.copyOf(keptFiles);
    inherited = List.copyOf(inherited);
    if (asPid1 && clocks.isPresent()) {
      throw new IllegalArgumentException("process 1 keeps the clocks it began with, only its children get others");
    }
  }

  /// The same for an image that is told its environment at start.
  ProcessAttributes withoutEnvironment() {
    return new ProcessAttributes(List.of(), asPid1, ownTerminal, keptFiles, killSignal, umask, clocks, inherited);
  }
}
