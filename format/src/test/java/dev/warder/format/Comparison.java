package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Verifier;
import dev.warder.format.convert.Diagrams;
import dev.warder.format.convert.Loss;
import dev.warder.format.convert.Proof;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// What policies mean: what they decide of every call there is, with any arguments.
public final class Comparison {
  private Comparison() {}

  /// What a policy decides on these ABIs, which can be changed by what a format loses.
  public static final class Expected {
    private final List<Resolution> resolutions = new ArrayList<>();

    public Expected(Policy policy, List<Arch> arches, Set<Capability> kept) {
      arches.forEach(arch -> resolutions.add(policy.resolve(arch, kept)));
    }

    public List<Resolution> resolutions() {
      return resolutions;
    }

    /// The ABI is not served.
    public Expected without(Arch arch) {
      resolutions.removeIf(resolution -> resolution.arch() == arch);
      return this;
    }

    /// The call gets this instead, where there is one.
    public Expected with(String call, Action action) {
      return change((resolution, decisions) -> Catalog.get().table(resolution.arch()).number(call)
          .ifPresent(number -> decisions.put(number, always(action))));
    }

    /// The call gets this instead on one ABI, where there is one.
    public Expected with(String call, Arch arch, Action action) {
      return change((resolution, decisions) -> {
        if (resolution.arch() == arch) {
          Catalog.get().table(arch).number(call).ifPresent(number -> decisions.put(number, always(action)));
        }
      });
    }

    public Expected withNewer(Action action) {
      resolutions.replaceAll(r -> new Resolution(r.arch(), r.decisions(), r.unassigned(), r.newest(), always(action)));
      return this;
    }

    public Expected withUnassigned(Action action) {
      resolutions.replaceAll(r -> new Resolution(r.arch(), r.decisions(), always(action), r.newest(), r.newer()));
      return this;
    }

    private Expected change(BiConsumer<Resolution, TreeMap<Integer, Decision>> how) {
      resolutions.replaceAll(r -> {
        var decisions = new TreeMap<>(r.decisions());
        how.accept(r, decisions);
        return new Resolution(r.arch(), decisions, r.unassigned(), r.newest(), r.newer());
      });
      return this;
    }
  }

  private static Decision always(Action action) {
    return Decision.always(new Outcome(action, ""));
  }

  /// Fails unless the policy decides just so, whatever the arguments.
  public static void assertSame(String what, Expected expected, Policy policy, Set<Capability> kept) {
    List<Resolution> resolutions = expected.resolutions();
    var own = new Expected(policy, resolutions.stream().map(Resolution::arch).toList(), kept);
    Filter filter = FilterCompiler.compile(own.resolutions(), Action.KILL_PROCESS);
    assertThat(Verifier.verify(filter, resolutions, Action.KILL_PROCESS)).as(what).isEmpty();
  }

  /// Fails unless every call that the first lets through is let through by the second.
  public static void assertWithin(Policy first, Policy second, Arch arch, Set<Capability> kept) {
    Resolution one = first.resolve(arch, kept);
    Resolution two = second.resolve(arch, kept);
    var numbers = new TreeSet<>(one.decisions().keySet());
    numbers.addAll(two.decisions().keySet());
    numbers.add(one.newest() + 1);
    for (int number : numbers) {
      Decision a = one.decide(number);
      Decision b = two.decide(number);
      boolean plain = a.unconditional() && b.unconditional();
      boolean within = plain
          ? !a.otherwise().action().letsThrough() || b.otherwise().action().letsThrough()
          : Proof.within(arch, a, b);
      assertThat(within).as("%s of %s on %s: %s, not %s", number, first.name(), arch, a, b).isTrue();
    }
  }

  /// None, all, and some.
  public static List<Set<Capability>> capabilities(Random random) {
    var sets = new ArrayList<Set<Capability>>();
    sets.add(Set.of());
    sets.add(EnumSet.allOf(Capability.class));
    sets.add(EnumSet.of(Capability.CAP_SYS_ADMIN));
    for (int i = 0; i < 2; i++) {
      var some = EnumSet.noneOf(Capability.class);
      for (Capability capability : Capability.values()) {
        if (random.nextBoolean()) {
          some.add(capability);
        }
      }
      sets.add(some);
    }
    return sets;
  }

  /// Takes over what another policy decides of a call on one ABI, after making sure that it is no more.
  ///
  /// @param cut whether a 32-bit ABI sees the lower halves of registers alone
  public static void takeOver(
      Expected expected, Policy other, Set<Capability> kept, String call, Arch arch, boolean cut) {
    int number = Catalog.get().table(arch).number(call).orElseThrow();
    Decision whole = other.resolve(arch, kept).decide(number);
    Decision theirs = cut && arch.longBits() == Integer.SIZE ? cut(whole) : whole;
    expected.change((resolution, decisions) -> {
      if (resolution.arch() == arch) {
        var diagrams = new Diagrams();
        assertThat(diagrams.exceeds(diagrams.of(theirs), diagrams.of(decisions.get(number)))).as(call).isFalse();
        decisions.put(number, theirs);
      }
    });
  }

  private static Decision cut(Decision decision) {
    return new Decision(
        decision.cases().stream().map(c -> new Decision.Case(cut(c.when()), c.then())).toList(), decision.otherwise());
  }

  private static Condition cut(Condition condition) {
    long low = 0xFFFFFFFFL;
    return switch (condition) {
      case Condition.Compare(int index, long mask, Condition.Operator operator, long value) ->
          new Condition.Compare(index, mask & low, operator, value & low);
      case Condition.Not(Condition inner) -> new Condition.Not(cut(inner));
      case Condition.AllOf(List<Condition> terms) -> new Condition.AllOf(terms.stream().map(Comparison::cut).toList());
      case Condition.AnyOf(List<Condition> terms) -> new Condition.AnyOf(terms.stream().map(Comparison::cut).toList());
    };
  }

  /// The losses with this code.
  public static List<String> losses(Written written, String code) {
    return written.losses().stream().map(Loss::problem).filter(problem -> problem.code().equals(code))
        .map(problem -> problem.what()).toList();
  }

  public static PolicyFile read(Written written) {
    return PolicyFiles.read("written", written.text().getBytes(StandardCharsets.UTF_8)).orThrow();
  }

  /// What libseccomp and our imports give numbers above the newest, where the policy says something else.
  public static Action newer(Policy policy) {
    return policy.defaultAction().denies() ? Action.fail(Errno.ENOSYS) : policy.defaultAction();
  }
}
