package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Architectures;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads names of architectures: libseccomp's (`SCMP_ARCH_X86_64`) for what a filter serves, Docker's (`amd64`) for the
/// hosts of a rule.
///
/// Sources: `config-linux.md` of the OCI runtime specification; `seccomp_linux.go` of moby/profiles; libseccomp's
/// `arch.c`.
final class OciArches {
  private static final String PREFIX = "SCMP_ARCH_";
  /// Architectures that others support and the catalog lacks.
  private static final List<String> FOREIGN =
      List.of("s390", "ppc", "parisc", "parisc64", "m68k", "sh", "sheb", "riscv32", "sparc", "sparc64");

  private final Reading reading;

  OciArches(Reading reading) {
    this.reading = reading;
  }

  /// What a filter serves on each host: the host's own ABI and those that the file adds to it.
  Architectures served(Fields fields) {
    if (fields.has("architectures") && fields.has("archMap")) {
      reading.fail(
          "two-arch-lists", fields.get("archMap"), "both architectures and archMap name what is served", "keep one");
    }
    if (!fields.list("archMap").isEmpty()) {
      return fromMap(fields);
    }
    Set<Arch> listed = tokens(fields.texts("architectures"));
    var wanted = new EnumMap<Arch, Set<Arch>>(Arch.class);
    for (Arch host : Arch.values()) {
      wanted.put(host, listed);
    }
    return listed.isEmpty() ? new Architectures.Native() : common(wanted);
  }

  private Architectures fromMap(Fields fields) {
    var wanted = new EnumMap<Arch, Set<Arch>>(Arch.class);
    for (Node.Mapping entry : fields.mappings("archMap")) {
      var inner = new Fields(reading, entry, List.of("architecture", "subArchitectures"));
      Set<Arch> added = tokens(inner.texts("subArchitectures"));
      for (Arch host : tokens(inner.texts("architecture"))) {
        wanted.put(host, added);
      }
    }
    return common(wanted);
  }

  /// One list for every host. It leaves out what some host would get from it without having it in the file.
  private static Architectures common(Map<Arch, Set<Arch>> wanted) {
    var list = new ArrayList<Arch>();
    for (Arch arch : Arch.values()) {
      boolean all = true;
      for (Arch host : Arch.values()) {
        boolean served = arch == host || wanted.getOrDefault(host, Set.of()).contains(arch);
        all &= served || !host.family().contains(arch);
      }
      if (all) {
        list.add(arch);
      }
    }
    return new Architectures.Listed(list);
  }

  private Set<Arch> tokens(List<Node.Scalar> tokens) {
    Set<Arch> arches = EnumSet.noneOf(Arch.class);
    for (Node.Scalar token : tokens) {
      boolean prefixed = token.text().startsWith(PREFIX);
      String label = prefixed ? token.text().substring(PREFIX.length()).toLowerCase(Locale.ROOT) : "";
      if (label.equals("native")) {
        continue;                                 // served anyway
      }
      Arch arch = Arch.named(label).orElse(null);
      if (arch != null) {
        arches.add(arch);
      } else if (FOREIGN.contains(label)) {
        reading.stricter("lost-architecture", token, "calls by " + label + " are killed: Warder has no numbers for them");
      } else {
        reading.fail(
            "unknown-architecture", token, "no architecture named '" + token.text() + "'",
            "write it as SCMP_ARCH_X86_64");
      }
    }
    return arches;
  }

  /// libseccomp's name of an ABI.
  static String token(Arch arch) {
    return PREFIX.concat(arch.label().toUpperCase(Locale.ROOT));
  }

  /// Docker's name of a host.
  static String hostName(Arch arch) {
    return switch (arch) {
      case X86_64 -> "amd64";
      case X86 -> "386";
      case AARCH64 -> "arm64";
      case LOONGARCH64 -> "loong64";
      case MIPSEL64 -> "mips64le";
      case MIPSEL -> "mipsle";
      default -> arch.label();
    };
  }

  /// Whether some host is a kernel for this architecture; x32 and n32 are always guests.
  static boolean isHost(Arch arch) {
    return switch (arch) {
      case X32, MIPS64N32, MIPSEL64N32 -> false;
      default -> true;
    };
  }

  /// The hosts whose kernels serve an ABI.
  static Set<Arch> hostsOf(Arch abi) {
    return Hosts.BY_ABI.get(abi.ordinal());
  }

  private static final class Hosts {
    static final List<Set<Arch>> BY_ABI = new ArrayList<>();

    static {
      for (Arch _ : Arch.values()) {
        BY_ABI.add(EnumSet.noneOf(Arch.class));
      }
      for (Arch host : Arch.values()) {
        for (Arch abi : isHost(host) ? host.family() : List.<Arch>of()) {
          BY_ABI.get(abi.ordinal()).add(host);
        }
      }
    }
  }

  /// A host by Docker's name for it, or empty for a name that nobody has. Those that the catalog lacks have no ABI.
  static Optional<Set<Arch>> host(String name) {
    Arch arch = switch (name) {
      case "amd64" -> Arch.X86_64;
      case "386" -> Arch.X86;
      case "arm64" -> Arch.AARCH64;
      case "loong64" -> Arch.LOONGARCH64;
      case "mips64le" -> Arch.MIPSEL64;
      case "mipsle" -> Arch.MIPSEL;
      default -> Arch.named(name).orElse(null);
    };
    if (arch != null) {
      return Optional.of(EnumSet.of(arch));
    }
    return FOREIGN.contains(name) ? Optional.of(EnumSet.noneOf(Arch.class)) : Optional.empty();
  }
}
