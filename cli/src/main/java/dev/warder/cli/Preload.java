package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Weights;
import dev.warder.policy.Reasons;
import java.util.EnumSet;

/// Reads the parts of the catalog that the resolution of any policy needs on another processor, while this one reads
/// the policy: a new JVM spends about as long on both.
final class Preload extends Thread {
  private Preload() {}

  static void begin() {
    var preload = new Preload();
    preload.setDaemon(true);
    preload.start();
  }

  @Override
  public void run() {
    EnumSet.noneOf(Arch.class);                   // the first set of an enum looks its constants up by reflection
    EnumSet.noneOf(Capability.class);
    for (Arch arch : Machine.here().family()) {
      Catalog.get().table(arch);
    }
    Reasons.of("clone");
    Catalog.get().arguments("clone", Machine.here());
    Weights.usual();
  }
}
