package dev.warder.filter;

import static dev.warder.filter.SeccompH.ARGS;

import java.util.HashMap;
import java.util.Map;

/// Turns switches over 64-bit arguments into tests of their 32-bit halves, the high one first.
final class ArgumentTests {
  private final Nodes nodes;
  private final boolean bigEndian;
  private final Map<Diagram, Node> known = new HashMap<>();

  ArgumentTests(Nodes nodes, boolean bigEndian) {
    this.nodes = nodes;
    this.bigEndian = bigEndian;
  }

  Node node(Diagram diagram) {
    if (diagram.leaf()) {
      return nodes.end(diagram.value);
    }
    Node node = known.get(diagram);
    if (node == null) {
      node = high(diagram);
      known.put(diagram, node);
    }
    return node;
  }

  /// A run for each stretch of high halves that decides alone, and one for each that needs the low half.
  private Node high(Diagram diagram) {
    var ways = new Node[diagram.branches.length];
    for (int i = 0; i < ways.length; i++) {
      ways[i] = node(diagram.branches[i]);
    }
    int mask = (int) (diagram.mask >>> 32);
    var runs = new Runs(2 * ways.length);
    long[] starts = diagram.starts;
    for (int i = 0; i < starts.length;) {
      int half = (int) (starts[i] >>> 32);
      int next = i + 1;
      while (next < starts.length && (int) (starts[next] >>> 32) == half) {
        next++;
      }
      addHigh(runs, diagram, ways, i, next, half, mask);
      i = next;
    }
    return runs.tree(nodes, highOffset(diagram.index), mask, 1);
  }

  /// Adds the high half in which the intervals from `first` to before `end` start.
  private void addHigh(Runs runs, Diagram diagram, Node[] ways, int first, int end, int half, int mask) {
    boolean whole = end == first + 1 && (int) diagram.starts[first] == 0;
    runs.add(half, whole ? ways[first] : low(diagram, ways, first, end), 1);
    long after = Bits.ceiling(Bits.unsigned(half) + 1, Bits.unsigned(mask));
    boolean taken = end < diagram.starts.length && diagram.starts[end] >>> 32 == after;
    if (!whole && after != 0 && !taken) {
      runs.add((int) after, ways[end - 1], 1);
    }
  }

  private Node low(Diagram diagram, Node[] ways, int first, int end) {
    var runs = new Runs(end - first + 1);
    if ((int) diagram.starts[first] != 0) {
      runs.add(0, ways[first - 1], 1);
    }
    for (int i = first; i < end; i++) {
      runs.add((int) diagram.starts[i], ways[i], 1);
    }
    return runs.tree(nodes, lowOffset(diagram.index), (int) diagram.mask, 1);
  }

  private int lowOffset(int index) {
    return ARGS + 8 * index + (bigEndian ? 4 : 0);
  }

  private int highOffset(int index) {
    return ARGS + 8 * index + (bigEndian ? 0 : 4);
  }
}
