package dev.warder.policy;

import dev.warder.catalog.Errno;

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
}
