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
      "e ers tht \u0083\u0080ak\u0086\u0080inhooresrot\u0087w  a"
      + "ili\u0082onacrestus\u0081 \u008d/ENals\u0089y edli\u009b\u008e"
      + "ne, o amivi\u0084arun\u0099O f \u0085; ldo\u0084se\u009f/"
      + "dem\u0087n\u00a3o\u00ac - cana\u0082enk\u0081p\u008cp\u0093\u008b\u00bb\u0096\u0081\u009al\u009eb"
      + "\u00b0v\u00b2\u00bcFIa t\u0081chi\u0083ofr\u00a4p\u00c8urw\u00c6ct\u00a0l\u00b9\u00cd\u00c1\u008b"
      + "le'\u0082b\u0088sy\u0080u\u0083\u0091\u0089\u0095\u0098\u00c0\u00d7/at \u0091COERINa\u0090c\u00be"
      + "c\u00caf\u00b3h\u0081j\u00dem\u00a5n\u00adop\u0080\u0085\u008co\u0092 \u009e\u00e4\u00a1\u008a\u00a9\u0090\u00b4-\u00bac\u00c7 "
      + "\u00e8t m\u00f1a \u00a032EMG_N\u00c2SYa\u0088loc\u0092do (em";

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
