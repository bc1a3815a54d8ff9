package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// The yardstick itself, against trees that are all tried out.
class OptimumTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-6);

  @Test
  void onTinyListsNoTreeIsBetterAndTheBoundIsBelow() {
    var random = new Random(42);
    double sum = 0;
    for (int i = 0; i < 300; i++) {
      Optimum.Question question = Questions.draw(random, 2 + random.nextInt(6), true);
      double perTest = random.nextInt(3);
      double best = everyTree(question, perTest);
      assertThat(Optimum.best(question, perTest, 2)).as("list %d", i).isGreaterThanOrEqualTo(best - 1e-6)
          .isLessThan(1.03 * best + 1e-6);
      assertThat(Optimum.splits(question, perTest)).isGreaterThanOrEqualTo(best - 1e-6);
      double bound = Optimum.bound(question, perTest);
      assertThat(bound).as("list %d", i).isLessThanOrEqualTo(best + 1e-6);
      sum += best == 0 ? 1 : bound / best;
      assertThat((double) Optimum.fewestTests(question)).isLessThanOrEqualTo(everyTree(question.weightless(), 1) + 1e-6);
    }
    assertThat(sum / 300).as("how near the bound is to the best tree").isGreaterThan(0.8);
  }

  @Test
  void aListOfTwoNeedsOneTest() {
    var question = new Optimum.Question(new double[] {3, 4}, new int[] {0, 1}, new boolean[] {false, false});
    assertThat(Optimum.best(question, 0, 2)).isEqualTo(7);
    assertThat(Optimum.bound(question, 0)).isCloseTo(7, EXACT);
    assertThat(Optimum.fewestTests(question)).isEqualTo(1);
  }

  /// The least cost of any tree: an interval of runs, and which of them an `==` has taken out.
  private static double everyTree(Optimum.Question question, double perTest) {
    return everyTree(question, perTest, 0, question.size(), 0, new HashMap<>());
  }

  private static double everyTree(Optimum.Question q, double perTest, int i, int end, int out, Map<Integer, Double> known) {
    double all = 0;
    int way = -1;
    boolean decided = true;
    for (int v = i; v < end; v++) {
      if ((out & 1 << v) == 0) {
        decided &= way < 0 || way == q.ways()[v];
        way = q.ways()[v];
        all += q.weights()[v];
      }
    }
    if (decided) {
      return 0;
    }
    int key = (i << 8 | end) << 16 | out;
    Double before = known.get(key);
    if (before != null) {
      return before;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int k = i + 1; k < end; k++) {
      int left = out & (1 << k) - 1;
      best = Math.min(best, everyTree(q, perTest, i, k, left, known) + everyTree(q, perTest, k, end, out & ~left, known));
    }
    for (int v = i; v < end; v++) {
      if (q.single()[v] && (out & 1 << v) == 0) {
        best = Math.min(best, everyTree(q, perTest, i, end, out | 1 << v, known));
      }
    }
    known.put(key, best + all + perTest);
    return best + all + perTest;
  }
}
