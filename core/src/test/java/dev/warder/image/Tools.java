package dev.warder.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Outside witnesses: the binary tools and the processor of this machine.
final class Tools {
  private static final int SECONDS = 20;

  private Tools() {}

  /// What became of a program.
  record Result(int status, byte[] out) {}

  /// Runs a program that prints at most a few KB, or skips the test, and says so, where it is missing.
  static Result run(Path folder, String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    } catch (IOException e) {
      return skip("this machine cannot run " + command[0]);
    }
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + List.of(command));
    }
    return new Result(process.exitValue(), Files.readAllBytes(out));
  }

  /// Runs an emitted program.
  static Result execute(Path folder, byte[] elf) throws IOException, InterruptedException {
    if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
      return skip("no Linux on x86-64");
    }
    Path program = Files.write(folder.resolve("program"), elf);
    assertExecutable(program);
    return run(folder, program.toString());
  }

  private static void assertExecutable(Path program) {
    if (!program.toFile().setExecutable(true)) {
      throw new AssertionError("not made executable: " + program);
    }
  }

  private static Result skip(String why) {
    System.out.println("skipped: " + why);
    assumeTrue(false, why);
    throw new AssertionError("skipped");
  }
}
