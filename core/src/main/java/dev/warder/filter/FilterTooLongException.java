package dev.warder.filter;

/// A policy that needs more instructions than the kernel takes in one filter.
public final class FilterTooLongException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// Instructions the filter would have, at least.
  private final int length;

  FilterTooLongException(int length) {
    super("the filter needs at least " + length + " instructions, the kernel takes " + Filter.MAX_LENGTH
        + "; use fewer conditions or fewer architectures");
    this.length = length;
  }

  /// Instructions the filter would have, at least.
  public int length() {
    return length;
  }
}
