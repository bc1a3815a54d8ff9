package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Suggestions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks up what people write: calls, arguments, constants.
final class Names {
  private Names() {}

  /// Whether any architecture has this constant.
  static boolean isConstant(String name) {
    for (Arch arch : Arch.values()) {
      if (Catalog.get().constant(name, arch).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /// Whether the call has this argument on any architecture.
  static boolean isArgument(String syscall, String name) {
    if (slot(name) >= 0) {
      return true;
    }
    for (Arch arch : Arch.values()) {
      if (argument(syscall, name, arch).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /// How many arguments the call has, on the architecture where it has most; 0 where that is not known.
  static int arguments(String syscall) {
    int most = 0;
    for (Arch arch : Arch.values()) {
      for (Argument argument : Catalog.get().arguments(syscall, arch)) {
        most = Math.max(most, argument.index() + 1);
      }
    }
    return most;
  }

  /// What to write instead of an argument that the call lacks.
  static String argumentHint(String syscall, String wrong) {
    var names = new ArrayList<String>();
    for (Arch arch : Arch.values()) {
      for (Argument argument : Catalog.get().arguments(syscall, arch)) {
        names.add(Catalog.get().manualName(syscall, argument.name()));
      }
      if (!names.isEmpty()) {
        List<String> near = Suggestions.nearest(wrong, names);
        return near.isEmpty() ? syscall + " has " + String.join(", ", names) : "did you mean '" + near.getFirst() + "'?";
      }
    }
    return "write arg0 to arg5";
  }

  /// The slot that `arg0` to `arg5` name, else -1.
  static int slot(String name) {
    boolean slot = name.length() == 4 && name.startsWith("arg") && name.charAt(3) >= '0' && name.charAt(3) <= '5';
    return slot ? name.charAt(3) - '0' : -1;
  }

  /// An argument by the kernel's name, by the manual's or by its slot.
  static Optional<Argument> argument(String syscall, String name, Arch arch) {
    Arch table = argumentTable(syscall, arch);
    int slot = slot(name);
    if (slot < 0) {
      return Catalog.get().argument(syscall, name, table);
    }
    for (Argument argument : Catalog.get().arguments(syscall, table)) {
      if (argument.index() == slot) {
        return Optional.of(argument);
      }
    }
    return Optional.empty();
  }

  /// The argument lists leave out 32-bit MIPS, whose 64-bit values take aligned pairs of slots. A call without such
  /// values has one slot for each argument there, as on arm or x86.
  private static Arch argumentTable(String syscall, Arch arch) {
    if (arch != Arch.MIPS && arch != Arch.MIPSEL) {
      return arch;
    }
    Arch like = Catalog.get().arguments(syscall, Arch.ARM).isEmpty() ? Arch.X86 : Arch.ARM;
    for (Argument argument : Catalog.get().arguments(syscall, like)) {
      if (argument.kind() == Argument.Kind.PAD || argument.name().endsWith("_hi")) {
        return arch;
      }
    }
    return like;
  }

  /// The bits of the argument register that count.
  static long mask(Argument argument) {
    return argument.width() == Long.SIZE ? -1L : (1L << argument.width()) - 1;
  }

  /// Whether any kernel has a call of this name, be it on architectures that the catalog has no numbers for.
  static boolean isSyscall(String name) {
    Catalog catalog = Catalog.get();
    return catalog.table(Arch.X86_64).number(name).isPresent() // most names; the rest costs more
        || catalog.syscall(name).isPresent()
        || catalog.foreign().contains(name);
  }

  /// How a wrong name is put right.
  static String didYouMean(String wrong) {
    List<String> suggestions = Catalog.get().suggestions(wrong);
    if (suggestions.isEmpty() && wrong.startsWith("@")) {
      return "there are " + String.join(", ", Catalog.get().sets().keySet());
    }
    if (suggestions.isEmpty()) {
      return "see `warder explain` for the calls and sets there are";
    }
    StringBuilder out = new StringBuilder("did you mean ");
    for (int i = 0; i < suggestions.size(); i++) {
      out.append(i == 0 ? "'" : " or '").append(suggestions.get(i)).append('\'');
    }
    return out.append('?').toString();
  }
}
