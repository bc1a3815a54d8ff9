package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What a compiled filter means, read off its instructions alone.
public final class Program {
  private final Diagrams diagrams;
  private final Calls calls;
  private final Filter filter;
  private final FilterMeaning meaning;

  private Program(Filter filter, Diagrams diagrams) {
    this.diagrams = diagrams;
    this.calls = new Calls(diagrams);
    this.filter = filter;
    this.meaning = new FilterMeaning(diagrams, filter);
  }

  /// @param filter one that the kernel accepts
  /// @throws TooComplexException if it cannot be followed exactly
  public static Program of(Filter filter) {
    return of(filter, new Diagrams());
  }

  static Program of(Filter filter, Diagrams diagrams) {
    return new Program(filter, diagrams);
  }

  /// A possible answer to a call.
  ///
  /// @param condition the arguments that get it; empty for all
  /// @param value see [dev.warder.filter.ReturnValue]
  /// @param example one such call
  public record Answer(String condition, int value, Example example) {
    public boolean letsThrough() {
      return dev.warder.meaning.Answer.letsThrough(value);
    }
  }

  /// The ABIs of which it lets some calls through, in the catalog's order.
  public List<Arch> serves() {
    var served = new ArrayList<Arch>();
    for (Arch arch : Arch.values()) {
      if (calls.serves(meaning.answers(arch, arch))) {
        served.add(arch);
      }
    }
    return served;
  }

  /// Whether any answer hangs on the architecture.
  public boolean tellsArchitectures() {
    return meaning.tellsArchitectures();
  }

  /// The answer to architectures that are not in the catalog; empty where it hangs on the call.
  public Optional<Integer> others() {
    int rest = meaning.foreign(List.of(Arch.values()));
    for (Arch arch : Arch.values()) {
      int killed = diagrams.fix(rest, Bits.ARCHITECTURE, 32, 0);
      rest = diagrams.choose(
          diagrams.equal(Bits.ARCHITECTURE, 32, 0xFFFFFFFFL, Integer.toUnsignedLong(arch.auditArch())), killed, rest);
    }
    return diagrams.leaf(rest) ? Optional.of(diagrams.valueOf(rest)) : Optional.empty();
  }

  /// Whether a call's answer hangs on all of an argument's low 32 bits and on none above, though the kernel reads 64.
  public boolean comparesHalf(Arch abi, int number, int argument) {
    int function = calls.number(meaning.calls(abi), number);
    for (int bit = 0; bit < 64; bit++) {
      int place = Bits.argument(argument) + bit;
      boolean asked = diagrams.fixBit(function, place, false) != diagrams.fixBit(function, place, true);
      if (asked != bit >= 32) {
        return false;
      }
    }
    return true;
  }

  /// The instructions that no call comes to.
  public List<Integer> unreachable() {
    BitSet reached = meaning.reached();
    var unreachable = new ArrayList<Integer>();
    for (int at = reached.nextClearBit(0); at < filter.insns().size(); at = reached.nextClearBit(at + 1)) {
      unreachable.add(at);
    }
    return unreachable;
  }

  /// What it returns for one call, as far as the kernel tells values apart.
  public int value(Example call) {
    int function = meaning.root();
    while (!diagrams.leaf(function)) {
      boolean set = call.bit(diagrams.top(function));
      function = set ? diagrams.high(function) : diagrams.low(function);
    }
    return diagrams.valueOf(function);
  }

  /// The answers to one call; the one for most arguments comes last.
  public List<Answer> answers(Arch abi, int number) {
    return answers(abi, number, List.of());
  }

  /// The answers that are left where some registers are known.
  public List<Answer> answers(Arch abi, int number, List<OptionalLong> registers) {
    int function = calls.number(meaning.calls(abi), number);
    int known = Diagrams.TRUE;
    for (int i = 0; i < registers.size(); i++) {
      if (registers.get(i).isPresent()) {
        long value = registers.get(i).getAsLong();
        for (int bit = 0; bit < 64; bit++) {
          function = diagrams.fixBit(function, Bits.argument(i) + 63 - bit, (value >>> bit & 1) != 0);
        }
        known = diagrams.and(known, diagrams.equal(Bits.argument(i), 64, -1, value));
      }
    }
    String name = Catalog.get().table(abi).name(number).orElse("");
    return answers(function, known, name, abi, number);
  }

  private List<Answer> answers(int function, int known, String name, Arch abi, int number) {
    var answers = new ArrayList<Answer>();
    int self = diagrams.value(0);
    calls.pairs(function, self).forEach((pair, region) -> {
      Example example = Example.of(diagrams, diagrams.and(region, known), abi.auditArch(), number);
      answers.add(new Answer(calls.condition(region, name, abi), diagrams.valueOf(pair.getFirst()), example));
    });
    answers.sort((a, b) -> Boolean.compare(b.letsThrough(), a.letsThrough()));
    return answers;
  }

  /// The answers to numbers that belong to no call of the ABI, by the numbers as a condition on `nr`.
  public Map<String, List<Answer>> unnamed(Arch abi) {
    var unnamed = new LinkedHashMap<String, List<Answer>>();
    int marked = diagrams.value(-1);                                // no answer of a program
    int function = calls.unnamed(meaning.answers(abi, abi), abi, marked);
    calls.groups(function, diagrams.value(0)).forEach((pair, numbers) -> {
      if (pair.getFirst() != marked) {
        int first = calls.first(numbers);
        unnamed.put(calls.numbers(numbers, abi), answers(pair.getFirst(), Diagrams.TRUE, "", abi, first));
      }
    });
    return unnamed;
  }
}
