package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import dev.warder.catalog.Arch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Tells whether a filter may let a call through, whatever its arguments: both ways of a test on one are followed.
///
/// It errs on the side of yes, for a filter of other instructions than [FilterCompiler]'s or of tests that no argument
/// passes together.
public final class Reach {
  /// In place of a value of the accumulator that depends on an argument.
  private static final long UNKNOWN = -1;

  private final List<Insn> insns;
  private final int auditArch;
  private final int number;
  private final Set<Long> seen = new HashSet<>();

  private Reach(Filter filter, int auditArch, int number) {
    this.insns = filter.insns();
    this.auditArch = auditArch;
    this.number = number;
  }

  /// Whether a call by this ABI may be made, asked about, or traced.
  ///
  /// @param number as in `seccomp_data.nr`
  public static boolean mayLetThrough(Filter filter, Arch arch, int number) {
    return new Reach(filter, arch.auditArch(), number).from(0, UNKNOWN);
  }

  /// @param a the accumulator, 32 bits, or [#UNKNOWN]
  private boolean from(int start, long a) {
    for (int at = start; seen.add((long) at << 33 | a + 1); at++) {
      Insn insn = insns.get(at);
      switch (insn.code() & 7) {
        case BPF_RET -> {
          return insn.code() != (BPF_RET | BPF_K) || letsThrough(insn.k());
        }
        case BPF_JMP -> {
          if (insn.code() == (BPF_JMP | BPF_JA)) {
            at += insn.k();
          } else if (a == UNKNOWN || (insn.code() & BPF_X) != 0) {
            return from(at + 1 + insn.jt(), a) || from(at + 1 + insn.jf(), a);
          } else {
            at += holds(insn, (int) a) ? insn.jt() : insn.jf();
          }
        }
        default -> a = after(insn, a);
      }
    }
    return false;
  }

  private long after(Insn insn, long a) {
    return switch (insn.code()) {
      case BPF_LD | BPF_W | BPF_ABS -> switch (insn.k()) {
        case SeccompH.NR -> Integer.toUnsignedLong(number);
        case SeccompH.ARCH -> Integer.toUnsignedLong(auditArch);
        default -> UNKNOWN;
      };
      case BPF_ALU | BPF_AND | BPF_K -> a == UNKNOWN ? UNKNOWN : a & Integer.toUnsignedLong(insn.k());
      case BPF_ST, BPF_STX, BPF_MISC | BPF_TAX -> a;
      default -> UNKNOWN;
    };
  }

  private static boolean holds(Insn insn, int a) {
    return switch (insn.code() & 0xF0) {
      case BPF_JEQ -> a == insn.k();
      case BPF_JGT -> Integer.compareUnsigned(a, insn.k()) > 0;
      case BPF_JGE -> Integer.compareUnsigned(a, insn.k()) >= 0;
      default -> (a & insn.k()) != 0;                       // BPF_JSET
    };
  }

  private static boolean letsThrough(int value) {
    return switch (value & SeccompH.SECCOMP_RET_ACTION_FULL) {
      case SeccompH.SECCOMP_RET_ALLOW, SeccompH.SECCOMP_RET_LOG, SeccompH.SECCOMP_RET_TRACE,
          SeccompH.SECCOMP_RET_USER_NOTIF -> true;
      default -> false;
    };
  }
}
