package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where two policies or programs mean different things.
///
/// ```java
/// List<Comparison.Difference> differences =
///     Comparison.of(new Rules.Written(one), new Rules.Written(other), List.of(Arch.X86_64)).differences();
/// ```
///
/// Exact: both become functions of architecture, number, kept capabilities, arguments and instruction pointer, which are
/// equal or not; nothing is sampled. What cannot be compared so is a [TooComplexException], never "equal".
///
/// @param differences by architecture, then by number; none if both mean the same
/// @param serving ABIs that one side serves and the other kills
/// @param foreign what is answered to other architectures, where that differs
public record Comparison(List<Difference> differences, List<Serving> serving, List<Foreign> foreign) {
  public Comparison {
    differences = List.copyOf(differences);
    serving = List.copyOf(serving);
    foreign = List.copyOf(foreign);
  }

  /// A set of calls that get two answers.
  ///
  /// @param call its name; empty for numbers that have none
  /// @param numbers for those, the numbers as a condition on `nr`, empty else
  /// @param left the value that the left side returns, see [dev.warder.filter.ReturnValue]
  /// @param kept while the jail keeps these capabilities
  /// @param dropped and drops these
  /// @param condition the arguments; empty for all
  /// @param example one of the calls
  /// @param reason the policy's, where it denies what the other allows
  public record Difference(Arch abi, String call, String numbers, int left, int right, Set<Capability> kept,
      Set<Capability> dropped, String condition, Example example, Optional<String> reason) {
    /// Whether the left side alone lets these calls through.
    public boolean leftAllowsMore() {
      return Answer.letsThrough(left) && !Answer.letsThrough(right);
    }

    public boolean rightAllowsMore() {
      return Answer.letsThrough(right) && !Answer.letsThrough(left);
    }
  }

  /// An ABI that one side alone serves on a machine of a kind.
  public record Serving(Arch machine, Arch abi, boolean left) {}

  /// Different answers to architectures that neither is meant for.
  ///
  /// @param architectures a name, or words for the rest
  /// @param left the answer of the left side; empty where it hangs on the call
  public record Foreign(String architectures, Optional<Integer> left, Optional<Integer> right) {}

  public boolean same() {
    return differences.isEmpty() && serving.isEmpty() && foreign.isEmpty();
  }

  /// Compares on machines of these kinds and the older ABIs that their kernels serve.
  ///
  /// @throws TooComplexException if a side cannot be compared exactly
  public static Comparison of(Rules left, Rules right, List<Arch> machines) {
    return new Run(left, right).compare(machines);
  }

  private static final class Run {
    private final Diagrams diagrams = new Diagrams();
    private final Calls calls = new Calls(diagrams);
    private final Meaning left;
    private final Meaning right;
    private final List<Difference> differences = new ArrayList<>();

    Run(Rules left, Rules right) {
      this.left = meaning(left);
      this.right = meaning(right);
    }

    private Meaning meaning(Rules rules) {
      return switch (rules) {
        case Rules.Written(var policy) -> new PolicyMeaning(diagrams, policy);
        case Rules.Compiled(var filter) -> new FilterMeaning(diagrams, filter);
      };
    }

    Comparison compare(List<Arch> machines) {
      var serving = new ArrayList<Serving>();
      var known = new LinkedHashSet<Arch>();
      var done = new LinkedHashSet<Arch>();
      var foreign = new LinkedHashSet<Foreign>();
      for (Arch machine : machines) {
        for (Arch abi : machine.family()) {
          int leftAnswers = left.answers(machine, abi);
          int rightAnswers = right.answers(machine, abi);
          known.add(abi);
          if (leftAnswers == rightAnswers) {
            continue;
          }
          if (!killsAll(leftAnswers) && !killsAll(rightAnswers)) {
            if (done.add(abi)) {
              compare(abi, leftAnswers, rightAnswers);
            }
          } else if (calls.serves(leftAnswers) || calls.serves(rightAnswers)) {
            serving.add(new Serving(machine, abi, calls.serves(leftAnswers)));
          } else {
            foreign.add(new Foreign(abi.label(), leaf(leftAnswers), leaf(rightAnswers)));
          }
        }
      }
      foreign.addAll(foreign(List.copyOf(known)));
      return new Comparison(differences, serving, List.copyOf(foreign));
    }

    private boolean killsAll(int answers) {
      return diagrams.leaf(answers) && Answer.kills(diagrams.valueOf(answers));
    }

    private void compare(Arch abi, int leftAnswers, int rightAnswers) {
      for (Map.Entry<Integer, String> call : Catalog.get().table(abi).names().entrySet()) {
        int number = call.getKey();
        add(abi, call.getValue(), "", number, calls.number(leftAnswers, number), calls.number(rightAnswers, number));
      }
      int none = diagrams.value(0);
      calls.groups(calls.unnamed(leftAnswers, abi, none), calls.unnamed(rightAnswers, abi, none)).forEach((pair, numbers) -> {
        if (!pair.getFirst().equals(pair.getLast())) {
          add(abi, "", calls.numbers(numbers, abi), calls.first(numbers), pair.getFirst(), pair.getLast());
        }
      });
    }

    /// @param leftAnswers a function of capabilities, arguments and so on
    private void add(Arch abi, String call, String numbers, int number, int leftAnswers, int rightAnswers) {
      if (leftAnswers == rightAnswers) {
        return;
      }
      calls.pairs(leftAnswers, rightAnswers).forEach((pair, region) -> {
        if (!pair.getFirst().equals(pair.getLast())) {
          for (Calls.Part part : calls.byCapabilities(region)) {
            differences.add(difference(abi, call, numbers, number, pair, part));
          }
        }
      });
    }

    private Difference difference(Arch abi, String call, String numbers, int number, List<Integer> pair,
        Calls.Part part) {
      Example found = Example.of(diagrams, part.region(), abi.auditArch(), number);
      var kept = EnumSet.noneOf(Capability.class);
      kept.addAll(part.kept());
      var example = new Example(found.auditArch(), number, kept, found.args(), found.instructionPointer());
      int leftValue = diagrams.valueOf(pair.getFirst());
      int rightValue = diagrams.valueOf(pair.getLast());
      Meaning denying = Answer.letsThrough(leftValue) ? right : left;
      return new Difference(abi, call, numbers, leftValue, rightValue, part.kept(), part.dropped(),
          calls.condition(part.region(), call, abi), example, denying.reason(abi, example));
    }

    private List<Foreign> foreign(List<Arch> known) {
      var foreign = new ArrayList<Foreign>();
      var others = new ArrayList<>(List.of(Arch.values()));
      others.removeIf(arch -> known.stream().anyMatch(one -> one.auditArch() == arch.auditArch()));
      others.removeIf(arch -> arch == Arch.X32);
      int leftAnswers = left.foreign(known);
      int rightAnswers = right.foreign(known);
      for (Arch arch : others) {
        add(foreign, arch.label(), audit(leftAnswers, arch), audit(rightAnswers, arch));
      }
      var all = new ArrayList<>(known);
      all.addAll(others);
      int leftRest = left.foreign(all);
      int rightRest = right.foreign(all);
      if (leftRest != rightRest) {
        foreign.add(new Foreign("every other architecture", leaf(leftRest), leaf(rightRest)));
      }
      return foreign;
    }

    private int audit(int answers, Arch arch) {
      return diagrams.fix(answers, Bits.ARCHITECTURE, 32, Integer.toUnsignedLong(arch.auditArch()));
    }

    private void add(List<Foreign> foreign, String name, int leftAnswers, int rightAnswers) {
      if (leftAnswers != rightAnswers) {
        foreign.add(new Foreign(name, leaf(leftAnswers), leaf(rightAnswers)));
      }
    }

    private Optional<Integer> leaf(int answers) {
      return diagrams.leaf(answers) ? Optional.of(diagrams.valueOf(answers)) : Optional.empty();
    }
  }
}
