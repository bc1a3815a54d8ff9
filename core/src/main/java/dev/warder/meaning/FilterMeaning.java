package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.SeccompH;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// What a program answers; it knows nothing of capabilities.
final class FilterMeaning extends Meaning {
  private final boolean bigEndian;
  private final int root;
  private final BitSet reached;

  FilterMeaning(Diagrams diagrams, Filter filter) {
    super(diagrams);
    this.bigEndian = filter.bigEndian();
    Execution.Outcome outcome = Execution.run(diagrams, filter);
    this.root = outcome.answers();
    this.reached = outcome.reached();
  }

  /// The instructions that some call comes to.
  BitSet reached() {
    return (BitSet) reached.clone();
  }

  @Override
  int calls(Arch abi) {
    return diagrams.fix(root, Bits.ARCHITECTURE, 32, Integer.toUnsignedLong(abi.auditArch()));
  }

  @Override
  boolean serves(Arch machine, Arch abi) {
    return abi.bigEndian() == bigEndian && !killsAll(abi);
  }

  private boolean killsAll(Arch abi) {
    int x32 = diagrams.atLeast(Bits.NUMBER, 32, SeccompH.X32_SYSCALL_BIT);
    int kill = diagrams.value(SeccompH.SECCOMP_RET_KILL_PROCESS);
    int own = abi == Arch.X86_64 ? diagrams.not(x32) : abi == Arch.X32 ? x32 : Diagrams.TRUE;
    return diagrams.choose(own, calls(abi), kill) == kill;
  }

  /// Whether the answer hangs on the architecture at all.
  boolean tellsArchitectures() {
    return diagrams.top(root) < Bits.NUMBER;
  }

  /// Whether numbers of x32 are told from those of x86_64: they get one answer, or others than the same number below.
  boolean tellsX32() {
    int x86 = calls(Arch.X86_64);
    int clear = diagrams.fixBit(x86, Bits.NUMBER + 1, false);
    int set = diagrams.fixBit(x86, Bits.NUMBER + 1, true);
    return clear != set || diagrams.leaf(x86);
  }

  int root() {
    return root;
  }

  @Override
  int foreign(List<Arch> known) {
    int result = root;
    int kill = diagrams.value(SeccompH.SECCOMP_RET_KILL_PROCESS);
    for (Arch arch : known) {
      result = diagrams.choose(diagrams.equal(Bits.ARCHITECTURE, 32, 0xFFFFFFFFL, Integer.toUnsignedLong(arch.auditArch())), kill, result);
    }
    return result;
  }

  @Override
  Optional<String> reason(Arch abi, Example example) {
    return Optional.empty();
  }
}
