package dev.warder.filter;

import static dev.warder.filter.BpfH.BPF_JEQ;
import static dev.warder.filter.BpfH.BPF_JGE;
import static dev.warder.filter.BpfH.BPF_JMP;
import static dev.warder.filter.BpfH.BPF_JSET;
import static dev.warder.filter.BpfH.BPF_RET;

import java.util.HashMap;
import java.util.Map;

/// Makes each [Node] once, so that equal ends of a program are shared.
final class Nodes {
  private static final int ALL = -1;

  private final Map<Node, Node> made = new HashMap<>();
  /// Most numbers end as the one before.
  private Node lastEnd;

  int count() {
    return made.size();
  }

  Node end(int value) {
    if (lastEnd == null || lastEnd.k != value) {
      lastEnd = unique(BPF_RET, -1, ALL, value, null, null);
    }
    return lastEnd;
  }

  /// `(field & mask) == k`.
  Node equal(int offset, int mask, int k, Node yes, Node no) {
    return k == 0 ? anyBit(offset, mask, no, yes) : test(BPF_JEQ, offset, mask, k, yes, no);
  }

  /// `(field & mask) >= k`, unsigned.
  Node atLeast(int offset, int mask, int k, Node yes, Node no) {
    boolean zeroBelow = k == Integer.lowestOneBit(mask);            // the only smaller value is 0
    return zeroBelow ? anyBit(offset, mask, yes, no) : test(BPF_JGE, offset, mask, k, yes, no);
  }

  /// `(field & mask) != 0`, in one instruction where `equal` would need an `AND` too.
  private Node anyBit(int offset, int mask, Node yes, Node no) {
    return mask == ALL ? test(BPF_JEQ, offset, ALL, 0, no, yes) : test(BPF_JSET, offset, ALL, mask, yes, no);
  }

  private Node test(int operation, int offset, int mask, int k, Node yes, Node no) {
    return yes == no ? yes : unique(BPF_JMP | operation, offset, mask, k, yes, no);
  }

  private Node unique(int code, int offset, int mask, int k, Node yes, Node no) {
    var node = new Node(made.size(), code, offset, mask, k, yes, no);
    Node known = made.putIfAbsent(node, node);
    return known == null ? node : known;
  }
}
