package dev.warder.image.x86_64;

import dev.warder.image.Op;
import java.util.Arrays;
import java.util.List;

/// Places pieces of machine code: decides which jumps are long, then writes. It is done over and over until all reach, in
/// a JVM that interprets, hence on plain arrays.
final class Layout {
  /// Machine code between two labels or jumps, then what ends it.
  sealed interface Piece {
    record Bytes(byte[] code) implements Piece {}

    record Target(Op.Label label) implements Piece {}

    /// @param kind the low four bits of `Jcc`, or one of the constants
    record Branch(int kind, Op.Label to) implements Piece {
      static final int JUMP = -1;
      static final int CALL = -2;
      static final int ADDRESS_TO_RBX = -3;

      /// A call or an address is always long.
      boolean canBeShort() {
        return kind >= JUMP;
      }
    }
  }

  private static final int SHORT = 2;

  private final List<Piece> pieces;
  /// By piece: its bytes, as far as it has grown.
  private final int[] size;
  private final int[] start;
  /// By label: its piece, or -1.
  private final int[] targets;
  /// The jumps that may grow, and the labels they go to.
  private final int[] jumps;
  private final int[] labels;

  Layout(List<Piece> pieces, int labels) {
    this.pieces = pieces;
    this.size = new int[pieces.size()];
    this.start = new int[pieces.size() + 1];
    this.targets = new int[labels];
    Arrays.fill(targets, -1);
    int count = measure();
    this.jumps = new int[count];
    this.labels = new int[count];
    collectJumps();
    do {
      place();
    } while (grow());
  }

  /// Notes sizes and labels; how many jumps may grow.
  private int measure() {
    int count = 0;
    for (int i = 0; i < size.length; i++) {
      Piece piece = pieces.get(i);
      if (piece instanceof Piece.Bytes bytes) {
        size[i] = bytes.code().length;
      } else if (piece instanceof Piece.Target target) {
        targets[target.label().index()] = i;
      } else if (piece instanceof Piece.Branch branch) {
        size[i] = branch.canBeShort() ? SHORT : longBytes(branch.kind());
        count += branch.canBeShort() ? 1 : 0;
      }
    }
    return count;
  }

  private void collectJumps() {
    int count = 0;
    for (int i = 0; i < size.length; i++) {
      if (pieces.get(i) instanceof Piece.Branch branch) {
        target(branch);
        if (branch.canBeShort()) {
          jumps[count] = i;
          labels[count++] = branch.to().index();
        }
      }
    }
  }

  private int target(Piece.Branch branch) {
    int target = targets[branch.to().index()];
    if (target < 0) {
      throw new IllegalArgumentException("label not placed: " + branch.to().name());
    }
    return target;
  }

  private void place() {
    int at = 0;
    for (int i = 0; i < size.length; i++) {
      start[i] = at;
      at += size[i];
    }
    start[size.length] = at;
  }

  private boolean grow() {
    boolean grew = false;
    for (int i = 0; i < jumps.length; i++) {
      int jump = jumps[i];
      int distance = start[targets[labels[i]]] - start[jump + 1];
      if (size[jump] == SHORT && distance != (byte) distance) {
        size[jump] = longBytes(((Piece.Branch) pieces.get(jump)).kind());
        grew = true;
      }
    }
    return grew;
  }

  private static int longBytes(int kind) {
    return 4 + opcode(kind).length;
  }

  /// What stands before a 32-bit distance.
  private static byte[] opcode(int kind) {
    return switch (kind) {
      case Piece.Branch.JUMP -> new byte[] {(byte) 0xE9};
      case Piece.Branch.CALL -> new byte[] {(byte) 0xE8};
      case Piece.Branch.ADDRESS_TO_RBX -> new byte[] {0x48, (byte) 0x8D, 0x1D};          // lea rbx, [rip+disp32]
      default -> new byte[] {0x0F, (byte) (0x80 | kind)};
    };
  }

  byte[] bytes() {
    var out = new byte[start[size.length]];
    for (int i = 0; i < size.length; i++) {
      if (pieces.get(i) instanceof Piece.Bytes bytes) {
        System.arraycopy(bytes.code(), 0, out, start[i], size[i]);
      } else if (pieces.get(i) instanceof Piece.Branch branch) {
        write(out, start[i], branch, start[target(branch)] - start[i + 1], size[i] != SHORT);
      }
    }
    return out;
  }

  private static void write(byte[] out, int at, Piece.Branch branch, int distance, boolean isLong) {
    if (!isLong) {
      out[at] = (byte) (branch.kind() == Piece.Branch.JUMP ? 0xEB : 0x70 | branch.kind());
      out[at + 1] = (byte) distance;
      return;
    }
    byte[] opcode = opcode(branch.kind());
    System.arraycopy(opcode, 0, out, at, opcode.length);
    int end = at + opcode.length;
    for (int i = 0; i < 4; i++) {
      out[end + i] = (byte) (distance >>> 8 * i);
    }
  }
}
