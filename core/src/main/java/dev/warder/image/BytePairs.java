package dev.warder.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Text for people in byte pair encoding: a byte of 0x80 or more stands for two others, which may be such bytes in turn.
///
/// Messages are the largest part of an image's data, and nearly never read: so they stand in it at some 60 % of their length.
/// The table of pairs is the same in all images. [Routines#tell] is the decoder.
final class BytePairs {
  static final int FIRST = 0x80;

  /// Says that the byte behind it stands for itself: a part of a character beyond ASCII.
  static final int PLAIN = 0xFF;

  /// The longest way from a byte to what it stands for.
  static final int MAX_DEPTH = 32;

  /// The pair that [#FIRST] stands for, then that of the next byte, and so on; `BytePairsTest` makes it from the messages.
  private static final String TABLE =
      "e ers tht \u0083\u0080tak\u0080roinores aonhoma"
      + "usil\u0081 \u0086\u0087w aci\u0082y o re\u0093/, als\u008eamed"
      + "lio\u0084 civou\u009d\u0094 fi\u0084nestar -NOanldn\u009e"
      + "\u008b p\u0088\u0090\u0081 \u0085se; a\u0082p\u0095\u008b\u00b7\u00a5/\u00af\u00b8a chi\u0083ofo\u00ae"
      + "r\u00a3p\u00c0unw\u00bd\u0088\u00a1\u008f\u0087\u009cllede'\u0082enk\u0081ctt\u0081\u00a0b\u00add"
      + "\u00c8vat \u00baFIt\u0082\u009b\u008a\u00a8l\u00ab-\u00b1c\u00cb\u00d6 \u0096a\u0091b\u0089c\u008dc\u00c6h\u0081"
      + "j\u00dbsyur\u0080u\u0080\u0085\u0083\u0096\u008e\u00a9\u009a\u00d0\u00a6\u0091\u00be \u00c1\u00d1\u00e7//\u00d8COERlo"
      + "INN\u00d3avc\u00e2f\u00bfm\u00a7n\u00a1to \u008aops=si\u0086\u0089\u0095k\u00a0\u00f5";

  private final String table;
  private final short[] codes = new short[1 << 16];

  BytePairs() {
    this(TABLE);
  }

  BytePairs(String table) {
    this.table = table;
    for (int i = 0; i < table.length(); i += 2) {
      codes[table.charAt(i) << 8 | table.charAt(i + 1)] = (short) (FIRST + i / 2);
    }
  }

  /// Two bytes a pair.
  byte[] table() {
    return table.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The text, without a NUL. Each byte is joined to the one before it as long as there is a code for both.
  ///
  /// @throws IllegalArgumentException if the text holds a NUL, which would cut it short
  byte[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[2 * bytes.length];
    int start = 0;
    int end = 0;
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException("text with a NUL: " + text.replace("\0", "\\0"));
      }
      if (b < 0) {
        out[end++] = (byte) PLAIN;
        out[end++] = b;
        start = end;
        continue;
      }
      int last = b;
      int code = end > start ? codes[(out[end - 1] & 0xFF) << 8 | last] : 0;
      while (code != 0) {
        last = code & 0xFF;
        end--;
        code = end > start ? codes[(out[end - 1] & 0xFF) << 8 | last] : 0;
      }
      out[end++] = (byte) last;
    }
    return Arrays.copyOf(out, end);
  }
}
