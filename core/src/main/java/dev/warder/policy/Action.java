package dev.warder.policy;

import dev.warder.catalog.Errno;
import java.util.Optional;

/// What the kernel does with a system call.
///
/// Source: seccomp(2), man-pages 6.9; `include/uapi/linux/seccomp.h`, Linux 7.3.
public sealed interface Action {
  record Allow() implements Action {}

  /// The call is not made and returns the error.
  record Fail(Errno errno) implements Action {}

  record KillProcess() implements Action {}

  record KillThread() implements Action {}

  /// The thread gets a `SIGSYS` that it can handle.
  record Trap() implements Action {}

  /// The call is made and written to the audit log.
  record Log() implements Action {}

  /// A supervisor decides through the notification fd; `ENOSYS` where there is none.
  record Notify() implements Action {}

  /// A tracer decides; `ENOSYS` where there is none.
  ///
  /// @param message the low 16 bits that the tracer reads
  record Trace(short message) implements Action {}

  Action ALLOW = new Allow();
  Action KILL_PROCESS = new KillProcess();

  static Action fail(Errno errno) {
    return new Fail(errno);
  }

  /// An action as options and policies spell it: `allow`, `log`, `errno` (which is `errno:EPERM`), `errno:NAME`, a bare
  /// error name, `kill`, `kill-thread`, `trap`, `notify`.
  static Optional<Action> named(String text) {
    return switch (text) {
      case "allow" -> Optional.of(ALLOW);
      case "log" -> Optional.of(new Log());
      case "kill" -> Optional.of(KILL_PROCESS);
      case "kill-thread" -> Optional.of(new KillThread());
      case "trap" -> Optional.of(new Trap());
      case "notify" -> Optional.of(new Notify());
      case "errno" -> Optional.of(fail(Errno.EPERM));
      default -> fromErrno(text.startsWith("errno:") ? text.substring(6) : text);
    };
  }

  private static Optional<Action> fromErrno(String name) {
    Optional<Errno> errno = Errno.named(name);
    return errno.isPresent() ? Optional.of(fail(errno.get())) : Optional.empty();
  }

  /// Whether the call is made without asking anyone.
  default boolean letsThrough() {
    return this instanceof Allow || this instanceof Log;
  }

  /// Whether the call is never made, whoever supervises.
  default boolean denies() {
    return !letsThrough() && !(this instanceof Notify) && !(this instanceof Trace);
  }

  /// Whether the kernel prefers this to the other where two filters disagree: kill, kill-thread, trap, errno, notify,
  /// trace, log, allow. Two errors are equally strict.
  ///
  /// Source: seccomp(2), man-pages 6.9.
  default boolean stricterThan(Action other) {
    return rank(this) < rank(other);
  }

  private static int rank(Action action) {
    if (action instanceof Fail) {
      return 3;
    } else if (action instanceof KillProcess) {
      return 0;
    } else if (action instanceof KillThread) {
      return 1;
    } else if (action instanceof Trap) {
      return 2;
    } else if (action instanceof Notify) {
      return 4;
    } else if (action instanceof Trace) {
      return 5;
    }
    return action instanceof Log ? 6 : 7;
  }
}
