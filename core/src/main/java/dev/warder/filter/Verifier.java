package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Proves that a filter does what its policy decides, for every value of every field.
///
/// The calls are cut into classes with one decision: an architecture, or all that are not listed, and a range of
/// numbers. For each class program and decision ([Expected]) run side by side, not on values but on what is known of
/// each field ([FieldSet]). A test that both outcomes are possible for forks the run; so every path that some call can
/// take is followed, and no other. At a return the decision must agree. A state met before, in the fields that
/// still matter, is not followed again.
///
/// Known weakness: no arithmetic, no X register and no scratch memory, which the compiler never uses. A program that
/// does, or that needs more than [#BUDGET] steps, is reported as different: what is not proven is refused.
public final class Verifier {
  private static final long ALL = 0xFFFFFFFFL;
  private static final long X32 = 0x40000000L;
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 1;
  private static final int FIELDS = 16;
  private static final int MOST_DIFFERENCES = 16;
  /// Instructions followed over all classes.
  private static final int BUDGET = 10_000_000;

  private final Insn[] insns;
  /// The fields that are loaded at an instruction or later, a bit for each.
  private final int[] reads;
  private final List<Difference> differences = new ArrayList<>();
  private final Set<State> seen = new HashSet<>();
  private int steps;

  /// A class of calls for which filter and policy differ, or for which they could not be proved equal.
  ///
  /// @param calls an architecture and a range of numbers
  /// @param what the returned and the expected value, or the instruction that cannot be followed
  public record Difference(String calls, String what) {}

  private Verifier(Filter filter) {
    insns = filter.insns().toArray(new Insn[0]);
    reads = new int[insns.length];
    for (int at = insns.length - 1; at >= 0; at--) {
      reads[at] = readsFrom(at);
    }
  }

  /// Where the filter does something else than the resolutions say. Empty: proved, for every call there is.
  ///
  /// @param foreign what every architecture or ABI without a resolution must get
  public static List<Difference> verify(Filter filter, List<Resolution> resolutions, Action foreign) {
    Optional<String> problem = KernelCheck.problem(filter.insns());
    if (problem.isPresent()) {
      return List.of(new Difference("all calls", problem.get()));
    }
    if (filter.bigEndian() != resolutions.getFirst().arch().bigEndian()) {
      return List.of(new Difference("all calls", "byte order of another architecture"));
    }
    var verifier = new Verifier(filter);
    verifier.verify(resolutions, Expected.of(ReturnValue.of(foreign, resolutions.getFirst().arch())));
    return List.copyOf(verifier.differences);
  }

  private void verify(List<Resolution> resolutions, Expected foreign) {
    FieldSet others = FieldSet.ANY;
    boolean x86 = false;
    boolean x32 = false;
    for (Resolution resolution : resolutions) {
      Arch arch = resolution.arch();
      x86 |= arch == Arch.X86_64;
      x32 |= arch == Arch.X32;
      long audit = Bits.unsigned(arch.auditArch());
      long first = arch == Arch.X32 ? X32 : 0;
      long last = arch == Arch.X86_64 ? X32 - 1 : ALL;
      numbers(resolution, FieldSet.ANY.within(ALL, audit, audit), first, last);
      others = arch == Arch.X32 && x86 || arch == Arch.X86_64 && x32 ? others : others.outside(ALL, audit, audit);
    }
    if (x86 != x32) {
      long audit = Bits.unsigned(Arch.X86_64.auditArch());
      prove(x86 ? "x32" : "x86_64", FieldSet.ANY.within(ALL, audit, audit), x86 ? X32 : 0, x86 ? ALL : X32 - 1, foreign);
    }
    prove("every other architecture", others, 0, ALL, foreign);
  }

  /// Proves the numbers of one resolution, a run of equal decisions at a time.
  private void numbers(Resolution resolution, FieldSet architecture, long first, long last) {
    String name = resolution.arch().label();
    long[] edges = edges(resolution, first, last);
    long from = first;
    Expected expected = null;
    for (long edge : edges) {
      Expected next = Expected.of(resolution.decide((int) edge), resolution.arch());
      boolean same = expected != null && expected.end() && next.end() && expected.value == next.value;
      if (!same) {
        if (expected != null) {
          prove(name, architecture, from, edge - 1, expected);
        }
        from = edge;
        expected = next;
      }
    }
    prove(name, architecture, from, last, expected);
  }

  /// Every number from `first` to `last` whose decision may be another than that of the number before it, ascending.
  private static long[] edges(Resolution resolution, long first, long last) {
    var edges = new long[2 * resolution.decisions().size() + 2];
    int size = insert(edges, 0, first);
    for (int number : resolution.decisions().keySet()) {
      size = insert(edges, size, Math.clamp(Bits.unsigned(number), first, last));
      size = insert(edges, size, Math.clamp(Bits.unsigned(number) + 1, first, last));
    }
    size = insert(edges, size, Math.clamp(Bits.unsigned(resolution.newest()) + 1, first, last));
    return Arrays.copyOf(edges, size);
  }

  /// Inserts into an ascending array, which most edges end; sorting it would load a dozen classes for it.
  private static int insert(long[] ascending, int size, long edge) {
    int at = size;
    while (at > 0 && ascending[at - 1] > edge) {
      at--;
    }
    if (at > 0 && ascending[at - 1] == edge) {
      return size;
    }
    System.arraycopy(ascending, at, ascending, at + 1, size - at);
    ascending[at] = edge;
    return size + 1;
  }

  private void prove(String name, FieldSet architecture, long first, long last, Expected expected) {
    var known = new FieldSet[FIELDS];
    Arrays.fill(known, FieldSet.ANY);
    known[ARCHITECTURE] = architecture;
    known[NUMBER] = FieldSet.ANY.within(ALL, first, last);
    seen.clear();
    int before = differences.size();
    follow(0, -1, 0, expected, known);
    for (int i = before; i < differences.size(); i++) {
      differences.set(i, new Difference(name + " " + first + " to " + last, differences.get(i).what()));
    }
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
      if (++steps > BUDGET) {
        differ("not proved in " + BUDGET + " steps");
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
          FieldSet yes = holds(insn, k, mask, known[field]);
          FieldSet no = fails(insn, k, mask, known[field]);
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
          at += 1 + (no == null ? insn.jt() : insn.jf());
        }
        default -> {
          differ("instruction " + at + " cannot be followed: " + insn);
          return;
        }
      }
    }
  }

  private static FieldSet holds(Insn insn, long k, long mask, FieldSet field) {
    return switch (insn.code() & 0xF0) {
      case BPF_JEQ -> field.within(mask, k, k);
      case BPF_JGT -> field.within(mask, k + 1, ALL);
      case BPF_JGE -> field.within(mask, k, ALL);
      default -> field.within(mask & k, 1, ALL);
    };
  }

  private static FieldSet fails(Insn insn, long k, long mask, FieldSet field) {
    return switch (insn.code() & 0xF0) {
      case BPF_JEQ -> field.outside(mask, k, k);
      case BPF_JGT -> field.within(mask, 0, k);
      case BPF_JGE -> field.outside(mask, k, ALL);
      default -> field.within(mask & k, 0, 0);
    };
  }

  /// The program returns: the decision must agree wherever it may still go.
  private void end(int at, Expected expected, FieldSet[] known) {
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
      if (field.within(test.mask, test.first, test.last) == null) {
        test = test.no;
      } else if (field.outside(test.mask, test.first, test.last) == null) {
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
    differences.add(new Difference("", what));
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
