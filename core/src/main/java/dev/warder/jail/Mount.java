package dev.warder.jail;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Something a user wants to see, or not to see, at an absolute path of the jail.
public sealed interface Mount {
  /// Absolute path inside the jail, normalised: no `.`, `..`, empty parts or trailing slash.
  String target();

  /// The mounting in a few words that complete "cannot …".
  String what();

  /// A file or folder of the host.
  ///
  /// @param source absolute host path, looked up once, when the jail starts
  /// @param noExec whether no program of it can be run
  /// @param recursive whether with the file systems mounted below it
  /// @param idMapped whether its owner and group on the host are the program's in the jail, and nobody else's files are
  record Bind(String source, String target, boolean readOnly, boolean noExec, boolean recursive, boolean idMapped)
      implements Mount {
    public Bind {
      checkAbsolute(source);
      checkTarget(target);
    }

    /// With all below it, programs and ids as they are.
    public Bind(String source, String target, boolean readOnly) {
      this(source, target, readOnly, false, true, false);
    }

    @Override
    public String what() {
      return "bind " + source + " to " + target;
    }
  }

  /// Folders of the host shown as one: what lies in a higher layer covers what lies below.
  ///
  /// @param lower absolute host paths, from the lowest to the highest; never written
  record Overlay(List<String> lower, Changes changes, String target) implements Mount {
    /// fsconfig(2) takes 255 bytes, and a layer needs up to 20 of them.
    public static final int MAX_LOWER = 12;

    public Overlay {
      lower = List.copyOf(lower);
      for (String folder : lower) {
        checkAbsolute(folder);
      }
      checkTarget(target);
      if (lower.isEmpty() || lower.size() > MAX_LOWER) {
        throw new IllegalArgumentException("an overlay has 1 to " + MAX_LOWER + " lower folders, got " + lower.size());
      }
    }

    @Override
    public String what() {
      return "overlay " + target;
    }
  }

  /// Where the changes to an [Overlay] go.
  sealed interface Changes {
    /// None can be made.
    record None() implements Changes {}

    /// Into memory; they are gone with the jail.
    record InMemory() implements Changes {}

    /// Into a folder of the host. A folder that the kernel works in is made beside it, `.NAME.warder-work`.
    ///
    /// @param folder absolute host path, not a link
    record Into(String folder) implements Changes {
      public Into {
        checkAbsolute(folder);
      }
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

  /// A read-only file in memory.
  sealed interface MemoryFile extends Mount {
    /// Permission bits.
    int mode();

    @Override
    default String what() {
      return "make the file " + target();
    }
  }

  /// A file with what the caller hands over at start.
  ///
  /// @param descriptor number of a file that the caller has open for reading; 0, or 3 and above
  /// @param mode permission bits
  record Data(int descriptor, String target, int mode) implements MemoryFile {
    /// Bound on the content.
    public static final int MAX_BYTES = 16 << 20;

    public Data {
      checkTarget(target);
      if (descriptor < 0 || descriptor == 1 || descriptor == 2) {
        throw new IllegalArgumentException("not a file descriptor to read from: " + descriptor);
      }
    }
  }

  /// A file whose content stands in the image.
  ///
  /// @param bytes up to [#MAX_BYTES]
  /// @param mode permission bits
  record Content(String target, byte[] bytes, int mode) implements MemoryFile {
    /// Bound on the content.
    public static final int MAX_BYTES = 64 << 10;

    public Content {
      checkTarget(target);
      bytes = bytes.clone();
      if (bytes.length > MAX_BYTES) {
        throw new IllegalArgumentException("a file of an image has up to " + MAX_BYTES + " bytes, got " + bytes.length);
      }
      if (mode < 0 || mode > 0777) {
        throw new IllegalArgumentException("not permission bits: " + Integer.toOctalString(mode));
      }
    }

    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    /// The content as a text; empty if it is none: no UTF-8, or with control characters besides tabs and line breaks.
    public Optional<String> text() {
      String text = new String(bytes, StandardCharsets.UTF_8);
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r') {
          return Optional.empty();
        }
      }
      return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? Optional.of(text) : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Content file && target.equals(file.target) && mode == file.mode
          && Arrays.equals(bytes, file.bytes);
    }

    @Override
    public int hashCode() {
      return target.hashCode();
    }

    @Override
    public String toString() {
      return "Content[" + target + ", " + bytes.length + " bytes, mode " + Integer.toOctalString(mode) + "]";
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
