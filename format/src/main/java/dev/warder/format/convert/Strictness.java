package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.filter.ReturnValue;
import dev.warder.policy.Action;

/// How much actions let through.
public final class Strictness {
  private Strictness() {}

  /// Below zero if `a` is the stricter, by the kernel's own order of precedence. Errors differ in their number only.
  ///
  /// Source: seccomp(2), man-pages 6.9.
  public static int compare(Action a, Action b) {
    int first = ReturnValue.of(a, Arch.X86_64);
    int second = ReturnValue.of(b, Arch.X86_64);
    return Integer.compare(first, second);
  }

  /// Whether something is let through by `written` that `wanted` denies, or goes unseen by whom `wanted` would ask or
  /// tell. All ways to deny count alike.
  public static boolean wider(Action written, Action wanted) {
    return !written.denies() && compare(written, wanted) > 0;
  }

  /// Whether something is denied by `written` that `wanted` lets through, or asks about.
  public static boolean stricter(Action written, Action wanted) {
    return !wanted.denies() && compare(written, wanted) < 0;
  }
}
