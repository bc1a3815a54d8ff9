package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Parts;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Proves that a filter does what its policy decides, for every value of every field.
///
/// The calls are cut into classes with one decision: an architecture, or all that are not listed, and a range of
/// numbers. For each class the program and what is [Expected] of it run [SideBySide]. Nothing is sampled, and nothing
/// is shared with the compiler but the model.
public final class Verifier {
  private static final long ALL = 0xFFFFFFFFL;
  private static final long X32 = 0x40000000L;

  private final SideBySide runs;
  private final List<Difference> differences = new ArrayList<>();

  /// A class of calls for which filter and policy differ, or for which they could not be proved equal.
  ///
  /// @param calls an architecture and a range of numbers
  /// @param what the returned and the expected value, or the instruction that cannot be followed
  public record Difference(String calls, String what) {}

  private Verifier(Filter filter) {
    runs = new SideBySide(filter.insns());
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
    var proof = new Proof(filter, resolutions);
    proof.all();
    var others = new Verifier(filter);
    others.foreign(resolutions, Expected.of(ReturnValue.of(foreign, resolutions.getFirst().arch())));
    var differences = new ArrayList<Difference>();
    for (Verifier part : proof.done) {
      differences.addAll(part.differences);
    }
    differences.addAll(others.differences);
    return List.copyOf(differences);
  }

  /// A part for each resolution. They share what is to be proved, which never changes; each has a verifier of its own.
  private static final class Proof extends Parts {
    private final Filter filter;
    private final List<Resolution> resolutions;
    private final Verifier[] done;

    Proof(Filter filter, List<Resolution> resolutions) {
      super(resolutions.size());
      this.filter = filter;
      this.resolutions = resolutions;
      this.done = new Verifier[resolutions.size()];
    }

    @Override
    protected void part(int index) {
      var verifier = new Verifier(filter);
      verifier.listed(resolutions.get(index));
      done[index] = verifier;
    }
  }

  /// Proves the calls of an architecture that the policy lists.
  private void listed(Resolution resolution) {
    Arch arch = resolution.arch();
    long first = arch == Arch.X32 ? X32 : 0;
    long last = arch == Arch.X86_64 ? X32 - 1 : ALL;
    numbers(resolution, calls(arch), first, last);
  }

  /// Proves all calls that no resolution speaks of.
  private void foreign(List<Resolution> resolutions, Expected foreign) {
    FieldSet others = FieldSet.ANY;
    boolean x86 = false;
    boolean x32 = false;
    for (Resolution resolution : resolutions) {
      x86 |= resolution.arch() == Arch.X86_64;
      x32 |= resolution.arch() == Arch.X32;
      long audit = Bits.unsigned(resolution.arch().auditArch());
      others = others.outside(ALL, audit, audit);
    }
    if (x86 != x32) {
      prove(x86 ? "x32" : "x86_64", calls(Arch.X86_64), x86 ? X32 : 0, x86 ? ALL : X32 - 1, foreign);
    }
    prove("every other architecture", others, 0, ALL, foreign);
  }

  private static FieldSet calls(Arch arch) {
    long audit = Bits.unsigned(arch.auditArch());
    return FieldSet.ANY.within(ALL, audit, audit);
  }

  /// Proves the numbers of one resolution, a run of equal decisions at a time.
  private void numbers(Resolution resolution, FieldSet architecture, long first, long last) {
    String name = resolution.arch().label();
    long[] edges = edges(resolution, first, last);
    long from = first;
    Decision decision = resolution.decide((int) first);
    Expected expected = Expected.of(decision, resolution.arch());
    for (int i = 1; i < edges.length; i++) {
      Decision next = resolution.decide((int) edges[i]);
      if (!sameEnd(decision, next)) {
        Expected after = Expected.of(next, resolution.arch());
        if (!(expected.end() && after.end() && expected.value == after.value)) {
          prove(name, architecture, from, edges[i] - 1, expected);
          from = edges[i];
          expected = after;
        }
        decision = next;
      }
    }
    prove(name, architecture, from, last, expected);
  }

  /// Whether both are one action whatever the arguments, at a glance; false where it takes a closer look.
  private static boolean sameEnd(Decision a, Decision b) {
    return a.unconditional() && b.unconditional() && a.otherwise().action() == b.otherwise().action();
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
    for (String what : runs.differences(architecture, FieldSet.ANY.within(ALL, first, last), expected)) {
      differences.add(new Difference(name + " " + first + " to " + last, what));
    }
  }
}
