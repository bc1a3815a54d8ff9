package dev.warder.catalog;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The numbers that a C header of this machine defines: an outside witness of the catalog.
final class Header {
  private static final Pattern NUMBER =
      Pattern.compile("#define\\s+(\\w+)\\s+(\\d+|\\(__X32_SYSCALL_BIT \\+ (\\d+)\\))(\\s.*)?");

  private Header() {}

  /// The defines with a plain number; those of x32 get their bit. Skips the test, and says so, without the header.
  static Map<String, Integer> numbers(String path) throws IOException {
    Path file = Path.of("/usr/include").resolve(path);
    if (!Files.exists(file)) {
      System.out.println("skipped: this machine has no " + file);
    }
    assumeTrue(Files.exists(file), () -> "no " + file);
    var numbers = new HashMap<String, Integer>();
    for (String line : Files.readAllLines(file)) {
      Matcher define = NUMBER.matcher(line);
      if (define.matches()) {
        numbers.put(define.group(1), define.group(3) == null
            ? Integer.parseInt(define.group(2))
            : 0x40000000 + Integer.parseInt(define.group(3)));
      }
    }
    return numbers;
  }
}
