package dev.warder.cli;

/// A mistake of the caller's or trouble with the host; the message is for the person, with the remedy.
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandException(String message) {
    super(message);
  }
}
