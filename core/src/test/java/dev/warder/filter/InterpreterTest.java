package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  /// Each row computes A from 40, 5 in X, and returns it.
  @Test
  void computesAsTheKernelDoes() {
    String table = """
        # code k           result
        0x04   2           42           # add
        0x0c   0           45           # add x
        0x14   41          0xffffffff   # sub
        0x24   3           120          # mul
        0x34   3           13           # div
        0x3c   0           8            # div x
        0x44   3           43           # or
        0x54   12          8            # and
        0xa4   8           32           # xor
        0x64   31          0            # lsh
        0x6c   0           1280         # lsh x
        0x74   3           5            # rsh
        0x84   0           0xffffffd8   # neg
        0x87   0           5            # txa
        0x00   7           7            # ld imm
        0x80   0           64           # ld len
        0x60   1           5            # ld M[1]
        0x20   0           11           # nr
        0x20   16          0x89abcdef   # args[0], low
        0x20   20          0x01234567   # args[0], high
        """;
    for (String line : table.lines().filter(l -> !l.startsWith("#")).toList()) {
      String[] cells = line.split("\\s+");
      var result = run(0x01, 5, 0x03, 1, 0x00, 40, Integer.decode(cells[0]), Integer.decode(cells[1]), 0x16, 0);
      assertThat(result.value()).as(line).isEqualTo((int) (long) Long.decode(cells[2]));
      assertThat(result.executed()).isEqualTo(5);
    }
  }

  @Test
  void tellsWhichInstructionsItExecuted() {
    assertThat(run(0x00, 40, 0x05, 1, 0x06, 1, 0x06, 2).path()).containsExactly(0, 1, 3);
  }

  @Test
  void taxLeavesAAlone() {
    assertThat(run(0x00, 40, 0x07, 0, 0x16, 0).value()).isEqualTo(40);
  }

  @Test
  void divisionByZeroKillsTheThread() {
    assertThat(run(0x00, 40, 0x3c, 0, 0x06, 0x7fff0000).value()).isZero();
  }

  @Test
  void refusesWhatTheKernelRefuses() {
    for (int[] program : new int[][] {
        {0x20, 64, 0x06, 0},          // load past the end
        {0x20, 2, 0x06, 0},           // load across fields
        {0x28, 0, 0x06, 0},           // 16-bit load
        {0x34, 0, 0x06, 0},           // division by zero
        {0x64, 32, 0x06, 0},          // shift by 32
        {0x60, 16, 0x06, 0},          // scratch memory past the end
        {0x60, 2, 0x06, 0},           // scratch memory that was never written
        {0x02, 1, 0x61, 2, 0x06, 0},  // and by X
        {0x05, 1, 0x06, 0},           // jump past the end
        {0x05, -1, 0x06, 0},          // jump backwards
        {0x06, 0, 0x00, 0}}) {        // no return at the end
      assertThatThrownBy(() -> run(program)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Interpreter.Result run(int... codesAndConstants) {
    var insns = new ArrayList<Insn>();
    for (int i = 0; i < codesAndConstants.length; i += 2) {
      insns.add(new Insn(codesAndConstants[i], 0, 0, codesAndConstants[i + 1]));
    }
    return Interpreter.run(new Filter(insns, false), 11, 22, 33, new long[] {0x0123456789abcdefL, 0, 0, 0, 0, 0});
  }
}
