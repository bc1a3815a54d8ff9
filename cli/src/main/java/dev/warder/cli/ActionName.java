package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.ReturnValue;
import dev.warder.policy.Action;

/// The words by which commands tell actions.
final class ActionName {
  private static final int DATA_BITS = 16;

  private ActionName() {}

  /// `ALLOW`, `ERRNO EPERM`, `KILL` and the like.
  static String of(Action action) {
    return switch (action) {
      case Action.Allow _ -> "ALLOW";
      case Action.Fail fail -> "ERRNO " + fail.errno();
      case Action.KillProcess _ -> "KILL";
      case Action.KillThread _ -> "KILL_THREAD";
      case Action.Trap _ -> "TRAP";
      case Action.Log _ -> "LOG";
      case Action.Notify _ -> "NOTIFY";
      case Action.Trace trace -> trace.message() == 0 ? "TRACE" : "TRACE " + Short.toUnsignedInt(trace.message());
    };
  }

  /// Less is stricter: the order in which the kernel prefers the answers of several filters, which is that of the
  /// values as signed numbers.
  static int strictness(Action action) {
    return ReturnValue.of(action, Arch.X86_64) >> DATA_BITS;
  }
}
