package dev.warder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs in C that the tests need, built by the machine's gcc. A warning is an error.
final class CProgram {
  private static final int SECONDS = 60;

  private CProgram() {}

  /// Builds a static program of one source or of all sources in a folder of the checkout, where everybody may run it.
  static Path build(String source, Path to) throws IOException {
    Tools.need("gcc");
    Path from = Path.of("").toAbsolutePath().getParent().resolve(source);
    var command = new ArrayList<>(List.of("gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", to.toString()));
    if (Files.isDirectory(from)) {
      try (var files = Files.newDirectoryStream(from, "*.c")) {
        files.forEach(file -> command.add(file.toString()));
      }
    } else {
      command.add(from.toString());
    }
    Path log = Files.createTempFile(Program.BASE, "gcc", "");
    try {
      Process gcc = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!gcc.waitFor(SECONDS, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
        gcc.destroyForcibly();
        throw new AssertionError(command + "\n" + Files.readString(log));
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
    return to;
  }
}
