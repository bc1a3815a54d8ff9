package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import java.util.ArrayList;
import java.util.List;

/// Runs a filter as the kernel would, any filter that it accepts.
///
/// Source: seccomp(2), man-pages 6.9; `kernel/seccomp.c` and `net/core/filter.c`, Linux 7.3. A division by zero ends
/// the filter with 0, which kills the thread; a shift by X uses its low five bits, as the translation to eBPF does.
public final class Interpreter {
  private final List<Insn> insns;

  private int a;
  private int x;
  private final int[] memory = new int[BPF_MEMWORDS];

  /// What a filter answers.
  ///
  /// @param value the 32 bits it returns, see [ReturnValue]
  /// @param path the instructions executed, by their place in the filter, the return included
  public record Result(int value, List<Integer> path) {
    public Result {
      path = List.copyOf(path);
    }

    /// Instructions executed.
    public int executed() {
      return path.size();
    }
  }

  private Interpreter(Filter filter) {
    insns = filter.insns();
  }

  /// Runs the filter on one system call.
  ///
  /// @param number as in `seccomp_data.nr`
  /// @param auditArch as in `seccomp_data.arch`
  /// @param args six argument registers
  /// @throws IllegalArgumentException if the kernel would not accept the filter
  public static Result run(Filter filter, int number, int auditArch, long instructionPointer, long[] args) {
    KernelCheck.problem(filter.insns()).ifPresent(problem -> {
      throw new IllegalArgumentException(problem);
    });
    return runChecked(filter, number, auditArch, instructionPointer, args);
  }

  /// The same, for a filter that is known to be acceptable.
  static Result runChecked(Filter filter, int number, int auditArch, long instructionPointer, long[] args) {
    return new Interpreter(filter).run(data(filter.bigEndian(), number, auditArch, instructionPointer, args));
  }

  /// `struct seccomp_data` as sixteen 32-bit fields.
  private static int[] data(boolean bigEndian, int number, int auditArch, long instructionPointer, long[] args) {
    var data = new int[SeccompH.DATA_SIZE / 4];
    data[0] = number;
    data[1] = auditArch;
    put(data, 2, instructionPointer, bigEndian);
    for (int i = 0; i < 6; i++) {
      put(data, 4 + 2 * i, args[i], bigEndian);
    }
    return data;
  }

  private static void put(int[] data, int at, long value, boolean bigEndian) {
    data[at] = (int) (bigEndian ? value >>> 32 : value);
    data[at + 1] = (int) (bigEndian ? value : value >>> 32);
  }

  private Result run(int[] data) {
    var path = new ArrayList<Integer>();
    for (int at = 0;; at++) {
      Insn insn = insns.get(at);
      int k = insn.k();
      path.add(at);
      switch (insn.code() & 7) {
        case BPF_LD -> a = load(insn, data, a);
        case BPF_LDX -> x = load(insn, data, x);
        case BPF_ST -> memory[k] = a;
        case BPF_STX -> memory[k] = x;
        case BPF_ALU -> {
          int operand = (insn.code() & BPF_X) != 0 ? x : k;
          if ((insn.code() & 0xF0) == BPF_DIV && operand == 0) {
            return new Result(0, path);
          }
          a = compute(insn.code() & 0xF0, a, operand);
        }
        case BPF_JMP -> at += skip(insn);
        case BPF_RET -> {
          return new Result((insn.code() & 0x18) == BPF_A ? a : k, path);
        }
        default -> misc(insn);
      }
    }
  }

  private int load(Insn insn, int[] data, int register) {
    return switch (insn.code() & 0xE0) {
      case BPF_ABS -> data[insn.k() / 4];
      case BPF_IMM -> insn.k();
      case BPF_MEM -> memory[insn.k()];
      case BPF_LEN -> SeccompH.DATA_SIZE;
      default -> register;
    };
  }

  private static int compute(int operation, int a, int operand) {
    return switch (operation) {
      case BPF_ADD -> a + operand;
      case BPF_SUB -> a - operand;
      case BPF_MUL -> a * operand;
      case BPF_DIV -> Integer.divideUnsigned(a, operand);
      case BPF_AND -> a & operand;
      case BPF_OR -> a | operand;
      case BPF_XOR -> a ^ operand;
      case BPF_LSH -> a << operand;
      case BPF_RSH -> a >>> operand;
      case BPF_NEG -> -a;
      default -> throw new IllegalStateException("unchecked operation " + operation);
    };
  }

  private int skip(Insn insn) {
    int operand = (insn.code() & BPF_X) != 0 ? x : insn.k();
    boolean holds = switch (insn.code() & 0xF0) {
      case BPF_JEQ -> a == operand;
      case BPF_JGT -> Integer.compareUnsigned(a, operand) > 0;
      case BPF_JGE -> Integer.compareUnsigned(a, operand) >= 0;
      case BPF_JSET -> (a & operand) != 0;
      default -> false;
    };
    if ((insn.code() & 0xF0) == BPF_JA) {
      return insn.k();
    }
    return holds ? insn.jt() : insn.jf();
  }

  private void misc(Insn insn) {
    if (insn.code() == (BPF_MISC | BPF_TAX)) {
      x = a;
    } else {
      a = x;
    }
  }
}
