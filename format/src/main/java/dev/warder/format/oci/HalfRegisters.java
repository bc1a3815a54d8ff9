package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Alternative;
import dev.warder.format.convert.Cover;
import dev.warder.format.convert.Diagram;
import dev.warder.format.convert.Diagrams;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What libseccomp makes of rules for a 32-bit ABI: it tests the lower halves of registers alone, and cuts values and
/// masks to that.
///
/// Source: the `ARCH_SIZE_32` of `arch-*.c`, libseccomp 2.5.4.
final class HalfRegisters {
  private static final long LOW = 0xFFFFFFFFL;

  private final Diagrams diagrams;
  private final Action otherwise;
  private final Map<Diagram, Optional<Diagram>> halves = new HashMap<>();

  HalfRegisters(Diagrams diagrams, Action otherwise) {
    this.diagrams = diagrams;
    this.otherwise = otherwise;
  }

  static boolean of(Arch abi) {
    return abi.longBits() == Integer.SIZE;
  }

  /// What calls by an ABI get; null if that is not what the rules say of registers whose upper halves are zero.
  Diagram seen(Diagram written, Arch abi) {
    return of(abi) ? halves.computeIfAbsent(written, this::halves).orElse(null) : written;
  }

  private Optional<Diagram> halves(Diagram written) {
    var cases = new ArrayList<Decision.Case>();
    for (Alternative alternative : Cover.of(written, otherwise, false)) {
      List<Condition> tests = new ArrayList<>();
      for (Compare test : alternative.tests()) {
        tests.add(new Compare(test.index(), test.mask() & LOW, test.operator(), test.value() & LOW));
      }
      cases.add(new Decision.Case(new Condition.AllOf(tests), new Outcome(alternative.action(), "")));
    }
    var rest = new Outcome(otherwise, "");
    Diagram seen = diagrams.of(new Decision(cases, rest));
    boolean sound = seen == diagrams.lowHalves(written) && seen == diagrams.of(new Decision(cases.reversed(), rest));
    return sound ? Optional.of(seen) : Optional.empty();
  }
}
