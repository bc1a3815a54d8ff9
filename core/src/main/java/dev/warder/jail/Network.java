package dev.warder.jail;

/// What a jail has for a network.
public sealed interface Network {
  /// A loopback device of its own and nothing else.
  Network NONE = new None();

  /// The caller's.
  Network HOST = new Host();

  record None() implements Network {}

  record Host() implements Network {}

  /// A network namespace that is there already.
  ///
  /// @param path absolute, of a file such as ip-netns(8) makes or `/proc/PID/ns/net` is
  record Existing(String path) implements Network {
    public Existing {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("not an absolute path: " + path);
      }
    }
  }

  /// Whether others have it too, and with it the abstract sockets made there.
  default boolean isShared() {
    return this instanceof Host || this instanceof Existing;
  }
}
