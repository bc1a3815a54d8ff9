package dev.warder.policy;

import static dev.warder.policy.PolicyTest.action;
import static dev.warder.policy.PolicyTest.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import org.junit.jupiter.api.Test;

class MultiplexerTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);
  private static final int SOCKET = 1;
  private static final int CONNECT = 3;
  private static final int ACCEPT = 5;

  @Test
  void aSubCallThatIsDecidedByItsArgumentsIsDenied() {
    Policy policy = policy("@network-io", "~socket(domain == AF_ALG)");
    for (Arch arch : new Arch[] {Arch.X86, Arch.PPC64LE, Arch.S390X, Arch.MIPS}) {
      assertThat(action(policy, arch, "socketcall", SOCKET)).as(arch.label()).isEqualTo(EPERM);
      assertThat(action(policy, arch, "socketcall", CONNECT)).as(arch.label()).isEqualTo(Action.ALLOW);
    }
    assertThat(action(policy, Arch.X86, "socket", 2)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.X86, "socket", 38)).isEqualTo(EPERM);
  }

  @Test
  void aDeniedSubCallIsDeniedWithItsReason() {
    Decision decision = PolicyTest.decision(policy("@network-io", "~accept:EACCES"), Arch.X86, "socketcall");
    Outcome outcome = decision.decide(new long[] {ACCEPT, 0, 0, 0, 0, 0});
    assertThat(outcome.action()).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(outcome.reason()).contains("accept");
  }

  @Test
  void theUpperHalfOfTheSelectorIsNoWayRound() {
    Policy policy = policy("@network-io @ipc", "~socket shmget");
    assertThat(action(policy, Arch.X86, "socketcall", SOCKET + (1L << 32))).isEqualTo(EPERM);
    assertThat(action(policy, Arch.S390X, "socketcall", SOCKET + (1L << 32))).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "ipc", 23 + (7 << 16))).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "ipc", 21 + (7 << 16))).isEqualTo(Action.ALLOW);
  }

  @Test
  void anUnknownSelectorIsDeniedWhereAnyIs() {
    Policy policy = policy("@network-io @ipc", "~socket shmget");
    assertThat(action(policy, Arch.X86, "socketcall", 0)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "socketcall", 21)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "ipc", 5)).isEqualTo(EPERM);
  }

  @Test
  void theMultiplexerIsNotAllowedByItsSubCalls() {
    assertThat(action(policy("socket connect"), Arch.X86, "socketcall", CONNECT)).isEqualTo(EPERM);
    assertThat(action(policy("@network-io @ipc", "~socketcall:EACCES"), Arch.X86, "socketcall", CONNECT))
        .isEqualTo(Action.fail(Errno.EACCES));
  }

  @Test
  void aConditionOnTheMultiplexerItselfStays() {
    Policy policy = policy("connect accept socketcall(call == 3)");
    assertThat(action(policy, Arch.X86, "socketcall", CONNECT)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.X86, "socketcall", ACCEPT)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "socketcall", SOCKET)).isEqualTo(EPERM);
  }

  @Test
  void allSubCallsAllowedLeaveTheMultiplexerAlone() {
    assertThat(PolicyTest.decision(policy("@network-io"), Arch.X86, "socketcall").unconditional()).isTrue();
  }

  @Test
  void aDenyListStillReachesSubCalls() {
    Policy policy = policy("~socket(domain == AF_ALG)").withDefaultAction(Action.ALLOW);
    assertThat(action(policy, Arch.X86, "socketcall", SOCKET)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "socketcall", CONNECT)).isEqualTo(Action.ALLOW);
  }

  @Test
  void theDefaultProfileKeepsRareFamiliesShutThroughSocketcall() {
    Policy policy = Profiles.named("default").orElseThrow();
    assertThat(action(policy, Arch.X86, "socketcall", SOCKET)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "socketcall", 8)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "socketcall", CONNECT)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.X86, "ipc", 23)).isEqualTo(Action.ALLOW);
  }
}
