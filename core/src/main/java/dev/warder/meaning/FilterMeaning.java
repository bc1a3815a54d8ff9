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

  /// It cannot even be loaded where the byte order is another.
  @Override
  boolean considers(Arch machine, Arch abi) {
    return abi.bigEndian() == bigEndian;
  }

  /// Whether the answer hangs on the architecture at all.
  boolean tellsArchitectures() {
    return diagrams.top(root) < Bits.NUMBER;
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
