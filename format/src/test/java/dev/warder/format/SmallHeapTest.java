package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The worst files are refused in a JVM that has little memory.
class SmallHeapTest {
  private static final int MOST = 1 << 18;

  @TempDir
  private Path folder;

  /// Reads each file that is named.
  static final class Reader {
    private Reader() {}

    public static void main(String[] files) throws IOException {
      for (String file : files) {
        try (InputStream in = java.nio.file.Files.newInputStream(Path.of(file))) {
          System.out.println(PolicyFiles.read(file, in).problems().getFirst().code());
        }
      }
    }
  }

  private String file(String name, String text) throws IOException {
    return java.nio.file.Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void hugeAndCrookedFilesFit() throws IOException, InterruptedException {
    Path huge = folder.resolve("huge");
    try (var out = new RandomAccessFile(huge.toFile(), "rw")) {
      out.setLength(100L << 20);
    }
    var command = new ArrayList<String>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m", "-XX:+UseSerialGC", "-cp",
        System.getProperty("java.class.path"), Reader.class.getName(), huge.toString(),
        file("deep.yaml", "allow: " + "[".repeat(MOST / 2)), file("deep.json", "{\"a\":".repeat(MOST / 5)),
        file("wide.json", "{\"allow\":[" + "1,".repeat(MOST / 2 - 8)),
        file("laughs.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nallow: [*c,*c]"),
        file("words.service", "[Service]\nSystemCallFilter=~" + "x ".repeat(MOST / 2 - 20)),
        file("sets.service", "[Service]\nSystemCallFilter=" + "@known ".repeat(MOST / 7 - 8)),
        file("tests.policy", "read: 1\nsocket: arg0 == 1" + " || arg0 == 1".repeat(MOST / 13 - 9))));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said.lines()).as(said).containsExactly("file-too-large", "too-deep", "too-deep", "too-many-values",
        "yaml-anchor", "unknown-syscall", "too-many-values", "too-many-tests");
  }
}
