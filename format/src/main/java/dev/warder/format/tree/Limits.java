package dev.warder.format.tree;

/// What a file may cost. Docker's profile, the largest in use, has 14 KB, 5 levels and 600 values.
public final class Limits {
  /// Size of a file in bytes. The worst file of this size, one line of colons, takes the YAML scanner
  /// a quarter of a second.
  public static final int BYTES = 1 << 18;
  /// Levels of lists and mappings.
  static final int DEPTH = 32;
  /// Lists, mappings, keys and values.
  static final int VALUES = 10_000;
  /// Characters of a number; 64 bits need 20.
  static final int DIGITS = 64;
  /// Problems and losses that are collected before reading ends.
  static final int REPORTS = 100;

  private Limits() {}
}
