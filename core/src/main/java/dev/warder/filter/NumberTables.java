package dev.warder.filter;

import static dev.warder.filter.SeccompH.NR;
import static dev.warder.filter.SeccompH.SECCOMP_RET_ALLOW;
import static dev.warder.filter.SeccompH.X32_SYSCALL_BIT;

import dev.warder.catalog.Arch;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.Map;
import java.util.SortedMap;

/// Turns what is decided for the numbers of an architecture into a tree.
final class NumberTables {
  private static final long LAST = 0xFFFFFFFFL;

  private final Nodes nodes;
  private final Weights weights;
  private final Diagrams diagrams = new Diagrams();
  private final ArgumentTests arguments;

  NumberTables(Nodes nodes, Weights weights, boolean bigEndian) {
    this.nodes = nodes;
    this.weights = weights;
    this.arguments = new ArgumentTests(nodes, bigEndian);
  }

  /// The search for the tree of one architecture, for x32 from its bit on.
  SearchTree search(Resolution resolution) {
    var runs = new Runs(2 * resolution.decisions().size() + 3);
    add(runs, resolution, resolution.arch() == Arch.X32 ? X32_SYSCALL_BIT : 0, LAST);
    return search(runs);
  }

  /// The tree for x86_64 and x32, which bit 30 of the number tells apart. The x32 numbers are one run of the x86_64
  /// tree that weighs no more than one call, so they cost its calls little.
  ///
  /// @param x86 null if the policy does not list it
  /// @param x32 the tree for x32; null if the policy does not list it
  /// @param foreign where the numbers of the one that is not listed go
  Node tree(Resolution x86, Node x32, Node foreign) {
    var runs = new Runs(x86 == null ? 2 : 2 * x86.decisions().size() + 4);
    if (x86 == null) {
      runs.add(0, foreign, Weights.INSTALL);
    } else {
      add(runs, x86, 0, X32_SYSCALL_BIT - 1);
    }
    runs.add(X32_SYSCALL_BIT, x32 == null ? foreign : x32, x32 == null ? Weights.DENIED : Weights.X32);
    return search(runs).root();
  }

  private SearchTree search(Runs runs) {
    return runs.search(nodes, NR, -1, weights.instruction());
  }

  /// Adds the numbers from `first` to `last`.
  private void add(Runs runs, Resolution resolution, long first, long last) {
    SortedMap<Integer, Decision> decisions = resolution.decisions();
    long next = add(runs, resolution, first, last, decisions.tailMap(0));
    next = add(runs, resolution, next, last, decisions.headMap(0));  // from 2^31 on, unsigned
    addUndecided(runs, resolution, next, last);
  }

  /// Returns the number after the last one added.
  private long add(Runs runs, Resolution resolution, long first, long last, SortedMap<Integer, Decision> decisions) {
    long next = first;
    for (Map.Entry<Integer, Decision> entry : decisions.entrySet()) {
      long number = Bits.unsigned(entry.getKey());
      if (number >= first && number <= last) {
        addUndecided(runs, resolution, next, number - 1);
        add(runs, resolution, (int) number, entry.getValue());
        next = number + 1;
      }
    }
    return next;
  }

  private void add(Runs runs, Resolution resolution, int number, Decision decision) {
    Node way = way(decision, resolution.arch());
    long weight = !way.end() ? weights.checked(resolution.arch(), number)
        : way.k == SECCOMP_RET_ALLOW ? weights.allowed(resolution.arch()) : weights.denied(resolution.arch(), number);
    runs.add(number, way, weight);
  }

  private Node way(Decision decision, Arch arch) {
    return decision.unconditional()
        ? nodes.end(ReturnValue.of(decision.otherwise().action(), arch))
        : arguments.node(diagrams.decision(decision, arch));
  }

  private void addUndecided(Runs runs, Resolution resolution, long first, long last) {
    long newest = Bits.unsigned(resolution.newest());
    if (first <= Math.min(last, newest)) {
      long count = Math.min(last, newest) - first + 1;
      runs.add((int) first, way(resolution.unassigned(), resolution.arch()), Math.min(count, Weights.DENIED));
    }
    if (last > newest && first <= last) {
      int start = (int) Math.max(first, newest + 1);
      runs.add(start, way(resolution.newer(), resolution.arch()), Weights.DENIED);
    }
  }
}
