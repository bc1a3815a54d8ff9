package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Resolves a policy for all architectures but the first on another processor, for a new JVM takes as long on each.
final class Resolving extends Thread {
  private final Policy policy;
  private final Set<Capability> kept;
  private final List<Arch> architectures;
  private final List<Resolution> done = new ArrayList<>();

  private Resolving(Policy policy, Set<Capability> kept, List<Arch> architectures) {
    this.policy = policy;
    this.kept = kept;
    this.architectures = architectures;
  }

  /// One resolution for each architecture, in their order.
  static List<Resolution> of(Policy policy, Set<Capability> kept, List<Arch> architectures) {
    var resolutions = new ArrayList<Resolution>();
    if (architectures.size() == 1) {
      resolutions.add(policy.resolve(architectures.getFirst(), kept));
      return resolutions;
    }
    var others = new Resolving(policy, kept, architectures.subList(1, architectures.size()));
    others.setDaemon(true);
    others.start();
    resolutions.add(policy.resolve(architectures.getFirst(), kept));
    others.finish();
    resolutions.addAll(others.done);
    return resolutions;
  }

  @Override
  public void run() {
    for (Arch arch : architectures) {
      done.add(policy.resolve(arch, kept));
    }
  }

  private void finish() {
    try {
      join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (done.size() < architectures.size()) {
      throw new IllegalStateException("an architecture could not be resolved");
    }
  }
}
