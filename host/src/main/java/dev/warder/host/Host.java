package dev.warder.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The files by which a host tells what it offers, and who asks.
///
/// @param root of the files, `/` but for tests
public record Host(Path root, int uid, String user) {
  private static final int MAX_BYTES = 1 << 20;

  /// This host and the caller.
  ///
  /// @throws IOException if `/proc` is not mounted
  public static Host here() throws IOException {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return new Host(Path.of("/"), uid, System.getProperty("user.name"));
  }

  boolean isRoot() {
    return uid == 0;
  }

  /// @param path absolute
  Path path(String path) {
    return root.resolve(path.substring(1));
  }

  boolean has(String path) {
    return Files.exists(path(path));
  }

  /// What is in a file; empty where it is missing or cannot be read. No more than 1 MiB of it.
  Optional<String> text(String path) {
    try (var in = Files.newInputStream(path(path))) {
      return Optional.of(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  List<String> lines(String path) {
    return text(path).orElse("").lines().toList();
  }

  /// A setting: a file of one line.
  Optional<String> setting(String path) {
    return text(path).map(String::strip);
  }

  /// The value behind `KEY:` in `/proc/self/status`; empty if there is none.
  String status(String key) {
    for (String line : lines("/proc/self/status")) {
      if (line.startsWith(key + ":")) {
        return line.substring(key.length() + 1).strip();
      }
    }
    return "";
  }
}
