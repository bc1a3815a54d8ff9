package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.format.PolicyFiles;
import dev.warder.policy.Reasons;
import java.nio.charset.StandardCharsets;

/// Readies the JSON parser on another processor while this one reads the catalog: a new JVM spends about as long on
/// both. Most of the parser's time are powers of five that JDK 25 computes when its `BigDecimal` is first touched.
final class Preload extends Thread {
  private Preload() {}

  static void forFile(String path) {
    if (path.endsWith(".json")) {
      var preload = new Preload();
      preload.setDaemon(true);
      preload.start();
      readCatalog();
    }
  }

  /// The parts that the resolution of any policy needs.
  private static void readCatalog() {
    for (Arch arch : Machine.here().family()) {
      Catalog.get().table(arch);
    }
    Catalog.get().arguments("clone", Machine.here());
    Reasons.of("clone");
  }

  @Override
  public void run() {
    PolicyFiles.read("", "{}".getBytes(StandardCharsets.UTF_8));
  }
}
