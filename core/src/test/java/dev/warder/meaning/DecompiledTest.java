package dev.warder.meaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Insn;
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
import org.junit.jupiter.api.Timeout;

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

  /// Each makes a function of half a million parts, which is looked at for each call: minutes, unless that is counted.
  @Test
  @Timeout(60)
  void heavyArithmeticIsRefusedAndNotGoneThroughForEachCall() {
    for (List<Insn> body : List.of(product(), mixture(), bytes())) {
      var insns = new ArrayList<>(List.of(new Insn(0x20, 0, 0, 4), new Insn(0x15, 1, 0, Arch.X86_64.auditArch()),
          new Insn(0x06, 0, 0, 0x80000000)));
      insns.addAll(body);
      var filter = new Filter(insns, false);
      assertThatThrownBy(() -> Decompiled.of(filter, "heavy", List.of())).isInstanceOf(TooComplexException.class)
          .hasMessageContaining("makes more distinctions than can be kept apart");
    }
  }

  /// `arg0 * 0x10001 & 0xffff0000 == 0x420000`.
  private static List<Insn> product() {
    return List.of(new Insn(0x20, 0, 0, 16), new Insn(0x24, 0, 0, 0x10001), new Insn(0x54, 0, 0, 0xffff0000),
        new Insn(0x15, 0, 1, 0x420000), new Insn(0x06, 0, 0, 0x7fff0000), new Insn(0x06, 0, 0, 0x50001));
  }

  /// An argument, shifted and added to itself bit by bit, forty times.
  private static List<Insn> mixture() {
    var insns = new ArrayList<Insn>();
    insns.add(new Insn(0x20, 0, 0, 16));
    for (int i = 0; i < 40; i++) {
      insns.addAll(List.of(new Insn(0x07, 0, 0, 0), new Insn(0x74, 0, 0, 7 * i % 13 + 1), new Insn(0xac, 0, 0, 0)));
    }
    insns.addAll(List.of(new Insn(0x54, 0, 0, 0xffff), new Insn(0x35, 0, 1, 0x1234), new Insn(0x06, 0, 0, 0x7fff0000),
        new Insn(0x06, 0, 0, 0x50001)));
    return insns;
  }

  /// An answer of its own for each of 300 bytes of the arguments.
  private static List<Insn> bytes() {
    var insns = new ArrayList<Insn>();
    for (int i = 0; i < 300; i++) {
      int shift = i % 24;
      insns.addAll(List.of(new Insn(0x20, 0, 0, 16 + 8 * (i % 6)), new Insn(0x54, 0, 0, 0xff << shift),
          new Insn(0x15, 0, 1, (37 * i & 0xff) << shift), new Insn(0x06, 0, 0, 0x50001 + i % 120)));
    }
    insns.add(new Insn(0x06, 0, 0, 0x7fff0000));
    return insns;
  }
}
