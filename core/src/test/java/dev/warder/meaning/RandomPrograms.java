package dev.warder.meaning;

import static dev.warder.filter.BpfH.*;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.filter.KernelCheck;
import dev.warder.filter.SeccompH;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Draws programs of every instruction that seccomp accepts, and calls that their constants are near to.
final class RandomPrograms {
  private static final int[] VALUES = {0, 1, 2, 3, 7, 8, 16, 31, 32, 0xff, 0xffff, 0x10000, 0x40000000, 0x7fffffff,
      0x80000000, -1, -2, 0xC000003E, 0x40000003};
  private static final int[] RETURNS = {SeccompH.SECCOMP_RET_ALLOW, SeccompH.SECCOMP_RET_KILL_PROCESS,
      SeccompH.SECCOMP_RET_ERRNO | 1, SeccompH.SECCOMP_RET_ERRNO | 0xffff, SeccompH.SECCOMP_RET_TRACE | 7,
      SeccompH.SECCOMP_RET_TRAP, 0, 0x12345678, SeccompH.SECCOMP_RET_LOG | 5};
  private static final int[] OPERATIONS =
      {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_NEG, BPF_XOR};
  private static final int[] JUMPS = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};

  private final Random random;

  RandomPrograms(Random random) {
    this.random = random;
  }

  /// @param arithmetic how many of 16 instructions compute
  Filter program(int length, int arithmetic) {
    while (true) {
      var insns = new ArrayList<Insn>();
      for (int i = 0; i < length; i++) {
        insns.add(insn(length - i, arithmetic));
      }
      insns.add(new Insn(BPF_RET | BPF_K, 0, 0, pick(RETURNS)));
      if (KernelCheck.problem(insns).isEmpty()) {
        return new Filter(insns, random.nextInt(4) == 0);
      }
    }
  }

  private Insn insn(int left, int arithmetic) {
    if (random.nextInt(16) < arithmetic) {
      return computing();
    }
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> new Insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 * random.nextInt(16));
      case 3 -> new Insn(random.nextInt(8) == 0 ? BPF_RET | BPF_A : BPF_RET | BPF_K, 0, 0, pick(RETURNS));
      case 4 -> new Insn(BPF_JMP | BPF_JA, 0, 0, random.nextInt(Math.min(left, 4)));
      default -> new Insn(BPF_JMP | pick(JUMPS) | (random.nextInt(6) == 0 ? BPF_X : BPF_K),
          random.nextInt(Math.min(left, 8)), random.nextInt(Math.min(left, 8)), pick(VALUES));
    };
  }

  private Insn computing() {
    int cell = random.nextInt(3);
    return switch (random.nextInt(8)) {
      case 0 -> new Insn(random.nextBoolean() ? BPF_ST : BPF_STX, 0, 0, cell);
      case 1 -> new Insn(random.nextBoolean() ? BPF_LD | BPF_MEM : BPF_LDX | BPF_MEM, 0, 0, cell);
      case 2 -> new Insn(BPF_MISC | (random.nextBoolean() ? BPF_TAX : BPF_TXA), 0, 0, 0);
      case 3 -> new Insn(random.nextBoolean() ? BPF_LDX | BPF_IMM : BPF_LDX | BPF_W | BPF_LEN, 0, 0, pick(VALUES));
      default -> operation();
    };
  }

  private Insn operation() {
    int operation = pick(OPERATIONS);
    if (operation == BPF_NEG) {
      return new Insn(BPF_ALU | BPF_NEG, 0, 0, 0);
    }
    boolean shift = operation == BPF_LSH || operation == BPF_RSH;
    if (random.nextInt(4) == 0) {
      return new Insn(BPF_ALU | operation | BPF_X, 0, 0, 0);
    }
    int k = shift ? random.nextInt(32) : operation == BPF_DIV ? 1 + random.nextInt(9) : pick(VALUES);
    return new Insn(BPF_ALU | operation | BPF_K, 0, 0, k);
  }

  private int pick(int[] values) {
    return values[random.nextInt(values.length)];
  }

  private int value() {
    return pick(VALUES) + (random.nextInt(8) == 0 ? random.nextInt(3) - 1 : 0);
  }

  Example call() {
    var args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = (long) value() << 32 | value() & 0xFFFFFFFFL;
    }
    int arch = random.nextInt(4) == 0 ? value() : Arch.values()[random.nextInt(3)].auditArch();
    return new Example(arch, value(), Set.of(), args, (long) value() << 32 | value() & 0xFFFFFFFFL);
  }

  /// The program with one number changed.
  Filter changed(Filter filter) {
    while (true) {
      var insns = new ArrayList<>(filter.insns());
      int at = random.nextInt(insns.size());
      Insn insn = insns.get(at);
      insns.set(at, switch (random.nextInt(3)) {
        case 0 -> new Insn(insn.code(), insn.jt(), insn.jf(), insn.k() ^ 1 << random.nextInt(32));
        case 1 -> new Insn(insn.code(), insn.jf(), insn.jt(), insn.k());
        default -> new Insn(insn.code(), insn.jt() ^ 1, insn.jf(), insn.k());
      });
      if (KernelCheck.problem(List.copyOf(insns)).isEmpty()) {
        return new Filter(insns, filter.bigEndian());
      }
    }
  }
}
