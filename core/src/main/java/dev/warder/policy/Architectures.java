package dev.warder.policy;

import dev.warder.catalog.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Which ABIs a policy serves; a call from any other is killed.
public sealed interface Architectures {
  /// The target and the older ABIs that its kernel also serves, so that 32-bit programs run.
  record Family() implements Architectures {}

  /// The target alone.
  record Native() implements Architectures {}

  /// Those of the target's family that are listed.
  record Listed(List<Arch> list) implements Architectures {
    public Listed {
      list = List.copyOf(list);
    }
  }

  /// Those listed, and the target whether it is listed or not.
  static Architectures nativeAnd(Set<Arch> listed) {
    var list = new ArrayList<Arch>();
    for (Arch arch : Arch.values()) {
      boolean everywhere = true;
      for (Arch target : Arch.values()) {
        everywhere &= arch == target || listed.contains(arch) || !target.family().contains(arch);
      }
      if (everywhere) {
        list.add(arch);
      }
    }
    return new Listed(list);
  }

  /// The ABIs for one target, the target first where it is among them.
  default List<Arch> of(Arch target) {
    if (this instanceof Native) {
      return List.of(target);
    }
    if (!(this instanceof Listed listed)) {
      return target.family();
    }
    var served = new ArrayList<Arch>();
    for (Arch arch : target.family()) {
      if (listed.list().contains(arch)) {
        served.add(arch);
      }
    }
    return List.copyOf(served);
  }
}
