package dev.warder.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The message that asks systemd for a scope: a call of `StartTransientUnit`, as its two parts around the digits in the
/// unit's name.
///
/// The scope takes in who sends the message (process id 0), is given away (`Delegate`), and is forgotten when it has ended.
///
/// Source: D-Bus specification 0.43, "Message Protocol"; org.freedesktop.systemd1(5), systemd 252.
record ScopeRequest(byte[] beginning, byte[] end) {
  /// Of a process id: those of the kernel's PID_MAX_LIMIT.
  static final int DIGITS = 7;

  static final String NAME = "warder-";
  static final String SUFFIX = ".scope";
  private static final String DIGITS_TEXT = "0".repeat(DIGITS);

  private static final int METHOD_CALL = 1;

  static ScopeRequest make() {
    var body = new Message();
    body.text(NAME + DIGITS_TEXT + SUFFIX);
    body.text("fail");                                        // where there is one of this name already
    var properties = new Message();
    properties.property("PIDs", "au").array(4, new Message().number(0));
    properties.property("Delegate", "b").number(1);
    properties.property("CollectMode", "s").text("inactive-or-failed");
    properties.property("Description", "s").text("A jail of Warder's");
    body.array(8, properties);
    body.array(8, new Message());                             // other units
    var fields = new Message();
    fields.field(1, "o").text("/org/freedesktop/systemd1");
    fields.field(2, "s").text("org.freedesktop.systemd1.Manager");
    fields.field(3, "s").text("StartTransientUnit");
    fields.field(6, "s").text("org.freedesktop.systemd1");
    fields.field(8, "g").signature("ssa(sv)a(sa(sv))");
    var message = new Message();
    message.bytes('l', METHOD_CALL, 0, 1).number(body.size()).number(1).array(8, fields).align(8).append(body);
    byte[] whole = message.out.toByteArray();
    int at = new String(whole, StandardCharsets.ISO_8859_1).indexOf(NAME + DIGITS_TEXT) + NAME.length();
    return new ScopeRequest(slice(whole, 0, at), slice(whole, at + DIGITS, whole.length));
  }

  private static byte[] slice(byte[] whole, int from, int to) {
    return Arrays.copyOfRange(whole, from, to);
  }

  /// Little-endian values, each aligned to its size from the beginning, which has to be aligned to 8 where it is put.
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    int size() {
      return out.size();
    }

    Message align(int to) {
      while (out.size() % to != 0) {
        out.write(0);
      }
      return this;
    }

    Message bytes(int... values) {
      for (int value : values) {
        out.write(value);
      }
      return this;
    }

    Message number(int value) {
      align(4);
      return bytes(value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >>> 24);
    }

    Message text(String text) {
      number(text.length());
      out.writeBytes(Emitter.terminated(text));
      return this;
    }

    Message signature(String text) {
      out.write(text.length());
      out.writeBytes(Emitter.terminated(text));
      return this;
    }

    /// The beginning of a name and a value.
    Message property(String name, String type) {
      return align(8).text(name).signature(type);
    }

    /// The beginning of a field of the header.
    Message field(int code, String type) {
      return align(8).bytes(code).signature(type);
    }

    /// @param alignment of an element, 4 or 8
    Message array(int alignment, Message elements) {
      number(elements.size());
      align(alignment);
      return append(elements);
    }

    Message append(Message more) {
      out.writeBytes(more.out.toByteArray());
      return this;
    }
  }
}
