package dev.warder.jail;

/// Whether Landlock is a second wall around the jail's files and, where it shares the caller's network, keeps it from the
/// abstract sockets there.
public enum Landlock {
  /// Where the kernel can and the program cannot mount. A kernel that cannot keep it from sockets is told of on stderr.
  AUTO,
  /// A kernel that cannot makes no jail, and a program that might mount cannot.
  REQUIRE,
  OFF
}
