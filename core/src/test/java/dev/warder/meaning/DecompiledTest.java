package dev.warder.meaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import dev.warder.policy.Resolution;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecompiledTest {
  private static final long SEED = 5;

  private static Policy policy(Action byDefault, String... lists) {
    Policy policy = Policy.allowList("test").withDefaultAction(byDefault);
    for (String list : lists) {
      policy = policy.with(SyscallList.parse(list, "test").orThrow());
    }
    return policy;
  }

  private static Filter compile(Policy policy, Arch machine) {
    var resolutions = new ArrayList<Resolution>();
    policy.architectures().of(machine).forEach(arch -> resolutions.add(policy.resolve(arch, Set.of())));
    return FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
  }

  private static boolean same(Filter filter, Policy policy, Arch machine) {
    return Comparison.of(new Rules.Compiled(filter), new Rules.Written(policy), List.of(machine)).same();
  }

  private static void assertComesBack(Policy policy, Arch machine) {
    Filter filter = compile(policy, machine);
    Decompiled decompiled = Decompiled.of(filter, "back", List.of());
    assertThat(decompiled.differences()).as(policy.name() + " on " + machine).isEmpty();
    assertThat(same(filter, decompiled.policy(), machine)).as(policy.name() + " on " + machine).isTrue();
  }

  @Test
  void everyProfileComesBackFromItsFilter() {
    for (String name : Profiles.names()) {
      Policy policy = Profiles.named(name).orElseThrow();
      for (Arch machine : List.of(Arch.X86_64, Arch.AARCH64, Arch.S390X, Arch.RISCV64)) {
        if (!policy.architectures().of(machine).isEmpty()) {
          assertComesBack(policy, machine);
        }
      }
    }
  }

  @Test
  void whatRulesCanSayComesBack() {
    assertComesBack(policy(Action.ALLOW, "~mount ptrace #1000", "~socket(domain == AF_NETLINK && protocol in [1, 9])"), Arch.X86_64);
    assertComesBack(policy(Action.KILL_PROCESS, "read write", "clone(!(flags & CLONE_NEWUSER))", "~clone3:EPERM"), Arch.X86_64);
    assertComesBack(policy(new Action.Log(), "read", "~mmap(prot & PROT_EXEC):trap", "~openat:notify"), Arch.AARCH64);
    assertComesBack(policy(Action.KILL_PROCESS, "#500 read openat(flags & O_ACCMODE == O_RDONLY)"), Arch.S390X);
  }

  @Test
  void listsForOneArchitectureComeBack() {
    Policy policy = policy(Action.KILL_PROCESS, "read", "~write")
        .withArchitectures(new Architectures.Listed(List.of(Arch.X86_64)));
    assertComesBack(policy, Arch.X86_64);
    Filter three = compile(Profiles.named("default").orElseThrow(), Arch.X86_64);
    Decompiled one = Decompiled.of(three, "one", List.of(Arch.X86_64));
    assertThat(one.policy().architectures().of(Arch.X86_64)).containsExactly(Arch.X86_64);
    assertThat(one.differences()).extracting(Decompiled.Difference::stricter).containsExactly(true, true);
  }

  /// Any program at all: what its policy lets through, the program lets through, as far as the kernel tells calls apart.
  @Test
  void nothingIsWidened() {
    var programs = new RandomPrograms(new Random(SEED));
    int made = 0;
    for (int i = 0; i < 40; i++) {
      Filter filter = new Filter(programs.program(4 + i % 20, i % 4 == 0 ? 1 : 0).insns(), false);
      try {
        Decompiled decompiled = Decompiled.of(filter, "random", List.of(Arch.X86_64));
        made++;
        assertNotWider(filter, decompiled);
      } catch (TooComplexException e) {
        assertThat(e).hasMessageMatching("(?s).*(no call through|lets calls through|instruction|distinctions|ways).*");
      }
    }
    assertThat(made).isPositive();
  }

  private static void assertNotWider(Filter filter, Decompiled decompiled) {
    Comparison comparison =
        Comparison.of(new Rules.Compiled(filter), new Rules.Written(decompiled.policy()), List.of(Arch.X86_64));
    for (Comparison.Difference difference : comparison.differences()) {
      boolean told = decompiled.differences().stream().anyMatch(d -> d.calls().startsWith(
          difference.call().isEmpty() ? "numbers of no call on x86_64" : difference.call() + " on x86_64"));
      assertThat(told).as(difference.toString()).isTrue();
      if (difference.rightAllowsMore()) {
        assertThat(decompiled.differences()).as(difference.toString())
            .anyMatch(d -> d.strayBits() && d.calls().equals(difference.call() + " on x86_64"));
      }
    }
  }

  @Test
  void whatNobodyMayDoIsNoPolicy() {
    Filter filter = compile(policy(Action.KILL_PROCESS, "~read"), Arch.X86_64);
    assertThatThrownBy(() -> Decompiled.of(filter, "none", List.of())).isInstanceOf(TooComplexException.class);
  }
}
