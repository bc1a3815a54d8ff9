package dev.warder.cli;

import dev.warder.catalog.Arch;

/// The kinds of machine that filters are made for.
final class Machine {
  private Machine() {}

  /// The architecture that Warder runs on.
  static Arch here() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64" -> Arch.X86_64;
      case "i386" -> Arch.X86;
      case "mips64el" -> Arch.MIPSEL64;
      default -> Arch.named(name).orElse(Arch.X86_64);
    };
  }

  /// A machine whose kernel serves this ABI: this one if it does.
  static Arch serving(Arch abi) {
    if (here().family().contains(abi)) {
      return here();
    }
    for (Arch machine : Arch.values()) {
      if (machine.family().contains(abi)) {
        return machine;
      }
    }
    throw new AssertionError("every ABI is in its own family");
  }
}
