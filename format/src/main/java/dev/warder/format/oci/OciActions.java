package dev.warder.format.oci;

import dev.warder.catalog.Errno;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads `SCMP_ACT_*` and the error that goes with it.
///
/// Source: `config-linux.md` of the OCI runtime specification; the error by name is Podman's.
final class OciActions {
  private static final int EPERM = 1;
  /// `MAX_ERRNO`, beyond which the kernel takes no error.
  ///
  /// Source: `include/linux/err.h`, Linux 7.3.
  private static final int MAX_ERRNO = 4095;

  private OciActions() {}

  /// The action of a rule or of the default; null after noting a problem.
  static Action read(Reading reading, Fields fields, String actionKey, String numberKey, String nameKey) {
    Node.Scalar name = fields.text(actionKey);
    if (name == null) {
      return fields.has(actionKey)
          ? null
          : reading.fail("no-action", fields.mapping(), actionKey + " is missing", "add \"SCMP_ACT_ALLOW\"");
    }
    return switch (name.text()) {
      case "SCMP_ACT_ALLOW" -> Action.ALLOW;
      case "SCMP_ACT_ERRNO" -> errno(reading, fields, numberKey, nameKey);
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> new Action.KillThread();
      case "SCMP_ACT_KILL_PROCESS" -> Action.KILL_PROCESS;
      case "SCMP_ACT_TRAP" -> new Action.Trap();
      case "SCMP_ACT_LOG" -> new Action.Log();
      case "SCMP_ACT_NOTIFY" -> new Action.Notify();
      case "SCMP_ACT_TRACE" -> trace(reading, fields, numberKey);
      default -> reading.fail(
          "unknown-action", name, "no action named '" + name.text() + "'",
          "write SCMP_ACT_ALLOW, ERRNO, KILL_PROCESS, KILL_THREAD, TRAP, LOG, NOTIFY or TRACE");
    };
  }

  /// The name of an action.
  static String name(Action action) {
    return switch (action) {
      case Action.Allow() -> "SCMP_ACT_ALLOW";
      case Action.Fail(Errno _) -> "SCMP_ACT_ERRNO";
      case Action.KillThread() -> "SCMP_ACT_KILL_THREAD";
      case Action.KillProcess() -> "SCMP_ACT_KILL_PROCESS";
      case Action.Trap() -> "SCMP_ACT_TRAP";
      case Action.Log() -> "SCMP_ACT_LOG";
      case Action.Notify() -> "SCMP_ACT_NOTIFY";
      case Action.Trace(short _) -> "SCMP_ACT_TRACE";
    };
  }

  /// The number that goes with an action, the error's on x86; empty for none.
  static OptionalLong number(Action action) {
    return switch (action) {
      case Action.Fail(Errno errno) -> OptionalLong.of(errno.number());
      case Action.Trace(short message) -> OptionalLong.of(Short.toUnsignedLong(message));
      default -> OptionalLong.empty();
    };
  }

  private static Action errno(Reading reading, Fields fields, String numberKey, String nameKey) {
    Node.Scalar name = fields.text(nameKey);
    if (name != null && !name.text().isEmpty()) {
      Optional<Errno> errno = Errno.named(name.text());
      return errno.isPresent()
          ? Action.fail(errno.get())
          : reading.fail("unknown-errno", name, "no error named '" + name.text() + "'", "write it as EPERM");
    }
    Integer number = number(reading, fields, numberKey, MAX_ERRNO);
    if (number == null) {
      return null;
    }
    Optional<Errno> errno = Errno.of(number);
    if (errno.isPresent()) {
      return Action.fail(errno.get());
    }
    String what = number == 0
        ? "the call fails with EPERM instead of seeming to succeed"
        : "no error has the number " + number + "; the call fails with EPERM";
    reading.same("lost-errno", fields.get(numberKey), what);
    return Action.fail(Errno.EPERM);
  }

  private static Action trace(Reading reading, Fields fields, String numberKey) {
    Integer message = number(reading, fields, numberKey, 0xFFFF);
    return message == null ? null : new Action.Trace(message.shortValue());
  }

  /// EPERM where there is none, as in runc; null after noting a problem.
  private static Integer number(Reading reading, Fields fields, String key, int most) {
    if (!fields.has(key)) {
      return EPERM;
    }
    Long number = isText(fields.get(key)) ? fromText(reading, fields.text(key)) : fields.number(key);
    if (number != null && Long.compareUnsigned(number, most) > 0) {
      return reading.fail("bad-number", fields.get(key), "the number is too large", "write 0 to " + most);
    }
    return number == null ? null : Integer.valueOf(number.intValue());
  }

  private static boolean isText(Node node) {
    return node instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.TEXT;
  }

  /// The operator of Kubernetes has numbers as texts.
  private static Long fromText(Reading reading, Node.Scalar text) {
    try {
      return Long.parseUnsignedLong(text.text());
    } catch (NumberFormatException e) {
      return reading.fail("bad-number", text, "'" + text.text() + "' is no number", "write it with digits only");
    }
  }

  /// How much an action lets through, by the kernel's order of precedence: 0 for the strictest.
  ///
  /// Source: seccomp(2), man-pages 6.9.
  static int leniency(Action action) {
    return ORDER.indexOf(action.getClass());
  }

  /// Whether two actions are the same. The `equals` of a record is spun at its first use: 15 ms of a cold start.
  static boolean same(Action a, Action b) {
    if (a instanceof Action.Fail(Errno first) && b instanceof Action.Fail(Errno second)) {
      return first == second;
    }
    if (a instanceof Action.Trace(short first) && b instanceof Action.Trace(short second)) {
      return first == second;
    }
    return a.getClass() == b.getClass();
  }

  private static final List<Class<? extends Action>> ORDER = List.of(
      Action.KillProcess.class, Action.KillThread.class, Action.Trap.class, Action.Fail.class, Action.Notify.class,
      Action.Trace.class, Action.Log.class, Action.Allow.class);
}
