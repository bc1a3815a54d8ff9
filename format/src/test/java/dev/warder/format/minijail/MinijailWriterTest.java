package dev.warder.format.minijail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.format.Files;
import dev.warder.format.Format;
import dev.warder.format.Meaning;
import dev.warder.format.PolicyFiles;
import dev.warder.format.ShippedProfiles;
import dev.warder.format.convert.Loss;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Architectures;
import dev.warder.policy.Condition;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MinijailWriterTest {
  private static Target on(Arch arch) {
    return new Target(List.of(arch), Set.of());
  }

  private static Written write(String policy) {
    return PolicyFiles.write(Format.MINIJAIL, Files.policy(policy), on(Arch.X86_64)).orThrow();
  }

  @Test
  void profilesSurvive() {
    for (String name : ShippedProfiles.names()) {
      Policy profile = ShippedProfiles.named(name).orElseThrow();
      for (Arch arch : List.of(Arch.X86_64, Arch.AARCH64, Arch.S390X)) {
        Meaning.assertSurvives(Format.MINIJAIL, profile.withArchitectures(new Architectures.Native()),
            on(arch), Set.of());
      }
      var admin = EnumSet.of(Capability.CAP_SYS_ADMIN);
      Meaning.assertSurvives(Format.MINIJAIL, profile, new Target(List.of(Arch.X86_64), admin), admin);
      Written written = PolicyFiles.write(Format.MINIJAIL, profile, on(Arch.X86_64)).orThrow();
      assertThat(written.losses()).as(name).noneMatch(Loss::stricter);
    }
  }

  @Test
  void podmansProfileSurvives() throws IOException {
    try (var in = Files.class.getResourceAsStream("oci/podman-default.json")) {
      Meaning.assertSurvives(Format.MINIJAIL, PolicyFiles.read("podman", in).orThrow().policy(), on(Arch.X86_64), Set.of());
    }
  }

  /// Every operator at every edge, and tests of some bits.
  @Test
  void conditionsSurvive() {
    for (String test : List.of("domain == 38", "domain != 38", "domain < 38", "domain <= 38", "domain > 38",
        "domain >= 38", "domain >= 0x80000000", "domain < 0xffffffff", "domain & 6 == 2", "domain & 6 != 2",
        "domain & 0xa5", "!(domain & 0xa5)", "domain & 6 > 2", "domain & 6 <= 3", "domain in [1, 2, 10]",
        "domain == 16 && protocol == 9", "!(domain == 16 && protocol == 9)", "domain == 1 || type & 3 == 1")) {
      Policy policy = Files.policy("architectures: native\nnewer-action: errno:EPERM\nallow: ['socket(" + test + ")']\n");
      Meaning.assertSurvives(Format.MINIJAIL, policy, on(Arch.X86_64), Set.of());
      Policy denied = Files.policy("architectures: native\nallow: [socket]\ndeny:\n  - calls: 'socket(" + test
          + ")'\n    action: errno:EACCES\n");
      Meaning.assertSurvives(Format.MINIJAIL, denied, on(Arch.X86_64), Set.of());
      assertThat(PolicyFiles.write(Format.MINIJAIL, denied, on(Arch.X86_64)).orThrow().losses()).as(test)
          .noneMatch(Loss::stricter);
    }
    Policy wide = Files.policy("architectures: native\nallow: ['lseek(offset >= 0x100000000 && offset < -1)']\n");
    Meaning.assertSurvives(Format.MINIJAIL, wide, on(Arch.X86_64), Set.of());
  }

  @Test
  void linesAreThoseOfBothParsersWherePossible() {
    assertThat(write("""
        name: web
        architectures: native
        default-action: kill
        newer-action: kill
        allow: [read, "socket(domain & 3 == 0)"]
        deny:
          - calls: ptrace
            action: errno:EPERM
          - calls: read
            action: log
          - calls: clone(flags & CLONE_NEWUSER)
            action: errno:EPERM
        """).text()).isEqualTo("""
        # web, for x86_64
        clone: { arg0 & 0x10000000; return 1 }
        clone3: return 38
        ptrace: return 1
        read: log
        socket: arg0 in ~0x3
        """);
  }

  @Test
  void aTestThatTakesTooMuchIsRefused() {
    Policy policy = Files.policy("architectures: native\nallow: ['socket(domain != 0x7fff && type != 0x7fff "
        + "&& protocol != 0x7fff)', read]\n");
    Written written = PolicyFiles.write(Format.MINIJAIL, policy, on(Arch.X86_64)).orThrow();
    assertThat(written.text()).doesNotContain("socket: a");
    assertThat(written.losses()).anyMatch(loss -> loss.stricter() && loss.problem().code().equals("arguments"));
  }

  @Test
  void whatAlwaysOrNeverHoldsHasAText() {
    assertThat(Clauses.text(new Condition.AllOf(List.of()))).contains("arg0 in ~0x0");
    assertThat(Clauses.text(new Condition.AnyOf(List.of()))).contains("");
  }
}
