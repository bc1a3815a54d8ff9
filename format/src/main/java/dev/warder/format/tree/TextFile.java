package dev.warder.format.tree;

import dev.warder.format.tree.Node.Position;
import dev.warder.policy.Parsed;
import dev.warder.policy.Problem;
import dev.warder.policy.Source;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// The text of a file and where its lines begin.
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String name;
  private final String text;
  private final int[] lineStarts;

  private TextFile(String name, String text) {
    this.name = name;
    this.text = text;
    this.lineStarts = lineStarts(text);
  }

  /// Decodes a file. A byte order mark at its start is skipped.
  ///
  /// @param name for messages
  /// @return problems `file-too-large`, `not-utf8`
  public static Parsed<TextFile> decode(String name, byte[] content) {
    if (content.length > Limits.BYTES) {
      String what = "the file is larger than a policy can be (" + Limits.BYTES + " bytes)";
      return rejected(new Source(name, 1, ""), "file-too-large", what, "check that it is a policy, or split it");
    }
    CharBuffer text = CharBuffer.allocate(content.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(content), text, true);
    text.flip();
    if (result.isError()) {
      return notUtf8(name, text.toString());
    }
    int start = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    return new Parsed.Accepted<>(new TextFile(name, text.subSequence(start, text.length()).toString()));
  }

  private static Parsed<TextFile> notUtf8(String name, String valid) {
    TextFile file = new TextFile(name, valid);
    Position at = file.position(valid.length(), valid.length() + 1);
    Problem problem = file.line(at.line())
        .problem("not-utf8", at.from(), at.to(), "the bytes after this are not UTF-8", "save the file as UTF-8");
    return new Parsed.Rejected<>(List.of(problem));
  }

  private static Parsed<TextFile> rejected(Source where, String code, String what, String fix) {
    return new Parsed.Rejected<>(List.of(where.problem(code, 0, 1, what, fix)));
  }

  private static int[] lineStarts(String text) {
    int[] starts = new int[64];
    int count = 1;
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      char c = chars[i];
      boolean loneReturn = c == '\r' && (i + 1 == chars.length || chars[i + 1] != '\n');
      if (c == '\n' || loneReturn) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, 2 * count);
        }
        starts[count++] = i + 1;
      }
    }
    return Arrays.copyOf(starts, count);
  }

  public String name() {
    return name;
  }

  public String text() {
    return text;
  }

  /// The line with this number, counted from 1.
  public Source line(int number) {
    int start = lineStarts[number - 1];
    int end = number < lineStarts.length ? lineStarts[number] : text.length();
    while (end > start && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    return new Source(name, number, text.substring(start, end));
  }

  /// How many lines there are.
  public int lines() {
    return lineStarts.length;
  }

  /// The stretch of the line that holds `from`, up to `to` at most.
  public Position position(int from, int to) {
    int found = Arrays.binarySearch(lineStarts, from);
    int line = found >= 0 ? found : -found - 2;
    return new Position(line + 1, from - lineStarts[line], to - lineStarts[line]);
  }
}
