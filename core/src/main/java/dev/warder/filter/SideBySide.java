package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Runs a program and a decision side by side, not on values but on what is known of each field ([FieldSet]).
///
/// A test that may hold and may fail forks the run; so every path that some call can take is followed, and no other. At
/// a return the decision must agree. A state met before, in the fields that still matter, is not followed again, so
/// that a condition on several arguments costs the sum of their tests, not the product.
///
/// Known weakness: no arithmetic, no X register and no scratch memory, which the compiler never uses. A program that
/// does, or that needs more than [#BUDGET] steps, is reported as different: what is not proven is refused.
final class SideBySide {
  private static final long ALL = 0xFFFFFFFFL;
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 1;
  private static final int FIELDS = 16;
  /// Differences that are looked for in one class of calls.
  private static final int MOST_DIFFERENCES = 4;
  /// Instructions and ends followed over all classes of one run.
  private static final int BUDGET = 10_000_000;

  private final Insn[] insns;
  /// The fields that are loaded at an instruction or later, a bit for each.
  private final int[] reads;
  private final Set<State> seen = new HashSet<>();
  private List<String> differences;
  private int steps;

  /// @param insns a program that [KernelCheck] accepts
  SideBySide(List<Insn> insns) {
    this.insns = insns.toArray(new Insn[0]);
    reads = new int[this.insns.length];
    for (int at = this.insns.length - 1; at >= 0; at--) {
      reads[at] = readsFrom(at);
    }
  }

  /// Where the program differs from the decision for these architectures and numbers; empty if it does not.
  List<String> differences(FieldSet architecture, FieldSet number, Expected expected) {
    var known = new FieldSet[FIELDS];
    Arrays.fill(known, FieldSet.ANY);
    known[ARCHITECTURE] = architecture;
    known[NUMBER] = number;
    differences = new ArrayList<>();
    seen.clear();
    follow(0, -1, 0, expected, known);
    return differences;
  }

  /// Follows program and decision from one state to all ends.
  ///
  /// @param at the next instruction
  /// @param field what A holds, counted from 0; -1 for nothing that could be followed
  /// @param mask the bits of the field that A holds
  private void follow(int at, int field, long mask, Expected expected, FieldSet[] known) {
    while (differences.size() < MOST_DIFFERENCES) {
      Insn insn = insns[at];
      long k = Bits.unsigned(insn.k());
      if (spent()) {
        return;
      }
      switch (insn.code()) {
        case BPF_LD | BPF_W | BPF_ABS -> {
          field = (int) k / 4;
          mask = ALL;
          at++;
        }
        case BPF_ALU | BPF_AND | BPF_K -> {
          mask &= k;
          at++;
        }
        case BPF_JMP | BPF_JA -> at += (int) k + 1;
        case BPF_RET | BPF_K -> {
          end(at, expected, known);
          return;
        }
        case BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGE | BPF_K,
            BPF_JMP | BPF_JSET | BPF_K -> {
          if (field < 0) {
            differ("instruction " + at + " tests A before it is loaded");
            return;
          }
          long bits = (insn.code() & 0xF0) == BPF_JSET ? mask & k : mask;
          long lowest = lowest(insn, k);
          long highest = (insn.code() & 0xF0) == BPF_JEQ ? k : ALL;
          int side = known[field].side(bits, lowest, highest);
          if (side == 0) {
            FieldSet yes = known[field].within(bits, lowest, highest);
            FieldSet no = known[field].outside(bits, lowest, highest);
            if (yes != null && no != null) {
              if (field > ARCHITECTURE) {
                expected = settle(expected, known);
                if (!first(at, field, mask, expected, known)) {
                  return;
                }
              }
              follow(at + 1 + insn.jt(), field, mask, expected, with(known, field, yes));
              known = with(known, field, no);
            }
            side = no == null ? 1 : -1;
          }
          at += 1 + (side > 0 ? insn.jt() : insn.jf());
        }
        default -> {
          differ("instruction " + at + " cannot be followed: " + insn);
          return;
        }
      }
    }
  }

  /// Whether the budget is, which is a difference.
  private boolean spent() {
    if (++steps > BUDGET) {
      differ("not proved in " + BUDGET + " steps");
    }
    return steps > BUDGET;
  }

  /// The lowest value for which a test holds.
  private static long lowest(Insn insn, long k) {
    return switch (insn.code() & 0xF0) {
      case BPF_JGT -> k + 1;
      case BPF_JSET -> 1;
      default -> k;
    };
  }

  /// The program returns: the decision must agree wherever it may still go.
  private void end(int at, Expected expected, FieldSet[] known) {
    if (spent()) {
      return;
    }
    Expected test = settle(expected, known);
    if (test.end()) {
      if (test.value != insns[at].k()) {
        differ("returns " + ReturnValue.render(insns[at].k()) + " at " + at + ", must be "
            + ReturnValue.render(test.value));
      }
    } else if (first(at, -1, 0, test, known) && differences.size() < MOST_DIFFERENCES) {
      FieldSet field = known[test.field];
      end(at, test.yes, with(known, test.field, field.within(test.mask, test.first, test.last)));
      end(at, test.no, with(known, test.field, field.outside(test.mask, test.first, test.last)));
    }
  }

  /// The decision without the tests at its head that are known to hold or to fail.
  private static Expected settle(Expected expected, FieldSet[] known) {
    Expected test = expected;
    while (!test.end()) {
      FieldSet field = known[test.field];
      int side = field.side(test.mask, test.first, test.last);
      if (side < 0 || side == 0 && field.within(test.mask, test.first, test.last) == null) {
        test = test.no;
      } else if (side > 0 || field.outside(test.mask, test.first, test.last) == null) {
        test = test.yes;
      } else {
        return test;
      }
    }
    return test;
  }

  /// Whether this state has not been followed yet.
  private boolean first(int at, int field, long mask, Expected expected, FieldSet[] known) {
    int matter = reads[at] | expected.reads | (field < 0 ? 0 : 1 << field);
    var relevant = known.clone();
    for (int i = 0; i < FIELDS; i++) {
      if ((matter & 1 << i) == 0) {
        relevant[i] = FieldSet.ANY;
      }
    }
    return seen.add(new State(at, field, mask, expected, relevant));
  }

  private static FieldSet[] with(FieldSet[] known, int field, FieldSet set) {
    var copy = known.clone();
    copy[field] = set;
    return copy;
  }

  private int readsFrom(int at) {
    Insn insn = insns[at];
    return switch (insn.code() & 7) {
      case BPF_RET -> 0;
      case BPF_JMP -> insn.code() == (BPF_JMP | BPF_JA)
          ? reads[at + 1 + insn.k()]
          : reads[at + 1 + insn.jt()] | reads[at + 1 + insn.jf()];
      default -> reads[at + 1] | (insn.code() == (BPF_LD | BPF_W | BPF_ABS) ? 1 << insn.k() / 4 : 0);
    };
  }

  private void differ(String what) {
    differences.add(what);
  }

  /// A point in both runs; equal when everything that can come from it is.
  private static final class State {
    private final int at;
    private final int field;
    private final long mask;
    private final Expected expected;
    private final FieldSet[] known;

    State(int at, int field, long mask, Expected expected, FieldSet[] known) {
      this.at = at;
      this.field = field;
      this.mask = mask;
      this.expected = expected;
      this.known = known;
    }

    @Override
    public int hashCode() {
      return 31 * (31 * (31 * at + field) + System.identityHashCode(expected)) + Arrays.hashCode(known);
    }

    @Override
    public boolean equals(Object object) {
      return object instanceof State other && at == other.at && field == other.field && mask == other.mask
          && expected == other.expected && Arrays.equals(known, other.known);
    }
  }
}
