package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/// Lists of runs for [Optimum]: those of a policy on one architecture, and drawn ones.
final class Questions {
  private Questions() {}

  /// The numbers of one architecture alone, weighted each for itself; a number of no call weighs nothing.
  ///
  /// On x86_64 the numbers of x32 are a run of their own, which is foreign.
  ///
  /// @param foreign what every other ABI gets
  static Optimum.Question of(Resolution resolution, Action foreign, ToDoubleFunction<Integer> weight) {
    var runs = new Drawing();
    var diagrams = new Diagrams();
    var ways = new HashMap<Diagram, Integer>();
    int newest = resolution.newest();
    for (int number = resolution.arch().numberBase(); number <= newest; number++) {
      boolean known = resolution.decisions().containsKey(number);
      runs.add(way(resolution.decide(number), resolution.arch(), diagrams, ways), 1, known ? weight.applyAsDouble(number) : 0);
    }
    runs.add(way(resolution.newer(), resolution.arch(), diagrams, ways), 2, 0);
    if (resolution.arch() == Arch.X86_64) {
      Diagram way = diagrams.leaf(ReturnValue.of(foreign, Arch.X86_64));
      runs.add(ways.computeIfAbsent(way, _ -> ways.size()), 2, 0);
    }
    return runs.question();
  }

  private static int way(Decision decision, Arch arch, Diagrams diagrams, Map<Diagram, Integer> ways) {
    return ways.computeIfAbsent(diagrams.decision(decision, arch), _ -> ways.size());
  }

  /// Whether the bitmap answers the call, so that the filter never sees it.
  static boolean cached(Decision decision) {
    return decision.unconditional() && decision.otherwise().action() instanceof Action.Allow;
  }

  /// A list as a policy might have it: mostly two answers, a few calls with one of their own.
  ///
  /// @param whole whether the weights are whole numbers up to 8
  static Optimum.Question draw(Random random, int size, boolean whole) {
    var runs = new Drawing();
    while (runs.size() < size) {
      int way = random.nextInt(8) == 0 ? 2 + random.nextInt(4) : random.nextInt(2);
      int values = random.nextInt(2) == 0 ? 1 : 1 + random.nextInt(8);
      runs.add(way, values, whole ? 1 + random.nextInt(8) : values * (way == 0 ? 0.02 : random.nextInt(12) == 0 ? 4 : 1));
    }
    return runs.question();
  }

  private static final class Drawing {
    private final List<Integer> ways = new ArrayList<>();
    private final List<Integer> values = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();

    int size() {
      return ways.size();
    }

    void add(int way, int count, double weight) {
      int last = ways.size() - 1;
      if (last >= 0 && ways.get(last) == way) {
        values.set(last, values.get(last) + count);
        weights.set(last, weights.get(last) + weight);
      } else {
        ways.add(way);
        values.add(count);
        weights.add(weight);
      }
    }

    Optimum.Question question() {
      var single = new boolean[size()];
      for (int i = 0; i < single.length - 1; i++) {                 // the last one goes on to the highest number
        single[i] = values.get(i) == 1;
      }
      return new Optimum.Question(weights.stream().mapToDouble(w -> w).toArray(),
          ways.stream().mapToInt(w -> w).toArray(), single);
    }
  }
}
