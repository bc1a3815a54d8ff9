package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.filter.ReturnValue;
import dev.warder.filter.SeccompH;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What a policy decides, whatever capabilities the jail keeps.
///
/// A transcription of [Decision] and [Condition] that shares nothing with the filter compiler.
final class PolicyMeaning extends Meaning {
  /// A call of more is refused: each doubles what has to be resolved.
  private static final int MOST_CAPABILITIES = 10;

  private final Policy policy;
  private final Map<Arch, Map<Set<Capability>, Resolution>> resolutions = new EnumMap<>(Arch.class);
  private final Map<Arch, Integer> known = new EnumMap<>(Arch.class);

  PolicyMeaning(Diagrams diagrams, Policy policy) {
    super(diagrams);
    this.policy = policy;
  }

  @Override
  boolean considers(Arch machine, Arch abi) {
    return policy.architectures().of(machine).contains(abi);
  }

  @Override
  int foreign(List<Arch> listed) {
    return diagrams.value(SeccompH.SECCOMP_RET_KILL_PROCESS);
  }

  @Override
  Optional<String> reason(Arch abi, Example example) {
    return Optional.of(resolution(abi, example.kept()).decide(example.number()).decide(example.args()).reason());
  }

  private Resolution resolution(Arch abi, Set<Capability> kept) {
    return resolutions.computeIfAbsent(abi, _ -> new HashMap<>())
        .computeIfAbsent(EnumSet.copyOf(kept.isEmpty() ? EnumSet.noneOf(Capability.class) : kept),
            set -> policy.resolve(abi, set));
  }

  @Override
  int calls(Arch abi) {
    Integer calls = known.get(abi);
    if (calls == null) {
      calls = numbers(abi);
      known.put(abi, calls);
    }
    return calls;
  }

  private int numbers(Arch abi) {
    Resolution none = resolution(abi, Set.of());
    Map<Integer, Set<Capability>> use = policy.capabilityUse(abi);
    var byNumber = new TreeMap<Integer, Integer>(Integer::compareUnsigned);
    none.decisions().forEach((number, decision) -> byNumber.put(number, decision(decision, abi)));
    use.forEach((number, capabilities) -> byNumber.put(number, switched(abi, number, List.copyOf(capabilities))));
    int unassigned = decision(none.unassigned(), abi);
    int newer = decision(none.newer(), abi);
    int result = diagrams.choose(diagrams.atLeast(Bits.NUMBER, 32, Integer.toUnsignedLong(none.newest()) + 1), newer,
        unassigned);
    for (Map.Entry<Integer, Integer> entry : byNumber.entrySet()) {
      int here = diagrams.equal(Bits.NUMBER, 32, 0xFFFFFFFFL, Integer.toUnsignedLong(entry.getKey()));
      result = diagrams.choose(here, entry.getValue(), result);
    }
    return result;
  }

  /// The decision by what the jail keeps of some capabilities.
  private int switched(Arch abi, int number, List<Capability> capabilities) {
    if (capabilities.size() > MOST_CAPABILITIES) {
      throw new TooComplexException("call number " + Integer.toUnsignedString(number) + " of " + abi + " hangs on "
          + capabilities.size() + " capabilities");
    }
    return switched(abi, number, capabilities, 0, new ArrayList<>());
  }

  private int switched(Arch abi, int number, List<Capability> capabilities, int at, List<Capability> kept) {
    if (at == capabilities.size()) {
      return decision(resolution(abi, Set.copyOf(kept)).decide(number), abi);
    }
    int dropped = switched(abi, number, capabilities, at + 1, kept);
    kept.add(capabilities.get(at));
    int with = switched(abi, number, capabilities, at + 1, kept);
    kept.removeLast();
    return diagrams.choose(diagrams.bit(Bits.of(capabilities.get(at))), with, dropped);
  }

  private int decision(Decision decision, Arch abi) {
    int result = diagrams.value(Answer.of(ReturnValue.of(decision.otherwise().action(), abi)));
    for (Decision.Case c : decision.cases().reversed()) {
      int then = diagrams.value(Answer.of(ReturnValue.of(c.then().action(), abi)));
      result = diagrams.choose(condition(diagrams, c.when()), then, result);
    }
    return result;
  }

  /// The argument registers for which a condition holds.
  static int condition(Diagrams diagrams, Condition condition) {
    return switch (condition) {
      case Condition.Compare compare -> compare(diagrams, compare);
      case Condition.Not(Condition inner) -> diagrams.not(condition(diagrams, inner));
      case Condition.AllOf(List<Condition> terms) -> {
        int result = Diagrams.TRUE;
        for (Condition term : terms.reversed()) {
          result = diagrams.and(condition(diagrams, term), result);
        }
        yield result;
      }
      case Condition.AnyOf(List<Condition> terms) -> {
        int result = Diagrams.FALSE;
        for (Condition term : terms.reversed()) {
          result = diagrams.or(condition(diagrams, term), result);
        }
        yield result;
      }
    };
  }

  private static int compare(Diagrams diagrams, Condition.Compare c) {
    int first = Bits.argument(c.index());
    return switch (c.operator()) {
      case EQ -> diagrams.equal(first, 64, c.mask(), c.value());
      case NE -> diagrams.not(diagrams.equal(first, 64, c.mask(), c.value()));
      case GE -> diagrams.atLeast(first, 64, c.mask(), c.value());
      case LT -> diagrams.not(diagrams.atLeast(first, 64, c.mask(), c.value()));
      case GT -> above(diagrams, first, c);
      case LE -> diagrams.not(above(diagrams, first, c));
    };
  }

  private static int above(Diagrams diagrams, int first, Condition.Compare c) {
    return c.value() == -1 ? Diagrams.FALSE : diagrams.atLeast(first, 64, c.mask(), c.value() + 1);
  }
}
