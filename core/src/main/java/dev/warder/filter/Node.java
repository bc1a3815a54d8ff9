package dev.warder.filter;

/// A step of a program: a test of one 32-bit field of `seccomp_data` with two ways on, or the end.
///
/// Nodes are made backwards, from the ends, so both ways on exist before a test does and a jump can only go forward.
/// Loads are no nodes: a test names the field it needs, and [Assembler] loads it where it is not loaded already.
final class Node {
  /// Position in the order of making, from 0.
  final int id;
  /// `JEQ`, `JGE` or `JSET` with `K`, or `RET|K`.
  final int code;
  /// Byte offset of the field in `seccomp_data`; -1 for an end.
  final int offset;
  /// Bits of the field that the test sees.
  final int mask;
  final int k;
  final Node yes;
  final Node no;

  Node(int id, int code, int offset, int mask, int k, Node yes, Node no) {
    this.id = id;
    this.code = code;
    this.offset = offset;
    this.mask = mask;
    this.k = k;
    this.yes = yes;
    this.no = no;
  }

  boolean end() {
    return offset < 0;
  }

  @Override
  public int hashCode() {
    int hash = 31 * (31 * (31 * code + offset) + mask) + k;
    return end() ? hash : 31 * (31 * hash + yes.id) + no.id;
  }

  /// Same test with the same ways on.
  @Override
  public boolean equals(Object object) {
    return object instanceof Node other && code == other.code && offset == other.offset && mask == other.mask
        && k == other.k && yes == other.yes && no == other.no;
  }
}
