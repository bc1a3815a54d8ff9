package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import dev.warder.policy.Resolution;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReachTest {
  private static boolean mayLetThrough(List<String> lists, Arch arch, String call) {
    var policy = Policy.allowList("test");
    for (String list : lists) {
      policy = policy.with(SyscallList.parse(list, "test").orThrow());
    }
    var resolutions = new ArrayList<Resolution>();
    for (Arch served : Arch.X86_64.family()) {
      resolutions.add(policy.resolve(served, Set.of()));
    }
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
    return Reach.mayLetThrough(filter, arch, Catalog.get().table(arch).number(call).orElseThrow());
  }

  @Test
  void bothWaysOfATestOnAnArgumentAreFollowed() {
    record Row(List<String> lists, String call, boolean may) {}
    for (Row row : List.of(
        new Row(List.of("keyctl"), "keyctl", true),
        new Row(List.of("read"), "keyctl", false),
        new Row(List.of("keyctl(option == 11)"), "keyctl", true),
        new Row(List.of("keyctl", "~keyctl"), "keyctl", false),
        new Row(List.of("keyctl", "~keyctl(option == 11)"), "keyctl", true),
        new Row(List.of("~keyctl(option == 11)"), "keyctl", false))) {
      for (Arch arch : Arch.X86_64.family()) {
        assertThat(mayLetThrough(row.lists, arch, row.call)).as(row + " " + arch).isEqualTo(row.may);
      }
    }
  }

  /// Where the kernel's bitmap answers, no argument matters.
  @Test
  void agreesWithTheBitmapAndTheInterpreter() {
    for (String profile : Profiles.names()) {
      var resolution = Profiles.named(profile).orElseThrow().resolve(Arch.X86_64, Set.of());
      Filter filter = FilterCompiler.compile(List.of(resolution), Action.KILL_PROCESS);
      for (int number = 0; number <= Catalog.get().table(Arch.X86_64).newest(); number++) {
        int value = Interpreter.run(filter, number, Arch.X86_64.auditArch(), 0, new long[6]).value();
        boolean allowed = value == SeccompH.SECCOMP_RET_ALLOW;
        assertThat(Reach.mayLetThrough(filter, Arch.X86_64, number) || !allowed).as(profile + " " + number).isTrue();
        if (resolution.decide(number).unconditional()) {
          assertThat(Reach.mayLetThrough(filter, Arch.X86_64, number)).as(profile + " " + number).isEqualTo(allowed);
        }
      }
    }
  }
}
