package dev.warder.filter;

import static dev.warder.filter.SeccompH.NR;
import static dev.warder.filter.SeccompH.SECCOMP_RET_ALLOW;
import static dev.warder.filter.SeccompH.X32_SYSCALL_BIT;

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

  Node tree(Resolution resolution) {
    var runs = new Runs(2 * resolution.decisions().size() + 3);
    add(runs, resolution, 0, LAST);
    return tree(runs);
  }

  /// The tree for x86_64 and x32, which bit 30 of the number tells apart. The x32 numbers are one run of the x86_64
  /// tree that weighs no more than one call, so they cost its calls little.
  ///
  /// @param x86 null if the policy does not list it
  /// @param x32 null if the policy does not list it
  /// @param foreign where the numbers of the one that is not listed go
  Node tree(Resolution x86, Resolution x32, Node foreign) {
    Node high = foreign;
    if (x32 != null) {
      var runs = new Runs(2 * x32.decisions().size() + 3);
      add(runs, x32, X32_SYSCALL_BIT, LAST);
      high = tree(runs);
    }
    var runs = new Runs(x86 == null ? 2 : 2 * x86.decisions().size() + 4);
    if (x86 == null) {
      runs.add(0, foreign, Weights.INSTALL);
    } else {
      add(runs, x86, 0, X32_SYSCALL_BIT - 1);
    }
    runs.add(X32_SYSCALL_BIT, high, x32 == null ? Weights.DENIED : Weights.X32);
    return tree(runs);
  }

  private Node tree(Runs runs) {
    return runs.tree(nodes, NR, -1, weights.instruction());
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
        Diagram call = diagrams.decision(entry.getValue(), resolution.arch());
        runs.add((int) number, arguments.node(call), weight(resolution, (int) number, call));
        next = number + 1;
      }
    }
    return next;
  }

  private long weight(Resolution resolution, int number, Diagram call) {
    if (!call.leaf()) {
      return weights.checked(resolution.arch(), number);
    }
    return call.value == SECCOMP_RET_ALLOW ? weights.allowed(resolution.arch()) : weights.denied(resolution.arch(), number);
  }

  private void addUndecided(Runs runs, Resolution resolution, long first, long last) {
    long newest = Bits.unsigned(resolution.newest());
    if (first <= Math.min(last, newest)) {
      long count = Math.min(last, newest) - first + 1;
      add(runs, resolution, first, resolution.unassigned(), Math.min(count, Weights.DENIED));
    }
    if (last > newest && first <= last) {
      add(runs, resolution, Math.max(first, newest + 1), resolution.newer(), Weights.DENIED);
    }
  }

  private void add(Runs runs, Resolution resolution, long first, Decision decision, long weight) {
    runs.add((int) first, arguments.node(diagrams.decision(decision, resolution.arch())), weight);
  }
}
