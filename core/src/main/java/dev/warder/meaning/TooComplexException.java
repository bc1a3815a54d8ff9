package dev.warder.meaning;

/// A program or policy whose meaning takes more room than there is; what is not known is not guessed.
public final class TooComplexException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TooComplexException(String message) {
    super(message);
  }
}
