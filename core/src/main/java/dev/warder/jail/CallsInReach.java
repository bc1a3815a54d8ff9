package dev.warder.jail;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.Reach;
import java.util.List;

/// Calls for which a jail is made differently if its filter lets the program make them.
public final class CallsInReach {
  /// Those of the kernel's keyrings, which no namespace divides: a process finds its session's keys by keyrings(7).
  static final List<String> OF_KEYRINGS = List.of("add_key", "keyctl", "request_key");

  /// Those that change what is mounted; a process under Landlock's rules on files makes none of them.
  ///
  /// Source: the hooks in `security/landlock/fs.c`, Linux 7.3.
  public static final List<String> OF_MOUNTS = List.of("mount", "umount", "umount2", "move_mount", "pivot_root");

  private CallsInReach() {}

  /// Whether the program may make one of them, by any ABI.
  static boolean any(Filter filter, List<String> calls) {
    boolean tellsApart = false;
    for (Arch arch : Arch.values()) {
      if (serves(filter, arch)) {
        tellsApart = true;
        if (any(filter, arch, calls)) {
          return true;
        }
      }
    }
    return !tellsApart;
  }

  private static boolean any(Filter filter, Arch arch, List<String> calls) {
    for (String call : calls) {
      var number = Catalog.get().table(arch).number(call);
      if (number.isPresent() && Reach.mayLetThrough(filter, arch, number.getAsInt())) {
        return true;
      }
    }
    return false;
  }

  /// Whether the filter tells this architecture from others, at least; it saves the tables of those.
  private static boolean serves(Filter filter, Arch arch) {
    for (var insn : filter.insns()) {
      if (insn.k() == arch.auditArch()) {
        return true;
      }
    }
    return false;
  }
}
