package dev.warder.filter;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/// How cheap a tree over a list of runs can be: exactly for trees of one shape, and a bound that no tree can go below.
///
/// A tree tests a number against constants, by `<` or `==`, until the way on is known. It costs, for each run, its
/// weight times the tests on its path, and [#perTest] for each test in the tree. Nothing here is shared with
/// [SearchTree] but the question.
final class Optimum {
  /// Tests in a chain of `==`, beyond which splits are always better in practice.
  private static final int CHAIN = 14;
  private static final int NONE = -1;

  private final double[] weights;
  private final int[] ways;
  private final boolean[] single;
  private final double perTest;
  private final int n;
  private final int holes;
  private final double[] total;
  private final double[][][] known;

  private Optimum(double[] weights, int[] ways, boolean[] single, double perTest, int holes) {
    this.weights = weights;
    this.ways = ways;
    this.single = single;
    this.perTest = perTest;
    this.holes = holes;
    this.n = weights.length;
    this.known = new double[n][n][];
    this.total = new double[n + 1];
    for (int i = 0; i < n; i++) {
      total[i + 1] = total[i] + weights[i];
    }
  }

  /// A list of runs to be told apart.
  ///
  /// @param ways where each run leads, as a small number; neighbours differ
  /// @param single whether a run is one value, which `==` can ask for
  record Question(double[] weights, int[] ways, boolean[] single) {
    int size() {
      return ways.length;
    }

    /// The same runs, with no weight at all: only the tests count then.
    Question weightless() {
      return new Question(new double[ways.length], ways, single);
    }
  }

  /// The least cost of a tree of `<` tests alone.
  static double splits(Question question, double perTest) {
    var none = new boolean[question.size()];
    return new Optimum(question.weights, question.ways, none, perTest, 0).best(0, question.size() - 1, NONE, NONE);
  }

  /// The least cost of a tree of `<` and `==` tests, in which an interval that is split further has `holes` values at
  /// most that an `==` above has taken out, 0 to 2; any number where it is not.
  static double best(Question question, double perTest, int holes) {
    return new Optimum(question.weights, question.ways, question.single, perTest, holes)
        .best(0, question.size() - 1, NONE, NONE);
  }

  /// @param a a run that an `==` has taken out, or [#NONE]
  /// @param b another one, above `a`
  private double best(int i, int j, int a, int b) {
    int width = j - i + 2;
    if (known[i][j] == null) {
      known[i][j] = new double[holes == 0 ? 1 : holes == 1 ? width : width * width];
      Arrays.fill(known[i][j], -1);
    }
    int key = holes == 0 ? 0 : holes == 1 ? a - (a == NONE ? NONE : i - 1)
        : (a == NONE ? 0 : a - i + 1) * width + (b == NONE ? 0 : b - i + 1);
    double found = known[i][j][key];
    if (found < 0) {
      found = compute(i, j, a, b);
      known[i][j][key] = found;
    }
    return found;
  }

  private double compute(int i, int j, int a, int b) {
    double best = chains(i, j, a, b);
    if (best == 0) {
      return 0;
    }
    double test = perTest + total[j + 1] - total[i] - (a == NONE ? 0 : weights[a]) - (b == NONE ? 0 : weights[b]);
    for (int k = i; k < j; k++) {
      if (!empty(i, k, a, b) && !empty(k + 1, j, a, b)) {
        best = Math.min(best, test + side(i, k, a, b) + side(k + 1, j, a, b));
      }
    }
    int open = (a == NONE ? 0 : 1) + (b == NONE ? 0 : 1);
    for (int v = i; v <= j && open < holes; v++) {
      if (single[v] && v != a && v != b) {
        int low = a == NONE ? v : Math.min(a, v);
        int high = a == NONE ? NONE : Math.max(a, v);
        best = Math.min(best, test + best(i, j, low, high));
      }
    }
    return best;
  }

  private static boolean empty(int i, int j, int a, int b) {
    int out = (a >= i && a <= j ? 1 : 0) + (b >= i && b <= j ? 1 : 0);
    return j - i + 1 == out;
  }

  /// The interval with those of the holes that are in it.
  private double side(int i, int j, int a, int b) {
    boolean hasA = a >= i && a <= j;
    boolean hasB = b >= i && b <= j;
    return best(i, j, hasA ? a : hasB ? b : NONE, hasA && hasB ? b : NONE);
  }

  /// The best chain: all single values but those that lead one way are asked, the heaviest first.
  private double chains(int i, int j, int a, int b) {
    double best = Double.POSITIVE_INFINITY;
    Set<Integer> tried = new HashSet<>();
    for (int e = i; e <= j; e++) {
      if (e != a && e != b && tried.add(ways[e])) {
        best = Math.min(best, chain(i, j, a, b, ways[e]));
      }
    }
    return best;
  }

  private double chain(int i, int j, int a, int b, int last) {
    var asked = new double[CHAIN];
    int tests = 0;
    double rest = 0;
    for (int v = i; v <= j; v++) {
      if (v == a || v == b) {
        continue;
      }
      if (ways[v] == last) {
        rest += weights[v];
      } else if (!single[v] || tests == CHAIN) {
        return Double.POSITIVE_INFINITY;
      } else {
        asked[tests++] = -weights[v];
      }
    }
    Arrays.sort(asked, 0, tests);
    double cost = tests * (rest + perTest);
    for (int t = 0; t < tests; t++) {
      cost -= asked[t] * (t + 1);
    }
    return cost;
  }

  /// What no tree of `<` and `==` tests costs less than.
  ///
  /// The ends of a binary tree fulfil Kraft's inequality, so the sum of `2^-depth` is 1 at most. Forgetting all else that
  /// a tree must be, each end takes the depth that is best for itself at a price for its share of that sum; the price
  /// that makes the bound highest is searched for, and any price gives a valid one. Which ends there are is chosen as
  /// cheaply as could be: a single value has an end of its own, or belongs to one that leads its way; so does each
  /// stretch between single values that were taken out.
  static double bound(Question question, double perTest) {
    double low = 0;
    double high = 4;
    for (double weight : question.weights) {
      high += 4 * weight;
    }
    for (int step = 0; step < 80; step++) {
      double left = low + (high - low) / 3;
      double right = high - (high - low) / 3;
      if (relaxed(question, perTest, left) < relaxed(question, perTest, right)) {
        low = left;
      } else {
        high = right;
      }
    }
    return Math.max(0, relaxed(question, perTest, (low + high) / 2));
  }

  private static double relaxed(Question q, double perTest, double price) {
    int n = q.size();
    var least = new double[n + 1];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    least[0] = 0;
    for (int from = 0; from < n; from++) {
      double together = 0;
      double out = 0;
      for (int to = from; to < n; to++) {
        if (q.ways[to] == q.ways[from]) {
          together += q.weights[to];
          least[to + 1] = Math.min(least[to + 1], least[from] + out + end(together, price) + perTest);
        } else if (q.single[to]) {
          out += end(q.weights[to], price) + perTest;
        } else {
          break;
        }
      }
    }
    return least[n] - perTest - price;
  }

  private static double end(double weight, double price) {
    double best = price;
    double share = price;
    for (int depth = 1; depth < 40; depth++) {
      share /= 2;
      best = Math.min(best, weight * depth + share);
    }
    return best;
  }

  /// Tests that any program needs which compares the number with constants, shared ends or not: between two values
  /// that lead different ways there must be a test that tells them apart. A `<` stands at one such border, an `==` at
  /// the two of its value.
  static int fewestTests(Question question) {
    int tests = question.size() - 1;
    boolean taken = false;
    for (int i = 1; i < question.size() - 1; i++) {
      taken = question.single[i] && !taken;
      tests -= taken ? 1 : 0;
    }
    return tests;
  }
}
