package dev.warder.filter;

import java.util.HashSet;
import java.util.Set;

/// The tree that [SearchTree] makes of a list.
final class Compiled {
  private static final double UNIT = 1000;

  private Compiled() {}

  /// Its cost, as [Optimum] counts.
  static double cost(Optimum.Question question, double perTest) {
    int n = question.size();
    var nodes = new Nodes();
    var starts = new int[n];
    var ways = new Node[n];
    var weights = new long[n];
    int next = 0;
    for (int i = 0; i < n; i++) {
      starts[i] = next;
      next += question.single()[i] ? 1 : 2;
      ways[i] = nodes.end(question.ways()[i]);
      weights[i] = Math.round(UNIT * question.weights()[i]);
    }
    Node root = new SearchTree(nodes, 0, -1, starts, ways, weights, n, Math.round(UNIT * perTest)).root();
    double cost = 0;
    var tests = new HashSet<Node>();
    for (int i = 0; i < n; i++) {
      cost += question.weights()[i] * steps(root, starts[i], tests);
    }
    return cost + perTest * tests.size();
  }

  private static int steps(Node root, int value, Set<Node> tests) {
    int steps = 0;
    Node node = root;
    while (!node.end()) {
      tests.add(node);
      boolean holds = (node.code & 0xF0) == BpfH.BPF_JEQ ? value == node.k : Integer.compareUnsigned(value, node.k) >= 0;
      node = holds ? node.yes : node.no;
      steps++;
    }
    return steps;
  }
}
