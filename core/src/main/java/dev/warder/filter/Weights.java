package dev.warder.filter;

import dev.warder.catalog.Arch;

/// How often a filter is expected to meet a call, which decides whose path through the tree is short.
///
/// A call that is allowed whatever its arguments is answered by the kernel's bitmap: the filter sees it once, when it is
/// installed. So those weigh next to nothing; each denied call weighs the same, and a call whose arguments are checked more if programs make it often.
public interface Weights {
  /// For a call allowed or unassigned, which the filter meets when it is installed.
  int INSTALL = 1;
  /// For a call that is denied.
  int DENIED = 64;

  /// The weight of a call whose arguments are checked.
  int checked(Arch arch, int number);

  /// Every checked call weighs as much as a denied one.
  static Weights uniform() {
    return (_, _) -> DENIED;
  }
}
