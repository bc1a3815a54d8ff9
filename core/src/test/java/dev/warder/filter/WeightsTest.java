package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Resolution;
import java.util.List;
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

  private static int executed(Weights weights) {
    List<Resolution> resolutions = KnownPolicies.resolve("nspawn", Arch.X86_64);
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS, weights);
    return Interpreter.run(filter, SOCKET, Arch.X86_64.auditArch(), 0, new long[6]).executed();
  }
}
