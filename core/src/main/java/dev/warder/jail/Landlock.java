package dev.warder.jail;

/// Whether a jail that shares the caller's network is to be cut off its abstract sockets by Landlock.
public enum Landlock {
  /// Where the kernel can; else stderr says that it cannot.
  AUTO,
  /// A kernel that cannot makes no jail.
  REQUIRE,
  OFF
}
