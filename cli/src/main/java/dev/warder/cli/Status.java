package dev.warder.cli;

/// Exit codes.
final class Status {
  static final int OK = 0;

  /// A negative answer: invalid, different.
  static final int NO = 1;

  /// Usage or trouble, of commands that make no jail.
  static final int USAGE = 2;

  /// The jail could not be made; usage errors too, of commands that make jails.
  static final int NO_JAIL = 125;

  private Status() {}
}
