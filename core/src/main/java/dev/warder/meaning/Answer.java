package dev.warder.meaning;

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

/// Returned values that the kernel treats alike.
final class Answer {
  /// Source: `include/linux/err.h`, Linux 7.3.
  private static final int MAX_ERRNO = 4095;

  private Answer() {}

  /// The least value that makes the kernel do the same: without the low bits where they say nothing, and
  /// `KILL_PROCESS` for what is no action.
  ///
  /// Source: `__seccomp_filter` in `kernel/seccomp.c`, Linux 7.3.
  static int of(int value) {
    int data = value & SECCOMP_RET_DATA;
    int action = value & SECCOMP_RET_ACTION_FULL;
    return switch (action) {
      case SECCOMP_RET_ERRNO -> action | Math.min(data, MAX_ERRNO);
      case SECCOMP_RET_TRACE, SECCOMP_RET_TRAP -> value;
      case SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_KILL_THREAD -> action;
      default -> SECCOMP_RET_KILL_PROCESS;
    };
  }

  /// Whether the low 16 bits of a value with this action matter.
  static boolean hasData(int action) {
    return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE || action == SECCOMP_RET_TRAP;
  }

  /// Whether the call is made without asking anyone.
  static boolean letsThrough(int value) {
    int action = value & SECCOMP_RET_ACTION_FULL;
    return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
  }

  /// Whether the call is never made, whoever supervises.
  static boolean denies(int value) {
    return !letsThrough(value) && !asks(value);
  }

  private static boolean asks(int value) {
    int action = value & SECCOMP_RET_ACTION_FULL;
    return action == SECCOMP_RET_USER_NOTIF || action == SECCOMP_RET_TRACE;
  }

  /// Whether a value ends the program or the thread.
  static boolean kills(int value) {
    int action = value & SECCOMP_RET_ACTION_FULL;
    return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD;
  }
}
