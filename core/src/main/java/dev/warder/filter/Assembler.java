package dev.warder.filter;

import static dev.warder.filter.BpfH.BPF_ABS;
import static dev.warder.filter.BpfH.BPF_ALU;
import static dev.warder.filter.BpfH.BPF_AND;
import static dev.warder.filter.BpfH.BPF_JA;
import static dev.warder.filter.BpfH.BPF_JMP;
import static dev.warder.filter.BpfH.BPF_LD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Lays nodes out as instructions, last one first.
///
/// A node has up to three entries, each falling into the one before it:
///
/// ```
/// LOADED   ld [offset]        nothing useful in A
/// MASKED   and #mask          A holds the field
/// READY    jeq #k, yes, no    A holds what is tested
/// ```
///
/// What must come directly before its successor gets a copy of it where the successor stands elsewhere, which is as
/// long as a jump there and one step shorter. A conditional jump reaches 255 instructions: an end out of reach is
/// repeated, any other node is reached through a `JA`.
final class Assembler {
  private static final int REACH = 255;
  private static final int READY = 0;
  private static final int MASKED = 1;
  private static final int LOADED = 2;

  /// Instructions from the last one backwards.
  private final List<Insn> reversed = new ArrayList<>();
  /// Index in [#reversed] of each entry of each node, or -1.
  private final int[] places;

  private Assembler(int nodes) {
    places = new int[3 * nodes];
    Arrays.fill(places, -1);
  }

  static List<Insn> assemble(Node root, int nodes) {
    var assembler = new Assembler(nodes);
    assembler.put(root, root.end() ? READY : LOADED);
    Collections.reverse(assembler.reversed);
    return assembler.reversed;
  }

  private void put(Node node, int entry) {
    if (node.end()) {
      append(node.code, 0, 0, node.k);
    } else if (entry == READY) {
      putTest(node);
    } else {
      int next = entry == LOADED && node.mask != -1 ? MASKED : READY;
      if (place(node, next) < 0 || skipped(node, next) > 0) {
        put(node, next);
      }
      if (entry == LOADED) {
        append(BPF_LD | BPF_ABS, 0, 0, node.offset);
      } else {
        append(BPF_ALU | BPF_AND, 0, 0, node.mask);
      }
    }
    places[3 * node.id + entry] = reversed.size() - 1;
  }

  private void putTest(Node node) {
    int yes = entry(node, node.yes);
    int no = entry(node, node.no);
    if (place(node.no, no) < 0) {
      put(node.no, no);
    }
    if (place(node.yes, yes) < 0) {
      put(node.yes, yes);
    }
    while (skipped(node.yes, yes) > REACH || skipped(node.no, no) > REACH) {
      if (skipped(node.yes, yes) > REACH) {
        bringNear(node.yes, yes);
      }
      if (skipped(node.no, no) > REACH) {
        bringNear(node.no, no);
      }
    }
    append(node.code, skipped(node.yes, yes), skipped(node.no, no), node.k);
  }

  /// Where to enter `to` after the test `from`.
  private static int entry(Node from, Node to) {
    if (to.end() || from.offset == to.offset && from.mask == to.mask) {
      return READY;
    }
    return from.offset == to.offset && from.mask == -1 ? MASKED : LOADED;
  }

  private void bringNear(Node node, int entry) {
    if (node.end()) {
      put(node, entry);
    } else {
      append(BPF_JMP | BPF_JA, 0, 0, skipped(node, entry));
      places[3 * node.id + entry] = reversed.size() - 1;
    }
  }

  private int place(Node node, int entry) {
    return places[3 * node.id + entry];
  }

  /// Instructions between the next one to be appended and the entry.
  private int skipped(Node node, int entry) {
    return reversed.size() - 1 - place(node, entry);
  }

  private void append(int code, int jt, int jf, int k) {
    reversed.add(new Insn(code, jt, jf, k));
    if (reversed.size() > 16 * Filter.MAX_LENGTH) {
      throw new FilterTooLongException(reversed.size());
    }
  }
}
