package dev.warder.filter;

import java.util.Arrays;

/// Finds which way on belongs to a value of a 32-bit field, in few steps and few instructions.
///
/// The values come as runs with the same way on. Cost of a tree: for each run its weight times the tests on its path,
/// and [#lengthCost] for each test in the program. An interval of runs is solved from smaller intervals, by
///
/// - one `JGE` that splits it, or
/// - a chain of `JEQ`: where all but a few single values of the interval share one way on, those are asked one by
///   one, the heaviest first, and none of the splits around them is needed.
///
/// A value that is met more often than most others together is asked before all else if that is cheaper.
///
/// The best split of an interval is looked for near those of the intervals that are one run shorter, as Knuth does for
/// trees of splits alone ("Optimum binary search trees", 1971), where it is there for certain; that takes some
/// [#WINDOW]·n² steps instead of n³/6. With chains a cost can be a little above the least of this shape: in 600 random
/// lists it was for 9, by 0.5 % at most.
///
/// Known weakness: below the root a chain ends in one way on, never in a further split; above [#WHOLE] runs the first
/// splits only balance the weights.
final class SearchTree {
  /// Most runs that are solved together.
  private static final int WHOLE = 256;
  /// How far from its neighbours' best splits an interval's own is looked for, to either side.
  private static final int WINDOW = 4;
  /// Most tests in a chain.
  private static final int CHAIN = 8;
  /// Most different ways on that a chain may end in.
  private static final int ENDS = 3;
  /// A single value may be asked first if it has the n-th part of the weight at least.
  private static final int HOT_SHARE = 5;

  private final Nodes nodes;
  private final int offset;
  private final int mask;
  private final int[] starts;
  private final Node[] ways;
  private final long[] weights;
  private final int size;
  private final long lengthCost;

  private int base;
  private int n;
  private boolean found;
  /// Of the tree that was found.
  private long cost;
  /// The run of one value that is asked before all else; those of [#rest] come then. Null for none.
  private int hot;
  private SearchTree rest;
  private long[] fromLeft;
  private long[] fromRight;
  private long[] total;
  private int[] choice;
  /// The best split of each interval, also where a chain is better.
  private int[] splits;

  /// @param offset byte offset of the field
  /// @param mask bits of it that count
  /// @param starts first value of each run, unsigned and ascending, without bits outside the mask
  /// @param ways where each run leads; neighbours differ
  /// @param weights how often each run is met
  /// @param size how many runs there are
  /// @param lengthCost what an instruction costs, in the unit of the weights
  SearchTree(Nodes nodes, int offset, int mask, int[] starts, Node[] ways, long[] weights, int size, long lengthCost) {
    this.nodes = nodes;
    this.offset = offset;
    this.mask = mask;
    this.starts = starts;
    this.ways = ways;
    this.weights = weights;
    this.size = size;
    this.lengthCost = lengthCost;
  }

  /// Looks for the tree that [#root] makes. It makes no node, so several trees can be looked for at once.
  void find() {
    if (size > WHOLE || found) {
      return;
    }
    solve(0, size);
    cost = fromLeft[n - 1];
    int heaviest = heaviestSingle();
    if (size > 2 && heaviest >= 0 && HOT_SHARE * weights[heaviest] >= total[n]) {
      SearchTree others = without(heaviest);
      others.find();
      if (total[n] + lengthCost + others.cost < cost) {
        cost = total[n] + lengthCost + others.cost;
        hot = heaviest;
        rest = others;
      }
    }
    found = true;
  }

  Node root() {
    if (size > WHOLE) {
      return balance(0, size);
    }
    find();
    return rest == null ? node(0, n - 1) : nodes.equal(offset, mask, starts[hot], ways[hot], rest.root());
  }

  /// The heaviest run of one value, or -1.
  private int heaviestSingle() {
    int heaviest = -1;
    for (int run = 0; run < size; run++) {
      if (single(run) && (heaviest < 0 || weights[run] > weights[heaviest])) {
        heaviest = run;
      }
    }
    return heaviest;
  }

  /// The tree for the same runs but one, whose value will not be asked for.
  private SearchTree without(int out) {
    var rest = new Runs(size);
    for (int run = 0; run < size; run++) {
      if (run != out) {
        rest.add(starts[run], ways[run], weights[run]);
      }
    }
    return rest.search(nodes, offset, mask, lengthCost);
  }

  /// The runs from `first` to before `end`.
  private Node balance(int first, int end) {
    if (end - first <= WHOLE) {
      solve(first, end - first);
      return node(0, n - 1);
    }
    long all = 0;
    for (int i = first; i < end; i++) {
      all += weights[i] + lengthCost;
    }
    long below = 0;
    int split = first;
    while (split < end - 2 && 2 * (below + weights[split] + lengthCost) <= all || split == first) {
      below += weights[split] + lengthCost;
      split++;
    }
    Node yes = balance(split, end);
    Node no = balance(first, split);
    return nodes.atLeast(offset, mask, starts[split], yes, no);
  }

  private void solve(int first, int count) {
    base = first;
    n = count;
    fromLeft = new long[n * n];
    fromRight = new long[n * n];
    choice = new int[n * n];
    splits = new int[n * n];
    total = new long[n + 1];
    for (int i = 0; i < n; i++) {
      total[i + 1] = total[i] + weights[base + i];
    }
    Arrays.fill(fromLeft, Long.MAX_VALUE);
    for (int i = 0; i < n; i++) {
      chains(i);
    }
    for (int i = n - 1; i >= 0; i--) {
      fromLeft[i * n + i] = 0;
      splits[i * n + i] = i;
      for (int j = i + 1; j < n; j++) {
        split(i, j);
      }
    }
  }

  /// Takes the best split of the runs `i` to `j`, or leaves the chain that was found for them.
  private void split(int i, int j) {
    int left = i * n;
    int right = j * n;
    int shorter = splits[left + j - 1];
    int later = splits[left + n + j];
    int first = (shorter < later ? shorter : later) - WINDOW;        // a call costs a new JVM more than the loop below
    first = first < i ? i : first;
    int last = (shorter < later ? later : shorter) + WINDOW;
    last = last < j ? last : j - 1;
    long best = Long.MAX_VALUE;
    int at = -1;
    for (int k = first; k <= last; k++) {
      long cost = fromLeft[left + k] + fromRight[right + k + 1];
      if (cost < best) {
        best = cost;
        at = k;
      }
    }
    splits[left + j] = at;
    best += total[j + 1] - total[i] + lengthCost;
    if (best < fromLeft[left + j]) {
      fromLeft[left + j] = best;
      choice[left + j] = at;
    }
    fromRight[right + i] = fromLeft[left + j];
  }

  private void chains(int i) {
    for (int end = i; end < i + ENDS && end < n; end++) {
      chain(i, ways[base + end], end);
    }
  }

  /// Chains from run `i` on that end in the way of run `end`, as far right as there is one.
  private void chain(int i, Node last, int end) {
    var asked = new long[CHAIN];                                    // weights of the tests, falling
    int tests = 0;
    for (int j = i; j < n; j++) {
      if (ways[base + j] != last) {
        if (tests == CHAIN || !single(base + j)) {
          return;
        }
        int place = tests++;
        for (; place > 0 && asked[place - 1] < weights[base + j]; place--) {
          asked[place] = asked[place - 1];
        }
        asked[place] = weights[base + j];
      }
      long cost = tests * (total[j + 1] - total[i] + lengthCost);
      for (int t = 0; t < tests; t++) {
        cost -= asked[t] * (tests - 1 - t);
      }
      if (j > i && j >= end && cost < fromLeft[i * n + j]) {
        fromLeft[i * n + j] = cost;
        choice[i * n + j] = -1 - end;
      }
    }
  }

  /// Whether one value only is in the run.
  private boolean single(int run) {
    long domain = Bits.unsigned(mask);
    long next = Bits.ceiling(Bits.unsigned(starts[run]) + 1, domain);
    return run + 1 < size ? next == Bits.unsigned(starts[run + 1]) : next == 0 || next > domain;
  }

  private Node node(int i, int j) {
    if (i == j) {
      return ways[base + i];
    }
    int k = choice[i * n + j];
    if (k < 0) {
      return chainNode(i, j, ways[base - 1 - k]);
    }
    int start = starts[base + k + 1];
    return nodes.atLeast(offset, mask, start, node(k + 1, j), node(i, k));
  }

  /// Built from its end, so the lightest test is made first.
  private Node chainNode(int i, int j, Node last) {
    Node result = last;
    var done = new boolean[j - i + 1];
    while (true) {
      int lightest = -1;
      for (int run = i; run <= j; run++) {
        if (ways[base + run] != last && !done[run - i]
            && (lightest < 0 || weights[base + run] < weights[base + lightest])) {
          lightest = run;
        }
      }
      if (lightest < 0) {
        return result;
      }
      done[lightest - i] = true;
      result = nodes.equal(offset, mask, starts[base + lightest], ways[base + lightest], result);
    }
  }
}
