package dev.warder.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/// A copy of what the build staged, where every user of this machine can read it, and room for the tests' own folders.
///
/// The copy is needed where the checkout lies in a folder closed to others. It stands in `/var/tmp`, since a jail has
/// its own `/tmp`; it is removed when the JVM ends.
final class Program {
  /// A folder that all may enter, for this run of the tests alone.
  static final Path BASE = make();

  /// The front script.
  static final Path WARDER = BASE.resolve("program/warder");

  private Program() {}

  private static Path make() {
    try {
      Path base = Files.createTempDirectory(Path.of("/var/tmp"), "warder-it");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(base)));
      Path checkout = Path.of("").toAbsolutePath().getParent();
      copy(checkout.resolve("warder"), base.resolve("program/warder"), "rwxr-xr-x");
      Path stage = checkout.resolve("cli/target/warder");
      try (var files = Files.walk(stage)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          copy(file, base.resolve("program/cli/target/warder").resolve(stage.relativize(file)), "rw-r--r--");
        }
      }
      try (var folders = Files.walk(base)) {
        for (Path folder : folders.filter(Files::isDirectory).toList()) {
          Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
      return base;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to, String permissions) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(permissions));
  }

  private static void remove(Path folder) {
    try {
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
          Files.delete(visited);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      System.err.println("not removed: " + e);
    }
  }

  /// A new folder in which everyone may write.
  static Path folder(String name) throws IOException {
    return openToAll(Files.createTempDirectory(BASE, name));
  }

  /// Lets everyone do everything with it.
  static Path openToAll(Path path) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /// A new folder that looks the same to everyone: readable by all, writable by its owner.
  static Path readableFolder(String name) throws IOException {
    Path folder = Files.createTempDirectory(BASE, name);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }

  /// Writes a file that everyone may read and execute.
  static Path executable(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
