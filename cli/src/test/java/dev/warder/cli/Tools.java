package dev.warder.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What the tests need of this machine.
final class Tools {
  /// The same search path as in a jail.
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final long PATIENCE_MILLIS = 60_000;

  private Tools() {}

  static boolean found(String program) {
    for (String folder : PATH.split(":")) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  /// Skips the test, and says so, where a program is missing.
  static void need(String... programs) {
    for (String program : programs) {
      skipUnless(found(program), "this machine has no " + program);
    }
  }

  /// Skips the test, and says so, unless the condition holds.
  static void skipUnless(boolean condition, String why) {
    if (!condition) {
      System.out.println("skipped: " + why);
    }
    assumeTrue(condition, why);
  }

  /// Waits until the condition holds.
  static void await(BooleanSupplier condition, Supplier<String> otherwise) {
    long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (!condition.getAsBoolean()) {
      if (System.currentTimeMillis() > deadline) {
        throw new AssertionError(otherwise.get());
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /// A time to sleep, in seconds, that no other process on this machine sleeps, so that it can be found by it.
  static String uniqueSleep() {
    return "60." + System.nanoTime();
  }

  /// The processes, of this machine and of jails on it, that have the word among their arguments.
  static List<Long> processesWith(String word) {
    var found = new ArrayList<Long>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (arguments(process).contains(word)) {
          found.add(Long.parseLong(process.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new AssertionError("no /proc", e);
    }
    return found;
  }

  private static List<String> arguments(Path process) {
    try {
      return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1).split("\0"));
    } catch (IOException e) {
      return List.of();                          // it has ended
    }
  }

  static void awaitStart(String word) {
    await(() -> !processesWith(word).isEmpty(), () -> "nobody sleeps " + word);
  }

  static void awaitNoSurvivor(String word) {
    await(() -> processesWith(word).isEmpty(), () -> "still there: " + processesWith(word));
  }
}
