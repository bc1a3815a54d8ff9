package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Architectures as options name them and commands tell them.
final class Architecture {
  private Architecture() {}

  static Arch named(String label) throws CommandException {
    Optional<Arch> arch = Arch.named(label);
    if (arch.isPresent()) {
      return arch.get();
    }
    List<String> labels = List.of(Arch.values()).stream().map(Arch::label).toList();
    List<String> nearest = Suggestions.nearest(label, labels);
    throw new CommandException("there is no architecture '" + label + "'; "
        + (nearest.isEmpty() ? "there are " + String.join(", ", labels) : "did you mean " + nearest.getFirst() + "?"));
  }

  /// The architectures of a list, each once.
  static List<Arch> listed(String list) throws CommandException {
    var architectures = new LinkedHashSet<Arch>();
    for (String label : list.split("[, ]+")) {
      if (!label.isEmpty()) {
        architectures.add(named(label));
      }
    }
    if (architectures.isEmpty()) {
      throw new CommandException("--arch names no architecture; give some, as in --arch x86_64,aarch64");
    }
    return List.copyOf(architectures);
  }

  /// `x86_64, x86, x32`.
  static String list(List<Arch> architectures) {
    var labels = new ArrayList<String>();
    architectures.forEach(arch -> labels.add(arch.label()));
    return String.join(", ", labels);
  }

  /// For listings.
  static Optional<String> callName(Arch arch, int number) {
    return Catalog.get().table(arch).name(number);
  }
}
