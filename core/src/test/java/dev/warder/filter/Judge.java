package dev.warder.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Tells whether two programs of the compiler's kind do the same, by running both, and nothing else.
///
/// Such programs compare fields with constants, perhaps under a mask, and do no more. So a field's values fall into
/// classes that no test of either program tells apart, and one value of each class is enough. For tests without a mask
/// these are each constant and its neighbours, so there the answer is exact. For tests under a mask there are too many;
/// taken are also those with one bit turned round, nothing, all and each bit of the mask, and all outside of it.
///
/// All architectures and numbers of either program are run, and for those that read arguments all values of each field
/// that the path reads, together with a choice of values for the others.
final class Judge {
  private static final int FIELDS = 16;

  private final Filter filter;

  Judge(Filter filter) {
    this.filter = filter;
  }

  /// A call that the two answer differently; null if there is none.
  String difference(Filter mutant) {
    if (KernelCheck.problem(mutant.insns()).isPresent()) {
      return "not acceptable to the kernel";
    }
    List<SortedSet<Integer>> values = values(mutant);
    var data = new int[FIELDS];
    for (int arch : values.get(1)) {
      for (int number : values.get(0)) {
        Arrays.fill(data, 0);
        data[0] = number;
        data[1] = arch;
        String found = difference(mutant, data, values, new ArrayList<>());
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /// Runs both; then, for each field they read here, all its values, and the same for each of those.
  private String difference(Filter mutant, int[] data, List<SortedSet<Integer>> values, List<Integer> set) {
    Run mine = Run.of(filter, data);
    Run other = Run.of(mutant, data);
    if (mine.value != other.value) {
      return Arrays.toString(data) + " gives " + mine.value + " and " + other.value;
    }
    int reads = (mine.reads | other.reads) & ~3;
    for (int field = 2; field < FIELDS; field++) {
      if ((reads & 1 << field) != 0 && !set.contains(field) && set.size() < 4) {
        set.add(field);
        int before = data[field];
        for (int value : values.get(field)) {
          data[field] = value;
          String found = difference(mutant, data, values, set);
          if (found != null) {
            return found;
          }
        }
        data[field] = before;
        set.removeLast();
        return null;                                                // the others are set below this one
      }
    }
    return null;
  }

  private List<SortedSet<Integer>> values(Filter mutant) {
    var values = new ArrayList<SortedSet<Integer>>();
    for (int field = 0; field < FIELDS; field++) {
      values.add(new TreeSet<>(List.of(0, -1)));
    }
    addConstants(filter, values);
    addConstants(mutant, values);
    return values;
  }

  /// Adds each constant to the fields that it may be compared with, by any path.
  private static void addConstants(Filter filter, List<SortedSet<Integer>> values) {
    List<Insn> insns = filter.insns();
    var held = new int[insns.size()];                               // fields that A may hold, a bit for each
    var masks = new int[insns.size()];                              // and the mask it may be under
    Arrays.fill(masks, -1);
    for (int at = 0; at < held.length; at++) {
      Insn insn = insns.get(at);
      boolean load = insn.code() == (BpfH.BPF_LD | BpfH.BPF_W | BpfH.BPF_ABS);
      int fields = load ? 1 << insn.k() / 4 : held[at];
      int mask = load ? -1 : (insn.code() & 7) == BpfH.BPF_ALU ? insn.k() : masks[at];
      if ((insn.code() & 7) == BpfH.BPF_JMP) {
        for (int field = 0; field < FIELDS; field++) {
          if ((held[at] & 1 << field) != 0) {
            add(insn, masks[at], field, values);
          }
        }
        boolean always = insn.code() == (BpfH.BPF_JMP | BpfH.BPF_JA);
        reach(at + 1 + (always ? insn.k() : insn.jt()), fields, mask, held, masks);
        reach(at + 1 + (always ? insn.k() : insn.jf()), fields, mask, held, masks);
      } else if ((insn.code() & 7) != BpfH.BPF_RET) {
        reach(at + 1, fields, mask, held, masks);
      }
    }
  }

  private static void reach(int at, int fields, int mask, int[] held, int[] masks) {
    held[at] |= fields;
    masks[at] &= mask;
  }

  private static void add(Insn insn, int mask, int field, List<SortedSet<Integer>> values) {
    SortedSet<Integer> set = values.get(field);
    int k = insn.k();
    boolean bits = (insn.code() & 0xF0) == BpfH.BPF_JSET;
    if (!bits) {
      set.addAll(List.of(k - 1, k, k + 1));
    }
    if (bits || mask != -1) {
      int tested = bits ? k : mask;
      set.addAll(List.of(tested, ~tested, k | ~mask, k & mask));
      for (int bit = 0; bit < 32; bit++) {
        set.add(tested & 1 << bit);
        set.add(k ^ 1 << bit);
        set.add(k - 1 ^ 1 << bit);
      }
    }
  }

  /// What one program answers, and which fields it loads on the way, a bit for each.
  private static final class Run {
    int value;
    int reads;

    static Run of(Filter filter, int[] data) {
      var run = new Run();
      var args = new long[6];
      boolean big = filter.bigEndian();
      for (int i = 0; i < 6; i++) {
        args[i] = both(data[4 + 2 * i], data[5 + 2 * i], big);
      }
      var result = Interpreter.runChecked(filter, data[0], data[1], both(data[2], data[3], big), args);
      run.value = result.value();
      for (int at : result.path()) {
        Insn insn = filter.insns().get(at);
        if (insn.code() == (BpfH.BPF_LD | BpfH.BPF_W | BpfH.BPF_ABS)) {
          run.reads |= 1 << insn.k() / 4;
        }
      }
      return run;
    }

    private static long both(int first, int second, boolean bigEndian) {
      return Bits.unsigned(bigEndian ? second : first) | Bits.unsigned(bigEndian ? first : second) << 32;
    }
  }
}
