package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static final int SOCKET = 41;

  @Test
  void aCallThatProgramsMakeOftenHasTheShorterPath() {
    assertThat(executed(Weights.uniform().add(Arch.X86_64, SOCKET, 60))).isLessThan(executed(Weights.uniform()));
  }

  @Test
  void theUsualSharesAreRead() {
    Weights usual = Weights.usual();
    int ioctl = usual.checked(Arch.X86_64, 16);
    assertThat(ioctl).isGreaterThan(usual.checked(Arch.X86_64, 999)).isEqualTo(usual.checked(Arch.RISCV64, 29));
  }

  @Test
  void aShareIsAPartOfTenThousand() {
    assertThatThrownBy(() -> Weights.uniform().add(Arch.X86, 1, 10_001)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void frequenciesOfThePolicyStandForTheUsualOnes() {
    Policy policy = Policy.allowList("test").withFrequencies(Map.of("socket", 3L, "ptrace", 1L, "nosuchcall", 0L));
    Weights weights = Weights.of(policy, List.of(Arch.X86_64, Arch.X86));
    assertThat(weights.share(Arch.X86_64, SOCKET)).isEqualTo(7500).isEqualTo(weights.share(Arch.X86, 359));
    assertThat(weights.share(Arch.AARCH64, 198)).isZero();
    assertThat(weights.checked(Arch.X86_64, SOCKET)).isGreaterThan(weights.checked(Arch.X86_64, 16));
    assertThat(weights.denied(Arch.X86_64, 101)).isGreaterThan(weights.denied(Arch.X86_64, 102));
    for (Map<String, Long> none : List.of(Map.<String, Long>of(), Map.of("read", 0L))) {
      Weights usual = Weights.of(policy.withFrequencies(none), List.of(Arch.X86_64));
      assertThat(usual.checked(Arch.X86_64, 16)).isEqualTo(Weights.usual().checked(Arch.X86_64, 16));
    }
    assertThatThrownBy(() -> policy.withFrequencies(Map.of("read", -1L))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> policy.withFrequencies(Map.of("read", Policy.MOST_FREQUENT + 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDeniedCallThatTheProgramMakesOftenHasTheShorterPath() {
    Policy policy = Policy.allowList("test").withFrequencies(Map.of("ptrace", 1L));
    List<Resolution> resolutions = KnownPolicies.resolve("nspawn", Arch.X86_64);
    int ptrace = 101;
    var usual = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
    var own = FilterCompiler.compile(resolutions, Action.KILL_PROCESS, Weights.of(policy, List.of(Arch.X86_64)));
    assertThat(Interpreter.run(own, ptrace, Arch.X86_64.auditArch(), 0, new long[6]).executed())
        .isLessThan(Interpreter.run(usual, ptrace, Arch.X86_64.auditArch(), 0, new long[6]).executed());
  }

  private static int executed(Weights weights) {
    List<Resolution> resolutions = KnownPolicies.resolve("nspawn", Arch.X86_64);
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS, weights);
    return Interpreter.run(filter, SOCKET, Arch.X86_64.auditArch(), 0, new long[6]).executed();
  }
}
