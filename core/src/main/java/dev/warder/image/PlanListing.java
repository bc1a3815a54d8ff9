package dev.warder.image;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A plan as text: each step and, indented, its system calls in the order of the code.
///
/// The text is made from the very code that becomes the image. What depends on the host, such as whether a folder is a
/// link, is decided at start; calls of both ways are listed.
public final class PlanListing {
  private final Code code;
  private final StringBuilder out = new StringBuilder();

  private PlanListing(Code code) {
    this.code = code;
  }

  public static String of(Code code) {
    return new PlanListing(code).text();
  }

  private String text() {
    for (Op op : code.ops()) {
      switch (op) {
        case Op.Note(String what) -> out.append(what).append('\n');
        case Op.SystemCall(_, String name, List<Value> args, _) -> systemCall(name, args);
        default -> { }
      }
    }
    return out.toString();
  }

  private void systemCall(String name, List<Value> args) {
    out.append("    ").append(name).append('(');
    for (int i = 0; i < args.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      value(args.get(i));
    }
    out.append(")\n");
  }

  private void value(Value value) {
    switch (value) {
      case Value.Const(_, String text) -> out.append(text);
      case Value.Var(String name, _) -> out.append('<').append(name).append('>');
      case Value.Buffer(String name, _, _) -> out.append('<').append(name).append('>');
      case Value.Data(int offset) -> data(offset);
    }
  }

  /// Text up to its NUL if it is text, else an ellipsis as for a structure.
  private void data(int offset) {
    int end = offset;
    byte[] data = code.data();
    while (end < data.length && data[end] >= ' ' && data[end] < 127) {
      end++;
    }
    if (end < data.length && data[end] == 0 && !isStructure(offset, end)) {
      out.append('"').append(new String(data, offset, end - offset, StandardCharsets.US_ASCII)).append('"');
    } else {
      out.append("{…}");
    }
  }

  /// An 8-byte aligned address of bytes that are hardly text: structures start with small numbers.
  private boolean isStructure(int offset, int end) {
    return end == offset && code.data().length > offset + 1 && offset % 8 == 0;
  }
}
