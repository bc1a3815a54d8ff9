package dev.warder.format.firecracker;

import dev.warder.catalog.Errno;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Actions: a word, or `{"errno": 1}` and `{"trace": 1}`.
final class FirecrackerActions {
  private static final int MOST = 0xFFFF;

  private FirecrackerActions() {}

  /// The action; null after noting a problem.
  ///
  /// @param otherKey what rust-vmm calls it
  static Action read(Reading reading, Fields fields, String key, String otherKey) {
    Node node = fields.has(key) ? fields.get(key) : fields.get(otherKey);
    if (node == null) {
      return reading.fail("no-action", fields.mapping(), key + " is missing", "add \"allow\" or {\"errno\": 1}");
    }
    Action action = node instanceof Node.Mapping mapping ? numbered(reading, mapping) : word(node);
    return action != null || !reading.problems().isEmpty() && node instanceof Node.Mapping
        ? action
        : reading.fail("unknown-action", node, "no such action",
            "write allow, kill_process, kill_thread, log, trap, {\"errno\": 1} or {\"trace\": 1}");
  }

  private static Action word(Node node) {
    String word = node instanceof Node.Scalar scalar ? scalar.text() : "";
    return switch (word) {
      case "allow" -> Action.ALLOW;
      case "kill", "kill_process" -> Action.KILL_PROCESS;
      case "kill_thread" -> new Action.KillThread();
      case "log" -> new Action.Log();
      case "trap" -> new Action.Trap();
      default -> null;
    };
  }

  private static Action numbered(Reading reading, Node.Mapping mapping) {
    var fields = new Fields(reading, mapping, List.of("errno", "trace"));
    boolean errno = fields.has("errno");
    String key = errno ? "errno" : "trace";
    Long number = fields.number(key);
    if (number == null) {
      return null;
    }
    if (Long.compareUnsigned(number, MOST) > 0) {
      return reading.fail("bad-number", fields.get(key), "the number is too large", "write 0 to " + MOST);
    }
    return errno ? errno(reading, fields, number.intValue()) : new Action.Trace(number.shortValue());
  }

  private static Action errno(Reading reading, Fields fields, int number) {
    Optional<Errno> errno = Errno.of(number);
    if (errno.isEmpty()) {
      reading.same("lost-errno", fields.get("errno"), "no error has the number " + number + "; calls fail with EPERM");
    }
    return Action.fail(errno.orElse(Errno.EPERM));
  }

  /// The action as a tree; null for one that there is none for.
  static Object tree(Action action) {
    return switch (action) {
      case Action.Allow() -> "allow";
      case Action.Fail(Errno errno) -> Map.of("errno", errno.number());
      case Action.KillProcess() -> "kill_process";
      case Action.KillThread() -> "kill_thread";
      case Action.Trap() -> "trap";
      case Action.Log() -> "log";
      case Action.Trace(short message) -> Map.of("trace", Short.toUnsignedInt(message));
      case Action.Notify() -> null;
    };
  }
}
