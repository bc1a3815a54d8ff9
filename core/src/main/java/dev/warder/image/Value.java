package dev.warder.image;

/// What an operation reads: a constant, a variable, or the address of data in the image.
public sealed interface Value {
  /// @param text how a listing shows it, such as `O_PATH|O_CLOEXEC`
  record Const(long value, String text) implements Value {}

  /// A 64-bit variable in the image's writable memory, zero at start.
  ///
  /// @param index position among the variables, counted from 0
  record Var(String name, int index) implements Value {}

  /// The address of read-only bytes.
  ///
  /// @param offset byte offset in the read-only data
  /// @param text how a listing shows the bytes
  record Data(int offset, String text) implements Value {
    Data plus(int bytes) {
      return new Data(offset + bytes, text + "+" + bytes);
    }
  }

  /// The address of writable bytes, zero at start.
  ///
  /// @param offset byte offset behind the variables
  record Buffer(String name, int offset, int byteSize) implements Value {}

  static Const of(long value) {
    return new Const(value, Long.toString(value));
  }

  static Const named(String text, long value) {
    return new Const(value, text);
  }

  /// Permission bits.
  static Const mode(int mode) {
    return new Const(mode, "0" + Integer.toOctalString(mode));
  }

  /// Flags together.
  static Const or(Const... flags) {
    long value = 0;
    var text = new StringBuilder();
    for (Const flag : flags) {
      value |= flag.value();
      text.append(text.isEmpty() ? "" : "|").append(flag.text());
    }
    return new Const(value, text.toString());
  }
}
