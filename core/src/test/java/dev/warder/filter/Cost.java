package dev.warder.filter;

import static dev.warder.filter.BpfH.BPF_ABS;
import static dev.warder.filter.BpfH.BPF_JMP;
import static dev.warder.filter.BpfH.BPF_LD;
import static dev.warder.filter.BpfH.BPF_W;

import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/// What a filter, anyone's, costs on the calls of one architecture with all arguments 0.
///
/// @param length instructions
/// @param numberTests instructions that test the number, over all calls
/// @param steps instructions executed, by call
/// @param asked instructions executed that test the number, by call
/// @param uncached the calls that the policy leaves to the filter: all that it does not allow whatever their arguments
record Cost(int length, int numberTests, Map<Integer, Integer> steps, Map<Integer, Integer> asked, Set<Integer> uncached) {

  static Cost of(Filter filter, Resolution resolution) {
    var steps = new TreeMap<Integer, Integer>();
    var asked = new TreeMap<Integer, Integer>();
    var uncached = new HashSet<Integer>();
    var tests = new HashSet<Integer>();
    for (int number : everyNumber(resolution)) {
      List<Integer> path = path(filter, resolution, number);
      List<Integer> onNumber = onNumber(filter, path);
      tests.addAll(onNumber);
      if (resolution.decisions().containsKey(number)) {
        steps.put(number, path.size());
        asked.put(number, onNumber.size());
        if (!Questions.cached(resolution.decide(number))) {
          uncached.add(number);
        }
      }
    }
    return new Cost(filter.insns().size(), tests.size(), steps, asked, uncached);
  }

  /// Those of the table, and what lies between and around them.
  private static List<Integer> everyNumber(Resolution resolution) {
    var numbers = new ArrayList<Integer>();
    for (int number = resolution.arch().numberBase(); number <= resolution.newest() + 1; number++) {
      numbers.add(number);
    }
    numbers.add(0x40000000);
    numbers.add(-1);
    return numbers;
  }

  private static List<Integer> path(Filter filter, Resolution resolution, int number) {
    return Interpreter.runChecked(filter, number, resolution.arch().auditArch(), 0, new long[6]).path();
  }

  private static List<Integer> onNumber(Filter filter, List<Integer> path) {
    var found = new ArrayList<Integer>();
    int field = -1;
    for (int at : path) {
      Insn insn = filter.insns().get(at);
      if (insn.code() == (BPF_LD | BPF_W | BPF_ABS)) {
        field = insn.k();
      } else if ((insn.code() & 7) == BPF_JMP && insn.code() != BPF_JMP && field == SeccompH.NR) {
        found.add(at);
      }
    }
    return found;
  }

  /// 1 for a call that the filter sees, 0 for one that the bitmap answers.
  double seen(int number) {
    return uncached.contains(number) ? 1 : 0;
  }

  int calls() {
    return uncached.size();
  }

  /// Mean instructions over the calls that the filter sees.
  double mean() {
    return mean(steps, this::seen);
  }

  /// Mean tests of the number over them.
  double tests() {
    return mean(asked, this::seen);
  }

  /// Mean instructions, each call weighted; NaN if none weighs anything.
  double mean(IntToDoubleFunction weight) {
    return mean(steps, weight);
  }

  private static double mean(Map<Integer, Integer> counts, IntToDoubleFunction weight) {
    double sum = 0;
    double all = 0;
    for (Map.Entry<Integer, Integer> call : counts.entrySet()) {
      sum += weight.applyAsDouble(call.getKey()) * call.getValue();
      all += weight.applyAsDouble(call.getKey());
    }
    return sum / all;
  }

  int max() {
    return steps.values().stream().mapToInt(s -> s).max().orElseThrow();
  }
}
