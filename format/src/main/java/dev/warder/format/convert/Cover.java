package dev.warder.format.convert;

import dev.warder.policy.Action;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Turns a [Diagram] into rules of which at most one holds, whatever the arguments; so their order does not count, nor
/// what a reader does with several that hold. Two rules test an argument alike, or so that one of them fails.
///
/// A test is a masked equality, or a comparison where all bits of a register count; with `halves` also where all of the
/// lower half do.
public final class Cover {
  /// Rules of one call. libseccomp makes 24 instructions of one for three ABIs, and the kernel takes 4096.
  private static final int MOST = 128;

  private final Action otherwise;
  private final boolean halves;
  private final List<Alternative> alternatives = new ArrayList<>();
  private int steps;

  private Cover(Action otherwise, boolean halves) {
    this.otherwise = otherwise;
    this.halves = halves;
  }

  /// The rules for all that does not get the default.
  ///
  /// @param halves whether comparisons of the lower 32 bits can be written
  /// @throws TooComplexException if there are too many
  public static List<Alternative> of(Diagram diagram, Action otherwise, boolean halves) {
    var cover = new Cover(otherwise, halves);
    cover.add(diagram, new ArrayList<>());
    return cover.alternatives;
  }

  private void add(Diagram diagram, List<Compare> tests) {
    if (diagram.end()) {
      if (!diagram.action.equals(otherwise)) {
        alternatives.add(new Alternative(tests, diagram.action));
      }
      if (alternatives.size() > MOST) {
        throw new TooComplexException();
      }
      return;
    }
    int index = diagram.argument();
    var values = new LinkedHashMap<Diagram, List<Cube>>();
    paths(diagram, index, new Cube(0, 0), values);
    for (Map.Entry<Diagram, List<Cube>> next : values.entrySet()) {
      if (!isDefault(next.getKey())) {
        for (Compare test : tests(index, next.getValue())) {
          tests.add(test);
          add(next.getKey(), tests);
          tests.removeLast();
        }
      }
    }
  }

  private boolean isDefault(Diagram diagram) {
    return diagram.end() && diagram.action.equals(otherwise);
  }

  /// The values of an argument whose bits under the mask are these.
  private record Cube(long mask, long value) {}

  /// The values of one argument that lead to each of the diagrams behind it, in ascending order.
  private void paths(Diagram at, int index, Cube cube, Map<Diagram, List<Cube>> values) {
    if (++steps > 32 * MOST) {
      throw new TooComplexException();
    }
    if (at.argument() != index) {
      values.computeIfAbsent(at, _ -> new ArrayList<>()).add(cube);
      return;
    }
    long mask = cube.mask | at.bit();
    paths(at.zero, index, new Cube(mask, cube.value), values);
    paths(at.one, index, new Cube(mask, cube.value | at.bit()), values);
  }

  private List<Compare> tests(int index, List<Cube> cubes) {
    for (long width : halves ? new long[] {-1L, 0xFFFFFFFFL} : new long[] {-1L}) {
      List<Interval> intervals = intervals(cubes, width);
      if (intervals != null) {
        return tests(index, width, intervals);
      }
    }
    var tests = new ArrayList<Compare>();
    for (Cube cube : cubes) {
      tests.add(new Compare(index, cube.mask, Operator.EQ, cube.value));
    }
    return tests;
  }

  /// @param last inclusive
  private record Interval(long first, long last) {}

  /// The values as ascending intervals with gaps between them; null if they are none of the masked register.
  private static List<Interval> intervals(List<Cube> cubes, long width) {
    var intervals = new ArrayList<Interval>();
    for (Cube cube : cubes) {
      long free = width & ~cube.mask;
      boolean inside = (cube.mask & ~width) == 0 && (free & free + 1) == 0;
      if (!inside) {
        return null;
      }
      boolean joins = !intervals.isEmpty() && intervals.getLast().last() + 1 == cube.value;
      long first = joins ? intervals.removeLast().first() : cube.value;
      intervals.add(new Interval(first, cube.value | free));
    }
    return intervals;
  }

  private static List<Compare> tests(int index, long width, List<Interval> intervals) {
    var tests = new ArrayList<Compare>();
    if (intervals.size() == 2 && intervals.getFirst().first() == 0 && intervals.getLast().last() == width
        && intervals.getFirst().last() + 2 == intervals.getLast().first()) {
      return List.of(new Compare(index, width, Operator.NE, intervals.getFirst().last() + 1));
    }
    for (Interval interval : intervals) {
      if (interval.first() == interval.last()) {
        tests.add(new Compare(index, width, Operator.EQ, interval.first()));
      } else if (interval.first() == 0) {
        tests.add(new Compare(index, width, Operator.LE, interval.last()));
      } else if (interval.last() == width) {
        tests.add(new Compare(index, width, Operator.GE, interval.first()));
      } else {
        split(index, width, interval, tests);
      }
    }
    return tests;
  }

  /// Masked equalities for an interval that ends at neither end.
  private static void split(int index, long width, Interval interval, List<Compare> tests) {
    long first = interval.first();
    while (true) {
      long size = Long.lowestOneBit(first);
      while (Long.compareUnsigned(first + size - 1, interval.last()) > 0) {
        size >>>= 1;
      }
      tests.add(new Compare(index, width & -size, Operator.EQ, first));
      if (first + size - 1 == interval.last()) {
        return;
      }
      first += size;
    }
  }
}
