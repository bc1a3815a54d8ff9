package dev.warder.format.systemd;

import dev.warder.catalog.Errno;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import java.util.Optional;

/// What a refused call gets, as systemd writes it: `EPERM`, `1`, `kill`.
final class Actions {
  static final String KILL = "kill";
  /// `ERRNO_MAX`, beyond which systemd takes no error.
  private static final int MAX_ERRNO = 4095;

  private Actions() {}

  /// The action, or null after noting that there is none.
  static Action read(Reading reading, String text, Position at) {
    if (text.equals(KILL)) {
      return Action.KILL_PROCESS;
    }
    Optional<Errno> named = Errno.named(text);
    if (named.isPresent()) {
      return Action.fail(named.get());
    }
    int number = number(text);
    if (number < 0) {
      return reading.fail(
          "unknown-errno", at, "no error named '" + text + "'", "write it as EPERM, as its number, or kill");
    }
    Optional<Errno> errno = Errno.of(number);
    if (errno.isEmpty()) {
      String what = number == 0 ? "the call fails with EPERM instead of seeming to succeed"
          : "no error has the number " + number + "; the call fails with EPERM";
      reading.lose("lost-errno", at, what, false);
    }
    return Action.fail(errno.orElse(Errno.EPERM));
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number <= MAX_ERRNO && Character.isDigit(text.charAt(0)) ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
