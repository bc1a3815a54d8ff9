package dev.warder.filter;

import java.util.Arrays;

/// The values of a 32-bit field in ascending order, cut into runs that lead the same way.
final class Runs {
  private int[] starts;
  private Node[] ways;
  private long[] weights;
  private int size;

  Runs(int capacity) {
    starts = new int[capacity];
    ways = new Node[capacity];
    weights = new long[capacity];
  }

  /// Adds the values from `start` on, up to where the next run is added; joins a run that leads the same way.
  void add(int start, Node way, long weight) {
    if (size > 0 && ways[size - 1] == way) {
      weights[size - 1] += weight;
      return;
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      ways = Arrays.copyOf(ways, 2 * size);
      weights = Arrays.copyOf(weights, 2 * size);
    }
    starts[size] = start;
    ways[size] = way;
    weights[size++] = weight;
  }

  /// The tree that leads a value of the field its way.
  ///
  /// @param offset byte offset of the field
  /// @param mask bits of it that count
  /// @param lengthCost what an instruction costs, in the unit of the weights
  Node tree(Nodes nodes, int offset, int mask, long lengthCost) {
    return search(nodes, offset, mask, lengthCost).root();
  }

  /// The search for that tree.
  SearchTree search(Nodes nodes, int offset, int mask, long lengthCost) {
    return new SearchTree(nodes, offset, mask, starts, ways, weights, size, lengthCost);
  }
}
