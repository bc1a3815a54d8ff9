package dev.warder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Read as the D-Bus specification says; that systemd reads it so is seen by `bench/cgroup2/run`.
class ScopeRequestTest {
  private final ByteBuffer message = ByteBuffer.wrap(whole()).order(ByteOrder.LITTLE_ENDIAN);

  private static byte[] whole() {
    ScopeRequest request = ScopeRequest.make();
    var out = new ByteArrayOutputStream();
    out.writeBytes(request.beginning());
    out.writeBytes("1234567".getBytes(StandardCharsets.US_ASCII));
    assertThat(ScopeRequest.DIGITS).isEqualTo(7);
    out.writeBytes(request.end());
    return out.toByteArray();
  }

  private void align(int to) {
    while (message.position() % to != 0) {
      assertThat(message.get()).isEqualTo((byte) 0);
    }
  }

  private int number() {
    align(4);
    return message.getInt();
  }

  private String text(int byteSize) {
    var bytes = new byte[byteSize];
    message.get(bytes);
    assertThat(message.get()).isEqualTo((byte) 0);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private String text() {
    return text(number());
  }

  private String signature() {
    return text(message.get());
  }

  private Object value() {
    return switch (signature()) {
      case "s", "o" -> text();
      case "g" -> signature();
      case "b" -> number() == 1;
      case "au" -> number() == 4 ? List.of(number()) : null;
      default -> null;
    };
  }

  @Test
  void isACallWithWhatAScopeNeeds() {
    assertThat(new byte[] {message.get(), message.get(), message.get(), message.get()}).containsExactly('l', 1, 0, 1);
    int bodyBytes = number();
    assertThat(number()).as("serial").isNotZero();
    var fields = new ArrayList<String>();
    int end = number() + message.position();
    while (message.position() < end) {
      align(8);
      fields.add(message.get() + " " + value());
    }
    assertThat(message.position()).isEqualTo(end);
    assertThat(fields).containsExactly("1 /org/freedesktop/systemd1", "2 org.freedesktop.systemd1.Manager",
        "3 StartTransientUnit", "6 org.freedesktop.systemd1", "8 ssa(sv)a(sa(sv))");
    align(8);
    assertThat(bodyBytes).isEqualTo(message.remaining());
    assertThat(text()).isEqualTo("warder-1234567.scope");
    assertThat(text()).isEqualTo("fail");
    var properties = new ArrayList<String>();
    int bytes = number();
    align(8);
    for (end = message.position() + bytes; message.position() < end;) {
      align(8);
      properties.add(text() + " " + value());
    }
    assertThat(message.position()).isEqualTo(end);
    assertThat(properties).containsExactly("PIDs [0]", "Delegate true", "CollectMode inactive-or-failed",
        "Description A jail of Warder's");
    assertThat(number()).isZero();
    align(8);
    assertThat(message.remaining()).isZero();
  }
}
