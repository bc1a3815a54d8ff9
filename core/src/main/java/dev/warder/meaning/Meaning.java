package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.filter.SeccompH;
import java.util.List;
import java.util.Optional;

/// What a policy or a filter makes of every call there is, as functions that can be compared.
abstract sealed class Meaning permits PolicyMeaning, FilterMeaning {
  final Diagrams diagrams;

  Meaning(Diagrams diagrams) {
    this.diagrams = diagrams;
  }

  /// The answer to the calls of an ABI on a machine of this kind, by number, kept capabilities, arguments and
  /// instruction pointer. Numbers that belong to another ABI of the same audit value are killed.
  final int answers(Arch machine, Arch abi) {
    int killed = killed();
    if (!considers(machine, abi)) {
      return killed;
    }
    int x32 = diagrams.atLeast(Bits.NUMBER, 32, SeccompH.X32_SYSCALL_BIT);
    return switch (abi) {
      case X86_64 -> diagrams.choose(x32, killed, calls(abi));
      case X32 -> diagrams.choose(x32, calls(abi), killed);
      default -> calls(abi);
    };
  }

  /// The answer that ends the program, whatever the call.
  final int killed() {
    return diagrams.value(SeccompH.SECCOMP_RET_KILL_PROCESS);
  }

  /// The answer by an ABI's audit value, whatever the number.
  abstract int calls(Arch abi);

  /// False if all calls of the ABI are killed on a machine of this kind.
  abstract boolean considers(Arch machine, Arch abi);

  /// The answer to calls of architectures that are none of these, by architecture, number and so on.
  abstract int foreign(List<Arch> known);

  /// Why it answers one call as it does, where it can tell.
  abstract Optional<String> reason(Arch abi, Example example);
}
