package dev.warder.jail;

import java.util.List;

/// Something a user wants to see, or not to see, at an absolute path of the jail.
public sealed interface Mount {
  /// Absolute path inside the jail, normalised: no `.`, `..`, empty parts or trailing slash.
  String target();

  /// The mounting in a few words that complete "cannot …".
  String what();

  /// A file or folder of the host.
  ///
  /// @param source absolute host path, looked up once, when the jail starts
  record Bind(String source, String target, boolean readOnly) implements Mount {
    public Bind {
      checkAbsolute(source);
      checkTarget(target);
    }

    @Override
    public String what() {
      return "bind " + source + " to " + target;
    }
  }

  /// An empty, writable, private folder in memory.
  ///
  /// @param options tmpfs(5) options as `key=value`, such as `size=64m`
  record Tmpfs(String target, List<String> options) implements Mount {
    public Tmpfs {
      checkTarget(target);
      options = List.copyOf(options);
    }

    @Override
    public String what() {
      return "mount a tmpfs on " + target;
    }
  }

  /// Covers a file or folder with an empty one that nobody may open.
  record Inaccessible(String target) implements Mount {
    public Inaccessible {
      checkTarget(target);
    }

    @Override
    public String what() {
      return "cover " + target;
    }
  }

  private static void checkAbsolute(String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
  }

  private static void checkTarget(String path) {
    checkAbsolute(path);
    if (path.length() == 1 || path.endsWith("/") || path.contains("//") || path.contains("/./") || path.contains("/../")
        || path.endsWith("/.") || path.endsWith("/..")) {
      throw new IllegalArgumentException("not a normalised path below /: " + path);
    }
  }
}
