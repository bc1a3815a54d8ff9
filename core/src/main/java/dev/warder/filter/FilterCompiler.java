package dev.warder.filter;

import static dev.warder.filter.SeccompH.ARCH;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Parts;
import dev.warder.policy.Resolution;
import java.util.List;

/// Compiles what a policy decides into one program for all its architectures.
///
/// The program asks for the architecture, then the number, then the arguments. Each question is a [SearchTree] over
/// runs of values with the same answer, and each tree is built after those it leads to.
///
/// Neither arguments nor anything but `JEQ`, `JGE` and `RET` with a constant stand before an unconditional end, so the
/// kernel answers every unconditional allow from its bitmap (see [Bitmap]).
public final class FilterCompiler {
  private final List<Resolution> resolutions;
  private final boolean bigEndian;
  private final Nodes nodes = new Nodes();
  private final NumberTables tables;
  private final Node foreign;

  private FilterCompiler(List<Resolution> resolutions, Action foreign, Weights weights) {
    this.resolutions = resolutions;
    Arch first = resolutions.getFirst().arch();
    this.bigEndian = first.bigEndian();
    this.tables = new NumberTables(nodes, weights, bigEndian);
    this.foreign = nodes.end(ReturnValue.of(foreign, first));
  }

  /// As [#compile(List, Action, Weights)] with the weights that come with Warder.
  public static Filter compile(List<Resolution> resolutions, Action foreign) {
    return compile(resolutions, foreign, Weights.usual());
  }

  /// The filter that does what the resolutions say, proved by [Verifier].
  ///
  /// @param resolutions one for each architecture, the native one first
  /// @param foreign for calls of every other architecture or ABI
  /// @throws IllegalArgumentException if there is no resolution, one architecture twice, or both byte orders
  /// @throws FilterTooLongException if it needs more than [Filter#MAX_LENGTH] instructions
  public static Filter compile(List<Resolution> resolutions, Action foreign, Weights weights) {
    Filter filter = unproved(resolutions, foreign, weights);
    List<Verifier.Difference> differences = Verifier.verify(filter, resolutions, foreign);
    if (!differences.isEmpty()) {
      throw new AssertionError("compiled filter differs from its policy: " + differences + "\n" + Listing.of(filter));
    }
    return filter;
  }

  /// The same without the proof.
  static Filter unproved(List<Resolution> resolutions, Action foreign, Weights weights) {
    check(resolutions);
    return new FilterCompiler(resolutions, foreign, weights).program();
  }

  private static void check(List<Resolution> resolutions) {
    if (resolutions.isEmpty()) {
      throw new IllegalArgumentException("a filter needs at least one architecture");
    }
    for (int i = 0; i < resolutions.size(); i++) {
      Arch arch = resolutions.get(i).arch();
      if (arch.bigEndian() != resolutions.getFirst().arch().bigEndian()) {
        throw new IllegalArgumentException(arch + " has another byte order than " + resolutions.getFirst().arch());
      }
      for (int j = 0; j < i; j++) {
        if (resolutions.get(j).arch() == arch) {
          throw new IllegalArgumentException(arch + " is listed twice");
        }
      }
    }
  }

  private Filter program() {
    Node root = architectures();
    List<Insn> insns = Assembler.assemble(root, nodes.count());
    if (insns.size() > Filter.MAX_LENGTH) {
      throw new FilterTooLongException(insns.size());
    }
    return new Filter(insns, bigEndian);
  }

  /// The listed architectures between runs of foreign ones; an earlier one weighs more, so it is asked first.
  private Node architectures() {
    var search = new Search(resolutions.size());
    for (int i = 0; i < resolutions.size(); i++) {
      search.trees[i] = resolutions.get(i).arch() == Arch.X86_64 ? null : tables.search(resolutions.get(i));
    }
    search.all();
    var runs = new Runs(2 * resolutions.size() + 1);
    runs.add(0, foreign, 1);
    for (int next = nextListed(0); next >= 0; next = nextListed(resolutions.get(next).arch().auditArch() + 1)) {
      Resolution resolution = resolutions.get(next);
      runs.add(resolution.arch().auditArch(), numbers(next, search.trees), 1L << 2 * (resolutions.size() - next));
      runs.add(resolution.arch().auditArch() + 1, foreign, 1);
    }
    return runs.tree(nodes, ARCH, -1, 1);
  }

  /// Index of the resolution with the lowest audit value at or above `from`, unsigned; -1 if there is none.
  private int nextListed(int from) {
    int lowest = -1;
    for (int i = 0; i < resolutions.size(); i++) {
      int audit = resolutions.get(i).arch().auditArch();
      if (Integer.compareUnsigned(audit, from) >= 0
          && (lowest < 0 || Integer.compareUnsigned(audit, resolutions.get(lowest).arch().auditArch()) < 0)) {
        lowest = i;
      }
    }
    return lowest;
  }

  /// @param trees one for each resolution but x86_64's, which has that of x32 in it
  private Node numbers(int index, SearchTree[] trees) {
    Arch arch = resolutions.get(index).arch();
    if (arch != Arch.X86_64 && arch != Arch.X32) {
      return trees[index].root();
    }
    int x86 = indexOf(Arch.X86_64);
    int x32 = indexOf(Arch.X32);
    return tables.tree(x86 < 0 ? null : resolutions.get(x86), x32 < 0 ? null : trees[x32].root(), foreign);
  }

  /// -1 if the architecture is not listed.
  private int indexOf(Arch arch) {
    for (int i = 0; i < resolutions.size(); i++) {
      if (resolutions.get(i).arch() == arch) {
        return i;
      }
    }
    return -1;
  }

  /// Looks for the trees. Each has its own runs; the nodes they share are made before and after.
  private static final class Search extends Parts {
    private final SearchTree[] trees;

    Search(int count) {
      super(count);
      trees = new SearchTree[count];
    }

    @Override
    protected void part(int index) {
      if (trees[index] != null) {
        trees[index].find();
      }
    }
  }
}
