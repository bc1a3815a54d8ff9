package dev.warder.filter;

import static dev.warder.filter.SeccompH.SECCOMP_RET_ACTION_FULL;
import static dev.warder.filter.SeccompH.SECCOMP_RET_ALLOW;
import static dev.warder.filter.SeccompH.SECCOMP_RET_DATA;
import static dev.warder.filter.SeccompH.SECCOMP_RET_ERRNO;
import static dev.warder.filter.SeccompH.SECCOMP_RET_KILL_PROCESS;
import static dev.warder.filter.SeccompH.SECCOMP_RET_KILL_THREAD;
import static dev.warder.filter.SeccompH.SECCOMP_RET_LOG;
import static dev.warder.filter.SeccompH.SECCOMP_RET_TRACE;
import static dev.warder.filter.SeccompH.SECCOMP_RET_TRAP;
import static dev.warder.filter.SeccompH.SECCOMP_RET_USER_NOTIF;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import java.util.Optional;

/// The 32 bits that a filter returns: an [Action] above, its data below.
public final class ReturnValue {
  private ReturnValue() {}

  /// What a filter returns for the action to a program of this architecture.
  ///
  /// No pattern switch: its first use costs a fresh JVM 6 ms, and every compilation comes through here. A test goes
  /// through the permitted actions instead.
  public static int of(Action action, Arch arch) {
    if (action instanceof Action.Allow) {
      return SECCOMP_RET_ALLOW;
    } else if (action instanceof Action.Fail(Errno errno)) {
      return SECCOMP_RET_ERRNO | errno.number(arch);
    } else if (action instanceof Action.KillProcess) {
      return SECCOMP_RET_KILL_PROCESS;
    } else if (action instanceof Action.KillThread) {
      return SECCOMP_RET_KILL_THREAD;
    } else if (action instanceof Action.Trap) {
      return SECCOMP_RET_TRAP;
    } else if (action instanceof Action.Log) {
      return SECCOMP_RET_LOG;
    } else if (action instanceof Action.Notify) {
      return SECCOMP_RET_USER_NOTIF;
    }
    return SECCOMP_RET_TRACE | Short.toUnsignedInt(((Action.Trace) action).message());
  }

  /// The action that the kernel takes for a returned value; empty for an error number without a name.
  ///
  /// A value that is no known action kills the process, as in the kernel.
  public static Optional<Action> action(int value, Arch arch) {
    int data = value & SECCOMP_RET_DATA;
    return switch (value & SECCOMP_RET_ACTION_FULL) {
      case SECCOMP_RET_ALLOW -> Optional.of(Action.ALLOW);
      case SECCOMP_RET_ERRNO -> errno(data, arch).map(Action::fail);
      case SECCOMP_RET_KILL_THREAD -> Optional.of(new Action.KillThread());
      case SECCOMP_RET_TRAP -> Optional.of(new Action.Trap());
      case SECCOMP_RET_LOG -> Optional.of(new Action.Log());
      case SECCOMP_RET_USER_NOTIF -> Optional.of(new Action.Notify());
      case SECCOMP_RET_TRACE -> Optional.of(new Action.Trace((short) data));
      default -> Optional.of(Action.KILL_PROCESS);
    };
  }

  private static Optional<Errno> errno(int number, Arch arch) {
    for (Errno errno : Errno.values()) {
      if (errno.number(arch) == number) {
        return Optional.of(errno);
      }
    }
    return Optional.empty();
  }

  /// The value as a listing shows it: `ALLOW`, `ERRNO(1)`, `TRACE(7)`.
  static String render(int value) {
    int data = value & SECCOMP_RET_DATA;
    String name = switch (value & SECCOMP_RET_ACTION_FULL) {
      case SECCOMP_RET_ALLOW -> "ALLOW";
      case SECCOMP_RET_ERRNO -> "ERRNO";
      case SECCOMP_RET_KILL_PROCESS -> "KILL";
      case SECCOMP_RET_KILL_THREAD -> "KILL_THREAD";
      case SECCOMP_RET_TRAP -> "TRAP";
      case SECCOMP_RET_LOG -> "LOG";
      case SECCOMP_RET_USER_NOTIF -> "NOTIFY";
      case SECCOMP_RET_TRACE -> "TRACE";
      default -> "unknown action, KILL";
    };
    return data == 0 ? name : name + "(" + data + ")";
  }
}
