package dev.warder.format.convert;

/// The conditions of a call come to more rules than anyone could use.
public final class TooComplexException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TooComplexException() {
    super("the conditions come to too many rules", null, false, false);
  }
}
