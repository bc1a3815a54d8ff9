package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import java.util.List;

/// The kernel's rule for the calls it lets through without running the filter.
///
/// When a filter is installed, the kernel runs it once for each number with nothing but number and architecture known.
/// A number that comes out as a plain allow is marked in a bitmap and runs no filter from then on.
///
/// Source: `seccomp_is_const_allow` in `kernel/seccomp.c`, Linux 7.3; since Linux 5.11.
public final class Bitmap {
  private Bitmap() {}

  /// Whether the kernel, from 5.11 on, would let the call through without running the filter.
  ///
  /// True says so for a kernel whose native or compat architecture this is and whose table holds the number; no kernel
  /// does it for x32 numbers.
  ///
  /// @param auditArch as in `seccomp_data.arch`
  /// @param number as in `seccomp_data.nr`
  public static boolean answers(Filter filter, int auditArch, int number) {
    if (Integer.compareUnsigned(number, SeccompH.X32_SYSCALL_BIT) >= 0) {
      return false;
    }
    List<Insn> insns = filter.insns();
    int a = 0;
    for (int at = 0; at < insns.size(); at++) {
      Insn insn = insns.get(at);
      int k = insn.k();
      switch (insn.code()) {
        case BPF_LD | BPF_W | BPF_ABS -> {
          if (k != SeccompH.NR && k != SeccompH.ARCH) {
            return false;
          }
          a = k == SeccompH.NR ? number : auditArch;
        }
        case BPF_RET | BPF_K -> {
          return k == SeccompH.SECCOMP_RET_ALLOW;
        }
        case BPF_JMP | BPF_JA -> at += k;
        case BPF_JMP | BPF_JEQ | BPF_K -> at += a == k ? insn.jt() : insn.jf();
        case BPF_JMP | BPF_JGE | BPF_K -> at += Integer.compareUnsigned(a, k) >= 0 ? insn.jt() : insn.jf();
        case BPF_JMP | BPF_JGT | BPF_K -> at += Integer.compareUnsigned(a, k) > 0 ? insn.jt() : insn.jf();
        case BPF_JMP | BPF_JSET | BPF_K -> at += (a & k) != 0 ? insn.jt() : insn.jf();
        case BPF_ALU | BPF_AND | BPF_K -> a &= k;
        default -> {
          return false;
        }
      }
    }
    return false;
  }
}
