package dev.warder.format.systemd;

import dev.warder.catalog.Arch;
import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Architectures;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What the assignments of `SystemCallArchitectures=` come to.
///
/// Source: systemd.unit(5), `ConditionArchitecture=`; `seccomp_restrict_archs` in `src/shared/seccomp-util.c`,
/// systemd 252.
final class SystemdArches {
  static final String NATIVE = "native";
  /// Architectures that systemd can name and the catalog lacks.
  private static final List<String> FOREIGN = List.of("s390", "ppc", "ppc-le", "parisc", "parisc64", "riscv32", "m68k",
      "sh", "sh64", "sparc", "sparc64", "alpha", "arc", "arc-be", "arm-be", "arm64-be", "ia64", "tilegx", "cris",
      "nios2");

  private final Reading reading;
  private final Set<Arch> listed = EnumSet.noneOf(Arch.class);
  private boolean given;

  SystemdArches(Reading reading) {
    this.reading = reading;
  }

  void add(Setting setting) {
    if (setting.resets()) {
      listed.clear();
      given = false;
      return;
    }
    for (Word word : setting.words()) {
      Arch arch = named(word.text());
      given = true;
      if (arch != null) {
        listed.add(arch);
      } else if (FOREIGN.contains(word.text())) {
        String what = "calls by " + word.text() + " are killed: Warder has no numbers for them";
        reading.lose("lost-architecture", word.at(), what, true);
      } else if (!word.text().equals(NATIVE) && !reading.hopeless()) {
        reading.fail("unknown-architecture", word.at(), "no architecture named '" + word.text() + "'",
            "write native, or some of " + String.join(", ", names()));
      }
    }
  }

  private static List<String> names() {
    var names = new ArrayList<String>();
    for (Arch arch : Arch.values()) {
      names.add(name(arch));
    }
    return names;
  }

  private static Arch named(String name) {
    for (Arch arch : Arch.values()) {
      if (name(arch).equals(name)) {
        return arch;
      }
    }
    return null;
  }

  /// An architecture as systemd names it.
  static String name(Arch arch) {
    return switch (arch) {
      case X86_64 -> "x86-64";
      case AARCH64 -> "arm64";
      case PPC64LE -> "ppc64-le";
      case MIPSEL64 -> "mips64-le";
      case MIPS64N32 -> "mips64-n32";
      case MIPSEL64N32 -> "mips64-le-n32";
      case MIPSEL -> "mips-le";
      default -> arch.label();
    };
  }

  boolean given() {
    return given;
  }

  /// x32 programs need the calls of x86_64 too, since their vDSO makes these.
  Architectures served() {
    if (!given) {
      return new Architectures.Family();
    }
    if (listed.contains(Arch.X32)) {
      listed.add(Arch.X86_64);
    }
    return listed.isEmpty() ? new Architectures.Native() : Architectures.nativeAnd(listed);
  }
}
