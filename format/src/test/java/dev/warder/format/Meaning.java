package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.format.convert.Loss;
import dev.warder.format.convert.Proof;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Decision;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Compares policies by what they decide, for every call and all its arguments.
public final class Meaning {
  private Meaning() {}

  /// Writes a policy in some format, reads it again and compares: what is read lets no more through, and what differs
  /// was told.
  public static void assertSurvives(Format format, Policy policy, Target target, Set<Capability> kept) {
    Written written = PolicyFiles.write(format, policy, target).orThrow();
    PolicyFile read =
        PolicyFiles.read(null, "written", written.text().getBytes(StandardCharsets.UTF_8)).orThrow();
    assertThat(read.format()).isEqualTo(format);
    boolean told = written.losses().stream().anyMatch(Loss::stricter);
    List<Arch> arches = target.arches().isEmpty() ? policy.architectures().of(Arch.X86_64) : target.arches();
    for (Arch arch : arches) {
      Resolution before = policy.resolve(arch, kept);
      Resolution after = read.policy().resolve(arch, kept);
      assertThat(read.policy().architectures().of(arches.getFirst())).as(written.text()).contains(arch);
      for (int number : numbers(before, after)) {
        compare(written, arch, number, before.decide(number), after.decide(number), told);
      }
    }
  }

  private static void compare(Written written, Arch arch, int number, Decision before, Decision after, boolean told) {
    String call = Catalog.get().table(arch).names().getOrDefault(number, "#" + Integer.toUnsignedString(number));
    assertThat(Proof.within(arch, after, before)).as("%s on %s is wider: %s, was %s\n%s", call, arch, after, before,
        written.text()).isTrue();
    boolean toldOfIt = told && written.losses().stream()
        .anyMatch(loss -> loss.problem().what().contains(call) || loss.problem().what().contains("number"));
    boolean multiplexer = call.equals("socketcall") || call.equals("ipc"); // closed anew by whoever reads the file
    if (!toldOfIt && !multiplexer && !Proof.within(arch, before, after)) {
      throw new AssertionError("nothing told that " + call + " on " + arch + " is stricter: " + after + ", was "
          + before + "\n" + written.losses() + "\n" + written.text());
    }
  }

  /// Every number of either, and some that neither names.
  private static Set<Integer> numbers(Resolution before, Resolution after) {
    var numbers = new TreeSet<Integer>(before.decisions().keySet());
    numbers.addAll(after.decisions().keySet());
    numbers.add(before.newest() + 1);
    numbers.add(-2);
    return numbers;
  }
}
