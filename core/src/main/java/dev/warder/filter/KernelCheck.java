package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What the kernel demands of a filter before it accepts it.
///
/// Source: `bpf_check_classic` and `check_load_and_stores` in `net/core/filter.c`, `seccomp_check_filter` in
/// `kernel/seccomp.c`, Linux 7.3.
public final class KernelCheck {
  private KernelCheck() {}

  /// Why the kernel would answer `EINVAL`; empty if it would not. Begins with `instruction N` where one is to blame.
  public static Optional<String> problem(List<Insn> insns) {
    Optional<String> shape = shape(insns);
    return shape.isPresent() ? shape : memory(insns);
  }

  /// Scratch memory must be written on every way to where it is read.
  private static Optional<String> memory(List<Insn> insns) {
    var written = new int[insns.size()];
    Arrays.fill(written, -1);
    int here = 0;
    for (int at = 0; at < written.length; at++) {
      Insn insn = insns.get(at);
      here &= written[at];
      switch (insn.code()) {
        case BPF_ST, BPF_STX -> here |= 1 << insn.k();
        case BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM -> {
          if ((here & 1 << insn.k()) == 0) {
            return Optional.of("instruction " + at + " reads M[" + insn.k() + "], which may not be written yet");
          }
        }
        case BPF_JMP | BPF_JA -> {
          written[at + 1 + insn.k()] &= here;
          here = -1;
        }
        default -> {
          if ((insn.code() & 7) == BPF_JMP) {
            written[at + 1 + insn.jt()] &= here;
            written[at + 1 + insn.jf()] &= here;
            here = -1;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> shape(List<Insn> insns) {
    int size = insns.size();
    for (int at = 0; at < size; at++) {
      Insn insn = insns.get(at);
      if (!accepts(insn)) {
        return Optional.of("instruction " + at + " is none that seccomp accepts: " + insn);
      }
      if ((insn.code() & 7) == BPF_JMP && leaves(insn, size - at - 1)) {
        return Optional.of("instruction " + at + " jumps out of the filter: " + insn);
      }
    }
    boolean returns = size > 0 && (insns.getLast().code() & 7) == BPF_RET;
    return returns ? Optional.empty() : Optional.of("instruction " + (size - 1) + " is the last and does not return");
  }

  private static boolean leaves(Insn insn, int following) {
    if (insn.code() == (BPF_JMP | BPF_JA)) {
      return Integer.compareUnsigned(insn.k(), following) >= 0;
    }
    return insn.jt() >= following || insn.jf() >= following;
  }

  private static boolean accepts(Insn insn) {
    int k = insn.k();
    return switch (insn.code()) {
      case BPF_LD | BPF_W | BPF_ABS -> k >= 0 && k < SeccompH.DATA_SIZE && k % 4 == 0;
      case BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM -> true;
      case BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_ST, BPF_STX -> k >= 0 && k < BPF_MEMWORDS;
      case BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_RET | BPF_K, BPF_RET | BPF_A -> true;
      case BPF_ALU | BPF_DIV | BPF_K -> k != 0;
      case BPF_ALU | BPF_LSH | BPF_K, BPF_ALU | BPF_RSH | BPF_K -> k >= 0 && k < 32;
      case BPF_ALU | BPF_ADD | BPF_K, BPF_ALU | BPF_ADD | BPF_X, BPF_ALU | BPF_SUB | BPF_K, BPF_ALU | BPF_SUB | BPF_X,
          BPF_ALU | BPF_MUL | BPF_K, BPF_ALU | BPF_MUL | BPF_X, BPF_ALU | BPF_DIV | BPF_X,
          BPF_ALU | BPF_AND | BPF_K, BPF_ALU | BPF_AND | BPF_X, BPF_ALU | BPF_OR | BPF_K, BPF_ALU | BPF_OR | BPF_X,
          BPF_ALU | BPF_XOR | BPF_K, BPF_ALU | BPF_XOR | BPF_X, BPF_ALU | BPF_LSH | BPF_X, BPF_ALU | BPF_RSH | BPF_X,
          BPF_ALU | BPF_NEG -> true;
      case BPF_JMP | BPF_JA, BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JEQ | BPF_X, BPF_JMP | BPF_JGE | BPF_K,
          BPF_JMP | BPF_JGE | BPF_X, BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGT | BPF_X,
          BPF_JMP | BPF_JSET | BPF_K, BPF_JMP | BPF_JSET | BPF_X -> true;
      default -> false;
    };
  }
}
