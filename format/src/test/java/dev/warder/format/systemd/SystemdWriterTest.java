package dev.warder.format.systemd;

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
import dev.warder.policy.Policy;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SystemdWriterTest {
  private static final Target ANY = new Target(List.of(), Set.of());

  private static Written write(String policy) {
    return PolicyFiles.write(Format.SYSTEMD, Files.policy(policy), ANY).orThrow();
  }

  private static List<String> losses(Written written) {
    return written.losses().stream().filter(Loss::stricter).map(loss -> loss.problem().code()).distinct().toList();
  }

  @Test
  void profilesLoseNothingUntold() {
    for (String name : ShippedProfiles.names()) {
      Policy profile = ShippedProfiles.named(name).orElseThrow();
      Meaning.assertSurvives(Format.SYSTEMD, profile, ANY, Set.of());
      var admin = EnumSet.of(Capability.CAP_SYS_ADMIN, Capability.CAP_SYS_PTRACE);
      Meaning.assertSurvives(Format.SYSTEMD, profile, new Target(List.of(), admin), admin);
      Meaning.assertSurvives(Format.SYSTEMD, profile, new Target(List.of(Arch.X86_64), Set.of()), Set.of());
    }
  }

  @Test
  void podmansProfileLosesNothingUntold() throws IOException {
    try (var in = Files.class.getResourceAsStream("oci/podman-default.json")) {
      Policy podman = PolicyFiles.read("podman", in).orThrow().policy();
      Meaning.assertSurvives(Format.SYSTEMD, podman, ANY, Set.of());
    }
  }

  /// What a unit says comes back as the same unit says it.
  @Test
  void unitsSurviveWithoutLoss() {
    for (String settings : List.of(
        "SystemCallFilter=@system-service\nSystemCallFilter=~@mount ptrace:EACCES\nSystemCallErrorNumber=EPERM\n",
        "SystemCallFilter=~@mount @debug:EPERM ptrace:kill\n",
        "SystemCallFilter=~\n",
        "SystemCallFilter=@system-service\nRestrictNamespaces=yes\nSystemCallArchitectures=native\n",
        "SystemCallFilter=@system-service\nRestrictNamespaces=~user net\nSystemCallArchitectures=native\n",
        "RestrictAddressFamilies=AF_UNIX AF_INET\nSystemCallArchitectures=native\n",
        "RestrictAddressFamilies=~AF_PACKET AF_ALG\nSystemCallArchitectures=native\n",
        "LockPersonality=yes\nMemoryDenyWriteExecute=yes\nRestrictRealtime=yes\nRestrictSUIDSGID=yes\n",
        "LockPersonality=yes\nPersonality=x86\nSystemCallFilter=@system-service\n",
        "SystemCallLog=~@basic-io\nSystemCallFilter=~@mount\n",
        "SystemCallLog=openat\nSystemCallFilter=@system-service\nSystemCallArchitectures=x86 x32\n")) {
      Policy unit = Files.policy("[Service]\n" + settings);
      Written written = PolicyFiles.write(Format.SYSTEMD, unit, new Target(List.of(Arch.X86_64), Set.of())).orThrow();
      assertThat(losses(written)).as(settings + written.text()).isEmpty();
      Meaning.assertSurvives(Format.SYSTEMD, unit, new Target(List.of(Arch.X86_64), Set.of()), Set.of());
    }
  }

  @Test
  void aSmallPolicyIsASmallUnit() {
    Written written = write("""
        name: web
        architectures: native
        default-action: errno:EPERM
        newer-action: errno:EPERM
        allow:
          - "@default"
          - read
          - write
          - socket(domain in [AF_UNIX, AF_INET, AF_INET6])
        deny:
          - calls: write
            action: errno:EACCES
        """);
    assertThat(written.text()).isEqualTo("""
        # web
        [Service]
        SystemCallArchitectures=native
        """ + written.text().lines().filter(line -> line.startsWith("SystemCallFilter=")
            && !line.startsWith("SystemCallFilter=~")).reduce("", (a, b) -> a + b + "\n") + """
        SystemCallFilter=~write:EACCES
        SystemCallErrorNumber=EPERM
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
        """);
    assertThat(written.text()).contains(" read ").doesNotContain("@");
    assertThat(losses(written)).containsExactly("restriction");
  }

  @Test
  void whatUnitsCannotSayIsRefusedAndTold() {
    Written written = write("""
        architectures: native
        newer-action: errno:EPERM
        allow: [ioctl(cmd == TIOCGWINSZ), read]
        """);
    assertThat(written.text()).doesNotContain("ioctl");
    assertThat(losses(written)).contains("arguments");
  }

  @Test
  void aListForOneArchitectureBindsTheUnitToIt() {
    String text = write("architectures: [x86_64]\nallow: [read]\n").text();
    assertThat(text).contains("[Unit]\nConditionArchitecture=|x86-64\n").contains("SystemCallArchitectures=x86-64\n");
  }
}
