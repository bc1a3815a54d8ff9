package dev.warder.meaning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Interpreter;
import dev.warder.filter.ReturnValue;
import dev.warder.filter.Verifier;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import dev.warder.policy.Resolution;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final List<Arch> HERE = List.of(Arch.X86_64);

  private static Policy policy(String... lists) {
    Policy policy = Policy.allowList("test");
    for (String list : lists) {
      policy = policy.with(SyscallList.parse(list, "test").orThrow());
    }
    return policy;
  }

  private static Comparison compare(Policy left, Policy right) {
    return Comparison.of(new Rules.Written(left), new Rules.Written(right), HERE);
  }

  private static List<Resolution> resolutions(Policy policy, Arch machine, Set<Capability> kept) {
    var resolutions = new ArrayList<Resolution>();
    policy.architectures().of(machine).forEach(arch -> resolutions.add(policy.resolve(arch, kept)));
    return resolutions;
  }

  private static Filter compile(Policy policy, Arch machine, Set<Capability> kept) {
    return FilterCompiler.compile(resolutions(policy, machine, kept), Action.KILL_PROCESS);
  }

  /// Without its conditions on capabilities, a policy means what its filter does.
  @Test
  void profilesEqualTheirFilters() {
    for (String name : Profiles.names()) {
      Policy policy = Profiles.named(name).orElseThrow();
      for (Arch machine : List.of(Arch.X86_64, Arch.S390X)) {
        if (policy.architectures().of(machine).isEmpty()) {
          continue;
        }
        Comparison comparison = Comparison.of(new Rules.Written(policy),
            new Rules.Compiled(compile(policy, machine, Set.of())), List.of(machine));
        assertThat(comparison.differences()).as(name + " on " + machine).allSatisfy(
            difference -> assertThat(difference.kept()).isNotEmpty());
        assertThat(comparison.serving()).isEmpty();
        assertThat(comparison.foreign()).isEmpty();
      }
    }
  }

  /// The proof of filters, which follows paths, and this comparison, which does not, must agree.
  @Test
  void findsADifferenceExactlyWhereTheVerifierDoes() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var programs = new RandomPrograms(random);
    Policy policy = policy("@basic-io @file-system socket(domain in [AF_UNIX, AF_INET]) clone(!(flags & CLONE_NEWUSER))",
        "~ioctl(cmd == TIOCSTI):kill");
    List<Resolution> resolutions = resolutions(policy, Arch.X86_64, Set.of());
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
    int different = 0;
    for (int round = 0; round < 12; round++) {
      Filter changed = programs.changed(filter);
      boolean proved = Verifier.verify(changed, resolutions, Action.KILL_PROCESS).isEmpty();
      Comparison comparison = Comparison.of(new Rules.Written(policy), new Rules.Compiled(changed), HERE);
      if (proved) {
        assertThat(comparison.same()).as("seed " + seed + ", round " + round + ": " + comparison).isTrue();
      } else {
        different++;
        // A return value that the kernel takes for the same is no difference here.
        for (Comparison.Difference difference : comparison.differences()) {
          Example call = difference.example();
          int got = Interpreter.run(changed, call.number(), call.auditArch(), 0, call.args()).value();
          int wanted = ReturnValue.of(policy.resolve(difference.abi(), call.kept()).decide(call.number())
              .decide(call.args()).action(), difference.abi());
          assertThat(Answer.of(got)).as("seed " + seed).isEqualTo(difference.right())
              .isNotEqualTo(difference.left());
          assertThat(Answer.of(wanted)).as("seed " + seed).isEqualTo(difference.left());
        }
      }
    }
    assertThat(different).isPositive();
  }

  @Test
  void tellsWhoAllowsWhatUnderWhichArgumentsAndCapabilities() {
    Policy left = policy("read socket(domain == AF_UNIX) ioctl(cmd != TIOCSTI)", "~ptrace:kill");
    Policy right = policy("write socket(domain in [AF_UNIX, AF_VSOCK]) ioctl", "~ptrace:EACCES");
    var told = new ArrayList<String>();
    for (Comparison.Difference d : compare(left, right).differences()) {
      if (d.abi() == Arch.X86_64) {
        told.add((d.leftAllowsMore() ? "left " : d.rightAllowsMore() ? "right " : "other ") + d.call()
            + (d.condition().isEmpty() ? "" : "(" + d.condition() + ")"));
      }
    }
    assertThat(told).containsExactly("left read", "right write", "right ioctl(op == TIOCSTI)",
        "right socket(domain == AF_VSOCK)", "other ptrace");
  }

  @Test
  void differentTextsOfOneMeaningAreTheSame() {
    record Row(String left, String right) {}
    for (Row row : List.of(
        new Row("@keyring", "keyctl add_key request_key"),
        new Row("socket(domain == AF_UNIX) socket(domain == AF_INET)", "socket(domain in [AF_INET, AF_UNIX])"),
        new Row("socket(domain < 3)", "socket(!(domain >= 3))"),
        new Row("clone(flags & 3 == 3)", "clone(flags & 1 && flags & 2)"),
        new Row("mmap(prot & 6 in [0, 2, 4])", "mmap(!(prot & 6 == 6))"),
        new Row("read #1", "read write"))) {
      Policy left = policy(row.left);
      Policy right = policy(row.right).withArchitectures(new Architectures.Native());
      assertThat(compare(left.withArchitectures(new Architectures.Native()), right).same()).as(row.toString()).isTrue();
    }
  }

  @Test
  void capabilitiesThatDoNotMatterAreNotTold() {
    Policy plain = Profiles.named("default").orElseThrow();
    Comparison comparison = compare(plain, plain.with(SyscallList.parse("settimeofday", "test").orThrow()));
    assertThat(comparison.differences()).hasSize(3).allSatisfy(difference -> {
      assertThat(difference.dropped()).containsExactly(Capability.CAP_SYS_TIME);
      assertThat(difference.kept()).isEmpty();
      assertThat(difference.rightAllowsMore()).isTrue();
      assertThat(difference.reason()).hasValueSatisfying(reason -> assertThat(reason).contains("profile default"));
    });
  }

  @Test
  void architecturesThatOneSideKillsAreTold() {
    Policy family = policy("read");
    Comparison comparison = compare(family, family.withArchitectures(new Architectures.Native()));
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.serving()).containsExactly(new Comparison.Serving(Arch.X86_64, Arch.X86, true),
        new Comparison.Serving(Arch.X86_64, Arch.X32, true));
  }

  @Test
  void numbersWithoutACallCount() {
    Policy left = policy("read");
    Policy kills = left.withDefaultAction(Action.KILL_PROCESS);
    assertThat(compare(left, left.with(SyscallList.parse("#999", "test").orThrow())).differences())
        .filteredOn(difference -> difference.abi() == Arch.X86_64).singleElement()
        .satisfies(difference -> assertThat(difference.numbers()).isEqualTo("nr == 999"));
    assertThat(compare(left, kills).differences()).extracting(Comparison.Difference::numbers)
        .contains("every unassigned number").doesNotContain("every number newer than the catalog");
  }

  /// What random policies differ in, their decisions show for the example.
  @Test
  void everyDifferenceShowsInItsExample() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var entries = List.of("socket(domain == 1)", "socket(domain & 3 == 1 && protocol != 9)", "~socket(type >= 2):kill",
        "clone(flags & 0x11)", "~clone(flags == 0x11):trap", "read", "~read:log", "#5", "openat(flags & O_CREAT)",
        "openat(dirfd == AT_FDCWD || flags == 0)", "~openat(mode > 0644)", "mmap(prot <= 3)", "~mmap(prot == 2):notify");
    for (int round = 0; round < 15; round++) {
      Policy left = policy(lists(random, entries));
      Policy right = policy(lists(random, entries));
      for (Comparison.Difference difference : compare(left, right).differences()) {
        Example call = difference.example();
        int leftValue = value(left, difference.abi(), call);
        int rightValue = value(right, difference.abi(), call);
        assertThat(List.of(leftValue, rightValue)).as("seed %d: %s", seed, difference)
            .containsExactly(difference.left(), difference.right());
      }
      assertThat(compare(left, left).same()).isTrue();
    }
  }

  private static String[] lists(Random random, List<String> entries) {
    return entries.stream().filter(_ -> random.nextInt(3) > 0).toArray(String[]::new);
  }

  private static int value(Policy policy, Arch abi, Example call) {
    return Answer.of(
        ReturnValue.of(policy.resolve(abi, call.kept()).decide(call.number()).decide(call.args()).action(), abi));
  }

  /// Capabilities are symbols here; a resolution for each set must give the same.
  @Test
  void capabilitiesAreFollowedAsResolvingFollowsThem() {
    Policy left = Profiles.named("nspawn").orElseThrow();
    Policy right = Profiles.named("default").orElseThrow();
    Comparison comparison = compare(left, right);
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      var kept = EnumSet.noneOf(Capability.class);
      for (Capability capability : Capability.values()) {
        if (random.nextBoolean()) {
          kept.add(capability);
        }
      }
      for (Arch abi : Arch.X86_64.family()) {
        Resolution one = left.resolve(abi, kept);
        Resolution other = right.resolve(abi, kept);
        Catalog.get().table(abi).names().forEach((number, call) -> {
          boolean differ = one.decide(number).unconditional() && other.decide(number).unconditional()
              && !one.decide(number).otherwise().action().equals(other.decide(number).otherwise().action());
          if (differ) {
            assertThat(comparison.differences().stream().anyMatch(difference -> difference.call().equals(call)
                && difference.abi() == abi && kept.containsAll(difference.kept())
                && Collections.disjoint(kept, difference.dropped())))
                .as("%s on %s keeping %s, seed %d", call, abi, kept, seed).isTrue();
          }
        });
      }
    }
  }
}
