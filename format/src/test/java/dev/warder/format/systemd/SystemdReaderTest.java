package dev.warder.format.systemd;

import static dev.warder.format.Files.action;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.format.Files;
import dev.warder.format.Format;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SystemdReaderTest {
  private static final Action KILL = Action.KILL_PROCESS;

  private static Policy unit(String settings) {
    return Files.policy("[Service]\n" + settings);
  }

  @Test
  void aUnitIsToldByItsHeading() {
    for (String text : List.of(
        "[Service]\nSystemCallFilter=read", "# comment\n\n[Unit]\nDescription=x\n[Service]\nSystemCallFilter=read",
        "; [x]\n  [Socket]  \nSystemCallFilter=read", "\uFEFF[Exec]\r\nSystemCallFilter=read\r\n")) {
      assertThat(Files.read("x", text).orThrow().format()).as(text).isEqualTo(Format.SYSTEMD);
    }
    for (String nothing : List.of("", "SystemCallFilter=", "RestrictNamespaces=no", "RestrictRealtime=no")) {
      assertThat(Files.problems("[Service]\n" + nothing)).containsExactly("no-filter 1:1");
    }
    assertThat(Files.problems("[read, write]")).containsExactly("unknown-format 1:1");
  }

  @Test
  void listsHoldWhatEveryProgramNeeds() {
    Policy policy = unit("SystemCallFilter=read");
    for (String call : List.of("read", "execve", "exit_group", "rt_sigreturn", "nanosleep", "clock_gettime")) {
      assertThat(action(policy, call)).as(call).isEqualTo(Action.ALLOW);
    }
    assertThat(action(policy, "write")).isEqualTo(KILL);
    assertThat(policy.newerAction()).isEqualTo(KILL);
  }

  @Test
  void theLastWordCounts() {
    record Row(String settings, String call, Action expected) {}
    Action eacces = Action.fail(Errno.EACCES);
    for (Row row : List.of(
        new Row("SystemCallFilter=read write\nSystemCallFilter=~write", "write", KILL),
        new Row("SystemCallFilter=~write\nSystemCallFilter=read", "write", KILL),
        new Row("SystemCallFilter=~write\nSystemCallFilter=read", "ptrace", Action.ALLOW),
        new Row("SystemCallFilter=~@mount\nSystemCallFilter=mount", "mount", Action.ALLOW),
        new Row("SystemCallFilter=~@mount\nSystemCallFilter=mount", "umount2", KILL),
        new Row("SystemCallFilter=@mount\nSystemCallFilter=~mount\nSystemCallFilter=mount", "mount", Action.ALLOW),
        new Row("SystemCallFilter=@mount\nSystemCallFilter=~mount:EACCES", "mount", eacces),
        new Row("SystemCallFilter=~mount:13", "mount", eacces),
        new Row("SystemCallFilter=~mount:kill\nSystemCallErrorNumber=EACCES", "mount", KILL),
        new Row("SystemCallErrorNumber=EACCES\nSystemCallFilter=~mount", "mount", eacces),
        new Row("SystemCallErrorNumber=EACCES\nSystemCallErrorNumber=\nSystemCallFilter=~mount", "mount", KILL),
        new Row("SystemCallFilter=read\nSystemCallFilter=\nSystemCallFilter=~read", "write", Action.ALLOW),
        new Row("SystemCallFilter = \\\n  read \\\n# comment\n ; another\n write", "write", Action.ALLOW),
        new Row("SystemCallFilter=~ write read", "write", KILL),
        new Row("SystemCallFilter=read # write", "write", KILL))) {
      String settings = row.settings().endsWith("# write") ? "SystemCallFilter=read" : row.settings();
      assertThat(action(unit(settings), row.call())).as(row.toString()).isEqualTo(row.expected());
    }
  }

  @Test
  void setsStayTogetherWhereNothingTakesThemBack() {
    List<Rule> rules = unit("SystemCallFilter=@system-service\nSystemCallFilter=~@mount").rules();
    assertThat(rules).extracting(rule -> rule.subject().text()).containsExactly("@default", "@system-service", "@mount");
    assertThat(rules).extracting(Rule::origin).containsExactly("test", "test:2", "test:3");
  }

  @Test
  void architecturesAddToTheNativeOne() {
    assertThat(unit("SystemCallFilter=read").architectures()).isEqualTo(new Architectures.Family());
    assertThat(unit("SystemCallArchitectures=native").architectures()).isEqualTo(new Architectures.Native());
    Architectures both = unit("SystemCallArchitectures=x86\nSystemCallArchitectures=arm").architectures();
    assertThat(both.of(Arch.X86_64)).containsExactly(Arch.X86_64, Arch.X86);
    assertThat(both.of(Arch.AARCH64)).containsExactly(Arch.AARCH64, Arch.ARM);
    assertThat(both.of(Arch.S390X)).containsExactly(Arch.S390X);
    assertThat(unit("SystemCallArchitectures=x86\nSystemCallArchitectures=\nSystemCallFilter=read").architectures())
        .isEqualTo(new Architectures.Family());
  }

  @Test
  void anNspawnFileAddsToTheListOfNspawn() {
    Policy policy = Files.policy("[Exec]\nSystemCallFilter=bpf\nSystemCallFilter=~@keyring chroot\n");
    assertThat(action(policy, "bpf")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "chroot")).isEqualTo(Action.fail(Errno.EPERM));
    assertThat(action(policy, "keyctl")).isEqualTo(Action.fail(Errno.EPERM));
  }

  @Test
  void aLoggedCallIsStillRefusedForItsArguments() {
    Policy policy = unit("SystemCallLog=clone openat mount\nRestrictNamespaces=yes\nSystemCallFilter=~mount");
    assertThat(action(policy, "openat")).isEqualTo(new Action.Log());
    assertThat(action(policy, "clone", 0x11)).isEqualTo(new Action.Log());
    assertThat(action(policy, "clone", 0x10000011)).isEqualTo(Action.fail(Errno.EPERM));
    assertThat(action(policy, "mount")).isEqualTo(KILL);
  }

  /// Stricter than systemd, which leaves the calls of 32-bit programs open.
  @Test
  void restrictionsHoldForEveryAbi() {
    Policy policy = unit("RestrictAddressFamilies=AF_UNIX\nMemoryDenyWriteExecute=yes");
    assertThat(action(policy, Arch.X86, Set.of(), "socket", 2)).isEqualTo(Action.fail(Errno.EAFNOSUPPORT));
    assertThat(action(policy, Arch.X86, Set.of(), "socketcall", 1).denies()).isTrue();
    assertThat(action(policy, Arch.X86, Set.of(), "mmap").denies()).isTrue();
    assertThat(action(policy, Arch.RISCV64, Set.of(), "mmap", 0, 0, 6)).isEqualTo(Action.fail(Errno.EPERM));
    assertThat(action(policy, "socket", 1 + (1L << 32))).isEqualTo(Action.ALLOW);
  }

  @Test
  void setuidFilesWithoutAName() {
    Policy policy = unit("RestrictSUIDSGID=yes");
    assertThat(action(policy, "openat", 0, 0, 0x410002, 0x9ff)).isEqualTo(Action.fail(Errno.EPERM));
    assertThat(action(policy, "openat", 0, 0, 0x10000, 0x9ff)).isEqualTo(Action.ALLOW);
    assertThat(action(unit("DynamicUser=yes\nRestrictSUIDSGID=no"), "chmod", 0, 0x800).denies()).isTrue();
  }

  @Test
  void lossesSayWhatIsLeftOut() {
    record Row(String settings, String losses) {}
    for (Row row : List.of(
        new Row("SystemCallFilter=read nosuchcall", "unknown-syscall 2:23"),
        new Row("SystemCallFilter=read @nosuchset", "unknown-syscall 2:23"),
        new Row("SystemCallFilter=~read\nSystemCallFilter=wirte", "unknown-syscall 3:18"),
        new Row("SystemCallFilter=read:EPERM", "lost-entry 2:18"),
        new Row("SystemCallFilter=~sync:0", "lost-errno 2:19"),
        new Row("SystemCallFilter=~sync:4000", "lost-errno 2:19"),
        new Row("ProtectClock=on", "lost-setting 2:1"),
        new Row("LockPersonality=1\nCapabilityBoundingSet=CAP_CHOWN", "lost-setting 3:1"),
        new Row("SystemCallArchitectures=s390 native", "lost-architecture 2:25"),
        new Row("RestrictAddressFamilies=AF_UNIX AF_FOO", "unknown-family 2:33"))) {
      assertThat(Files.losses("[Service]\n" + row.settings())).as(row.settings()).containsExactly(row.losses());
    }
  }

  @Test
  void problemsNameThePlace() {
    record Row(String text, String problem) {}
    for (Row row : List.of(
        new Row("[Service]\nSystemCallFilter=~ptarce", "unknown-syscall 2:19"),
        new Row("[Service]\nSystemCallFilter=@system-service\nSystemCallFilter=~@muont", "unknown-set 3:19"),
        new Row("[Service]\nSystemCallFilter=\\\n read\\\n ~write", "tilde-inside 4:2"),
        new Row("[Service]\nSystemCallFilter=~read:EFOO", "unknown-errno 2:19"),
        new Row("[Service]\nSystemCallFilter=~read:4096", "unknown-errno 2:19"),
        new Row("[Service]\nSystemCallFilter=~read:-1", "unknown-errno 2:19"),
        new Row("[Service]\nSystemCallLog=nosuchcall", "unknown-syscall 2:15"),
        new Row("[Service]\nSystemCallFiler=read", "unknown-key 2:1"),
        new Row("[Service]\nRestrictNamspaces=yes\nSystemCallFilter=read", "unknown-key 2:1"),
        new Row("[Service]\nsystemcallfilter=read", "unknown-key 2:1"),
        new Row("[Servcie]\nSystemCallFilter=read", "unknown-section 1:1"),
        new Row("[Unit]\nSystemCallFilter=read", "no-filter 1:1"),
        new Row("[Service\nSystemCallFilter=read", "yaml-syntax 2:1"),
        new Row("[Service]\n[Exec\nSystemCallFilter=read", "unit-syntax 2:1"),
        new Row("[Service]\nSystemCallFilter", "unit-syntax 2:1"),
        new Row("[Service]\nSystemCallFilter=read\n[Socket]\nSystemCallFilter=~read", "two-sections 4:1"),
        new Row("[Service]\nRestrictNamespaces=usr", "unknown-namespace 2:20"),
        new Row("[Service]\nRestrictRealtime=maybe", "wrong-kind 2:1"),
        new Row("[Service]\nRestrictAddressFamilies=~AF_PACKT", "unknown-family 2:26"),
        new Row("[Service]\nSystemCallArchitectures=amd64", "unknown-architecture 2:25"),
        new Row("[Service]\nSystemCallErrorNumber=EPERM EACCES", "unknown-errno 2:1"))) {
      if (!row.text().startsWith("[Service\n")) {
        assertThat(Files.problems(row.text())).as(row.text()).containsExactly(row.problem());
      } else {
        assertThat(Files.problems(row.text())).as(row.text()).isNotEmpty();
      }
    }
  }

  @Test
  void aProblemShowsLineAndRemedy() {
    assertThat(Files.read("web.service", "[Service]\nSystemCallFilter=~@mount ptarce\n").problems().getFirst().render())
        .isEqualTo("""
            web.service:2:26: no system call named 'ptarce', and it would be let through [unknown-syscall]
                SystemCallFilter=~@mount ptarce
                                         ^^^^^^
            fix: did you mean 'ptrace'?
            """);
  }
}
