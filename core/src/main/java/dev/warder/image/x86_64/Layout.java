package dev.warder.image.x86_64;

import dev.warder.image.Op;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/// Places pieces of machine code: decides which jumps are long, then writes.
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

  private final List<Piece> pieces;
  private final boolean[] isLong;
  private final int[] start;
  /// By label: where its piece starts; -1 until it is placed.
  private final int[] targets;

  Layout(List<Piece> pieces, int labels) {
    this.pieces = pieces;
    this.isLong = new boolean[pieces.size()];
    this.start = new int[pieces.size() + 1];
    this.targets = new int[labels];
    Arrays.fill(targets, -1);
    do {
      place();
    } while (grow());
  }

  private void place() {
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      start[i] = at;
      Piece piece = pieces.get(i);
      if (piece instanceof Piece.Bytes bytes) {
        at += bytes.code().length;
      } else if (piece instanceof Piece.Target target) {
        targets[target.label().index()] = at;
      } else if (piece instanceof Piece.Branch branch) {
        at += branchBytes(branch, isLong[i]);
      }
    }
    start[pieces.size()] = at;
  }

  private static int branchBytes(Piece.Branch branch, boolean isLong) {
    if (branch.canBeShort() && !isLong) {
      return 2;
    }
    return 4 + opcode(branch.kind()).length;
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

  private boolean grow() {
    boolean grew = false;
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i) instanceof Piece.Branch branch && branch.canBeShort() && !isLong[i]
          && distance(i, branch) != (byte) distance(i, branch)) {
        isLong[i] = true;
        grew = true;
      }
    }
    return grew;
  }

  private int distance(int i, Piece.Branch branch) {
    int target = targets[branch.to().index()];
    if (target < 0) {
      throw new IllegalArgumentException("label not placed: " + branch.to().name());
    }
    return target - start[i + 1];
  }

  byte[] bytes() {
    var out = new ByteArrayOutputStream(start[pieces.size()]);
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i) instanceof Piece.Bytes bytes) {
        out.writeBytes(bytes.code());
      } else if (pieces.get(i) instanceof Piece.Branch branch) {
        write(out, branch, distance(i, branch), isLong[i]);
      }
    }
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, Piece.Branch branch, int distance, boolean isLong) {
    if (branch.canBeShort() && !isLong) {
      out.write(branch.kind() == Piece.Branch.JUMP ? 0xEB : 0x70 | branch.kind());
      out.write(distance);
      return;
    }
    out.writeBytes(opcode(branch.kind()));
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(distance >>> shift);
    }
  }
}
