package dev.warder.format;

import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import java.util.Optional;

/// Actions as policy files spell them: as [Action#named] has it, and `trace:N`.
final class ActionText {
  private static final String TRACE = "trace:";

  private ActionText() {}

  /// The action, or null after noting that there is none of this name.
  static Action read(Reading reading, Node.Scalar text) {
    Optional<Action> action = text.text().startsWith(TRACE) ? trace(text.text()) : Action.named(text.text());
    return action.isPresent()
        ? action.get()
        : reading.fail(
            "unknown-action",
            text,
            "no action named '" + text.text() + "'",
            "write allow, log, errno:EPERM, kill, kill-thread, trap, notify or trace:1");
  }

  private static Optional<Action> trace(String text) {
    try {
      int message = Integer.parseInt(text, TRACE.length(), text.length(), 10);
      return message >= 0 && message <= 0xFFFF ? Optional.of(new Action.Trace((short) message)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  static String write(Action action) {
    return switch (action) {
      case Action.Allow() -> "allow";
      case Action.Log() -> "log";
      case Action.Fail(var errno) -> "errno:" + errno;
      case Action.KillProcess() -> "kill";
      case Action.KillThread() -> "kill-thread";
      case Action.Trap() -> "trap";
      case Action.Notify() -> "notify";
      case Action.Trace(short message) -> TRACE + Short.toUnsignedInt(message);
    };
  }
}
