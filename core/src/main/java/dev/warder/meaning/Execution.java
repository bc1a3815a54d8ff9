package dev.warder.meaning;

import static dev.warder.filter.BpfH.*;

import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.filter.SeccompH;
import java.util.BitSet;
import java.util.List;

/// Runs a program on all calls at once: registers hold functions of the call, and each instruction has the set of calls
/// that come to it.
///
/// Jumps go forward only, so one pass in the order of the program does it: where ways meet, registers are joined, and no
/// way is followed twice. Any program that the kernel accepts is followed exactly, arithmetic and scratch memory too.
final class Execution {
  private final Diagrams diagrams;
  private final List<Insn> insns;
  private final boolean bigEndian;
  private final int[] reached;
  /// Before each instruction: A, X and the scratch memory; null where it is not needed from there on.
  private final Word[][] states;
  private final long[] live;
  private int result;

  private static final int A = 0;
  private static final int X = 1;
  private static final int MEMORY = 2;
  private static final int REGISTERS = MEMORY + BPF_MEMWORDS;

  private Execution(Diagrams diagrams, Filter filter) {
    this.diagrams = diagrams;
    this.insns = filter.insns();
    this.bigEndian = filter.bigEndian();
    this.reached = new int[insns.size()];
    this.states = new Word[insns.size()][];
    this.live = new long[insns.size() + 1];
    this.result = diagrams.value(SeccompH.SECCOMP_RET_KILL_PROCESS);
  }

  /// What the program answers, and the instructions that some call comes to.
  ///
  /// @param answers a function of the bits of a call
  record Outcome(int answers, BitSet reached) {}

  /// @param filter one that the kernel accepts
  /// @throws TooComplexException naming the instruction at which it got too much
  static Outcome run(Diagrams diagrams, Filter filter) {
    return new Execution(diagrams, filter).run();
  }

  private Outcome run() {
    for (int at = insns.size() - 1; at >= 0; at--) {
      live[at] = live(at);
    }
    reached[0] = Diagrams.TRUE;
    states[0] = new Word[REGISTERS];
    states[0][A] = Word.constant(diagrams, 0);
    states[0][X] = states[0][A];
    var visited = new BitSet();
    for (int at = 0; at < insns.size(); at++) {
      if (reached[at] != Diagrams.FALSE) {
        visited.set(at);
        try {
          step(at);
        } catch (TooComplexException e) {
          throw new TooComplexException("instruction " + at + " " + e.getMessage());
        }
        states[at] = null;
      }
    }
    return new Outcome(result, visited);
  }

  /// The registers that are read at an instruction or later, before they are written; a bit for each.
  private long live(int at) {
    Insn insn = insns.get(at);
    int code = insn.code();
    long a = 1L << A;
    long x = 1L << X;
    long cell = insn.k() >= 0 && insn.k() < BPF_MEMWORDS ? 1L << MEMORY + insn.k() : 0;
    boolean usesX = (code & BPF_X) != 0;
    return switch (code & 7) {
      case BPF_LD -> live[at + 1] & ~a | ((code & 0xE0) == BPF_MEM ? cell : 0);
      case BPF_LDX -> live[at + 1] & ~x | ((code & 0xE0) == BPF_MEM ? cell : 0);
      case BPF_ST -> live[at + 1] & ~cell | a;
      case BPF_STX -> live[at + 1] & ~cell | x;
      case BPF_ALU -> live[at + 1] | a | (usesX ? x : 0);
      case BPF_JMP -> code == (BPF_JMP | BPF_JA)
          ? live[at + 1 + insn.k()]
          : live[at + 1 + insn.jt()] | live[at + 1 + insn.jf()] | a | (usesX ? x : 0);
      case BPF_RET -> (code & 0x18) == BPF_A ? a : 0;
      default -> code == (BPF_MISC | BPF_TAX) ? live[at + 1] & ~x | a : live[at + 1] & ~a | x;
    };
  }

  private void step(int at) {
    Insn insn = insns.get(at);
    Word[] state = states[at];
    int here = reached[at];
    switch (insn.code() & 7) {
      case BPF_LD -> pass(at + 1, here, with(state, A, load(insn, state)));
      case BPF_LDX -> pass(at + 1, here, with(state, X, load(insn, state)));
      case BPF_ST -> pass(at + 1, here, with(state, MEMORY + insn.k(), state[A]));
      case BPF_STX -> pass(at + 1, here, with(state, MEMORY + insn.k(), state[X]));
      case BPF_ALU -> compute(at, insn, state);
      case BPF_JMP -> jump(at, insn, state);
      case BPF_RET -> end(here, (insn.code() & 0x18) == BPF_A ? state[A] : constant(insn.k()));
      default -> {
        boolean tax = insn.code() == (BPF_MISC | BPF_TAX);
        pass(at + 1, here, with(state, tax ? X : A, tax ? state[A] : state[X]));
      }
    }
  }

  private Word constant(int value) {
    return Word.constant(diagrams, value);
  }

  private static Word[] with(Word[] state, int register, Word word) {
    Word[] copy = state.clone();
    copy[register] = word;
    return copy;
  }

  private Word load(Insn insn, Word[] state) {
    return switch (insn.code() & 0xE0) {
      case BPF_ABS -> Word.field(diagrams, Bits.loaded(insn.k(), bigEndian));
      case BPF_MEM -> state[MEMORY + insn.k()];
      case BPF_LEN -> constant(SeccompH.DATA_SIZE);
      default -> constant(insn.k());
    };
  }

  private void compute(int at, Insn insn, Word[] state) {
    Word a = state[A];
    Word operand = (insn.code() & BPF_X) != 0 ? state[X] : constant(insn.k());
    int here = reached[at];
    int operation = insn.code() & 0xF0;
    if (operation == BPF_DIV) {
      int divides = operand.any();
      end(diagrams.and(here, diagrams.not(divides)), constant(0));  // as the kernel ends a division by zero
      here = diagrams.and(here, divides);
    }
    Word computed = (live[at + 1] & 1L << A) == 0 ? null : switch (operation) {
      case BPF_ADD -> a.plus(operand);
      case BPF_SUB -> a.minus(operand);
      case BPF_MUL -> a.times(operand);
      case BPF_DIV -> a.dividedBy(operand);
      case BPF_AND -> a.and(operand);
      case BPF_OR -> a.or(operand);
      case BPF_XOR -> a.xor(operand);
      case BPF_LSH -> a.shifted(operand, true);
      case BPF_RSH -> a.shifted(operand, false);
      case BPF_NEG -> a.negated();
      default -> throw new IllegalStateException("unchecked instruction " + insn);
    };
    pass(at + 1, here, with(state, A, computed));
  }

  private void jump(int at, Insn insn, Word[] state) {
    if (insn.code() == (BPF_JMP | BPF_JA)) {
      pass(at + 1 + insn.k(), reached[at], state);
      return;
    }
    Word operand = (insn.code() & BPF_X) != 0 ? state[X] : constant(insn.k());
    int test = switch (insn.code() & 0xF0) {
      case BPF_JEQ -> state[A].equal(operand);
      case BPF_JGE -> state[A].atLeast(operand);
      case BPF_JGT -> diagrams.not(operand.atLeast(state[A]));
      default -> state[A].and(operand).any();
    };
    pass(at + 1 + insn.jt(), diagrams.and(reached[at], test), state);
    pass(at + 1 + insn.jf(), diagrams.and(reached[at], diagrams.not(test)), state);
  }

  /// These calls go on at `to`.
  private void pass(int to, int calls, Word[] state) {
    if (calls == Diagrams.FALSE) {
      return;
    }
    Word[] joined = new Word[REGISTERS];
    for (int i = 0; i < REGISTERS; i++) {
      if ((live[to] & 1L << i) != 0) {
        boolean first = reached[to] == Diagrams.FALSE || states[to][i] == state[i];
        joined[i] = first ? state[i] : state[i].choose(calls, states[to][i]);
      }
    }
    states[to] = joined;
    reached[to] = diagrams.or(reached[to], calls);
  }

  /// The program ends for these calls.
  private void end(int calls, Word value) {
    if (calls != Diagrams.FALSE) {
      result = diagrams.choose(calls, values(value, 31, 0, calls), result);
    }
  }

  /// The values of a word, as far as the kernel tells them apart.
  ///
  /// @param left the bits not read yet, less one
  /// @param read the bits above
  /// @param calls for which it counts
  private int values(Word word, int left, int read, int calls) {
    boolean known = left < 0 || left < 16 && !Answer.hasData(Answer.of(read) & SeccompH.SECCOMP_RET_ACTION_FULL);
    if (known) {
      return diagrams.value(Answer.of(read));
    }
    int set = diagrams.and(calls, word.bit(left));
    int clear = diagrams.and(calls, diagrams.not(word.bit(left)));
    if (set == Diagrams.FALSE) {
      return values(word, left - 1, read, clear);
    }
    int high = values(word, left - 1, read | 1 << left, set);
    return clear == Diagrams.FALSE ? high : diagrams.choose(word.bit(left), high, values(word, left - 1, read, clear));
  }
}
