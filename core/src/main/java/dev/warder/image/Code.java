package dev.warder.image;

import java.util.Arrays;
import java.util.List;

/// Portable code, complete.
///
/// @param data read-only bytes
/// @param variables how many 64-bit variables the code uses
/// @param bufferBytes size of the writable buffers behind the variables
/// @param labels how many labels the code uses
public record Code(List<Op> ops, byte[] data, int variables, int bufferBytes, int labels) {
  public Code {
    ops = List.copyOf(ops);
  }

  /// For each variable, by index, its rank among all by how often the code names it, 0 for the most.
  public int[] variablesByUse() {
    var uses = new int[variables];
    for (Op op : ops) {
      for (Value value : op.values()) {
        if (value instanceof Value.Var var) {
          uses[var.index()]++;
        }
      }
    }
    var order = new long[variables];
    for (int i = 0; i < variables; i++) {
      order[i] = (long) -uses[i] << 32 | i;
    }
    Arrays.sort(order);
    var ranks = new int[variables];
    for (int rank = 0; rank < variables; rank++) {
      ranks[(int) order[rank]] = rank;
    }
    return ranks;
  }

  /// Size of the writable memory.
  public int writableBytes() {
    return 8 * variables + bufferBytes;
  }
}
