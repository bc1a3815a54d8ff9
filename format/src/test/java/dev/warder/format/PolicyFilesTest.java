package dev.warder.format;

import static dev.warder.format.Files.action;
import static dev.warder.format.Files.policy;
import static dev.warder.format.Files.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Target;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PolicyFilesTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);

  private static final String WEB = """
      name: web
      description: Serves files
      architectures: [x86_64, x86]
      default-action: errno:EACCES
      sets:
        "@files": [openat, close]
      allow:
        - "@files"
        - "@basic-io"
        - "#451"
        - socket(domain in [AF_UNIX, AF_INET])
        - clone(!(flags & CLONE_NEWUSER))
        - { calls: ["@clock"], with: CAP_SYS_TIME, reason: Sets the clock }
        - calls: [kcmp, getcpu]
          architectures: aarch64
      deny:
        - write
        - calls: close
          without: [CAP_SYS_ADMIN, sys_chroot]
          action: kill
          reason: "No: closing"
          dangerous: true
      """;

  private static final String WEB_JSON = """
      {
        "$schema": "policy.schema.json",
        "name": "web", "description": "Serves files", "architectures": ["x86_64", "x86"],
        "default-action": "errno:EACCES",
        "sets": {"@files": ["openat", "close"]},
        "allow": ["@files", "@basic-io", "#451", "socket(domain in [AF_UNIX, AF_INET])",
          "clone(!(flags & CLONE_NEWUSER))",
          {"calls": ["@clock"], "with": "CAP_SYS_TIME", "reason": "Sets the clock"},
          {"calls": ["kcmp", "getcpu"], "architectures": ["aarch64"]}],
        "deny": ["write", {"calls": "close", "without": ["CAP_SYS_ADMIN", "sys_chroot"], "action": "kill",
          "reason": "No: closing", "dangerous": true}]
      }
      """;

  @Test
  void aPolicySaysWhatItMeans() {
    Policy web = policy(WEB);
    assertThat(web.name()).isEqualTo("web");
    assertThat(web.architectures()).isEqualTo(new Architectures.Listed(List.of(Arch.X86_64, Arch.X86)));
    assertThat(action(web, "openat")).isEqualTo(Action.ALLOW);
    assertThat(action(web, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(web, "write")).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(web, "cachestat")).as("#451").isEqualTo(Action.ALLOW);
    assertThat(action(web, "socket", 2)).isEqualTo(Action.ALLOW);
    assertThat(action(web, "socket", 16)).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(web, "clone", 0x10000000)).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(web, "close")).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(web, "kcmp")).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(web, Arch.AARCH64, Set.of(), "kcmp")).isEqualTo(Action.ALLOW);
    var time = Set.of(Capability.CAP_SYS_TIME, Capability.CAP_SYS_CHROOT);
    assertThat(action(web, Arch.X86_64, time, "settimeofday")).isEqualTo(Action.ALLOW);
    assertThat(action(web, Arch.X86_64, time, "close")).isEqualTo(Action.ALLOW);
  }

  @Test
  void jsonSaysTheSame() {
    assertThat(RoundTripTest.withoutOrigins(policy(WEB_JSON))).isEqualTo(RoundTripTest.withoutOrigins(policy(WEB)));
  }

  @Test
  void rulesKnowTheirLine() {
    assertThat(policy("allow:\n  - read\n  - write\n").rules()).extracting(rule -> rule.origin())
        .containsExactly("test:2", "test:3");
  }

  @Test
  void whatIsLeftOutIsTheSafeDefault() {
    Policy policy = policy("allow: [read]");
    assertThat(policy).usingRecursiveComparison().ignoringFields("rules").isEqualTo(Policy.allowList("test"));
    assertThat(policy("deny:\nallow:\n").rules()).isEmpty();
  }

  @Test
  void extendingAddsToAShippedProfile() {
    Policy policy = policy("extends: default\nallow: [io_uring_setup]\ndeny: [execve]\n");
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "io_uring_setup")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "execve")).isEqualTo(EPERM);
    assertThat(action(policy("extends: docker\ndefault-action: kill"), "acct")).isEqualTo(Action.KILL_PROCESS);
    for (String name : ShippedProfiles.names()) {
      assertThat(problems("extends: " + name)).isEmpty();
    }
  }

  @Test
  void mistakesAreFoundWithCodeAndPlace() {
    record Row(String text, String... problems) {}
    var rows = List.of(
        new Row("allow: [raed]", "unknown-syscall 1:9"),
        new Row("allow: [\"@ipcs\"]", "unknown-set 1:10"),
        new Row("allow:\n  - @ipc\n", "yaml-syntax 2:5"),
        new Row("allow:\n- #451\n", "wrong-kind 2:2"),
        new Row("allow: [451]", "wrong-kind 1:9"),
        new Row("allow: [true]", "wrong-kind 1:9"),
        new Row("allow: ['']", "no-calls 1:9"),
        new Row("allow: read", "wrong-kind 1:8"),
        new Row("allow: [[read]]", "wrong-kind 1:9"),
        new Row("allow: [~read]", "tilde-inside 1:9"),
        new Row("allow: [{calls: [], with: CAP_BPF}]", "no-calls 1:9"),
        new Row("allow: [{with: CAP_BPF}]", "no-calls 1:9"),
        new Row("allow: [{calls: read, whith: CAP_BPF}]", "unknown-key 1:23"),
        new Row("allow: [{calls: read, with: CAP_BFP}]", "unknown-capability 1:29"),
        new Row("allow: [{calls: read, action: kill}]", "action-on-allow 1:31"),
        new Row("deny: [{calls: read, action: allow}]", "unknown-action 1:30"),
        new Row("deny: [{calls: read, dangerous: true}]", "no-reason 1:33"),
        new Row("deny: [{calls: read, dangerous: yes, reason: x}]", "wrong-kind 1:33"),
        new Row("default-action: trace:70000", "unknown-action 1:17"),
        new Row("default-action: errno:EPREM", "unknown-action 1:17"),
        new Row("architectures: [x86-64]\nallow:", "unknown-architecture 1:17"),
        new Row("architectures: []\nallow:", "empty-list 1:16"),
        new Row("extends: web.yaml", "unknown-profile 1:10"),
        new Row("extends: [default]", "wrong-kind 1:10"),
        new Row("alow: [read]", "unknown-key 1:1"),
        new Row("allow: [read]\nallow: [write]", "duplicate-key 2:1"),
        new Row("sets: {\"@a\": [b]}\nallow:", "unknown-syscall 1:15"),
        new Row("sets: {a: [read]}\nallow:", "bad-set-name 1:8"),
        new Row("sets: {\"@a\": [\"@ipc\"]}\nallow:", "set-in-set 1:15"),
        new Row("allow:\n  - socket(domain == AF_NIX)\n", "unknown-constant 2:22"),
        new Row("allow:\n  - 'socket(domain == AF_NIX)'\n", "unknown-constant 2:23"),
        new Row("allow:\n  - \"socket(\\\n   domain == AF_NIX)\"\n", "unknown-constant 2:18"),
        new Row("{\"allow\": [\"read\",\n  \"wirte\"]}", "unknown-syscall 2:4"),
        new Row("allow: [raed]\ndeny: [wirte]\nextends: x", "unknown-syscall 1:9", "unknown-syscall 2:8",
            "unknown-profile 3:10"));
    for (Row row : rows) {
      assertThat(problems(row.text())).as(row.text()).containsExactly(row.problems());
    }
  }

  @Test
  void aFileOfAnotherKindIsRefused() {
    for (String text : List.of("read", "- read", "a: b", "{}", "[]", "{\"a\": 1}", "name: x\nversion: 2", "42")) {
      assertThat(problems(text)).as(text).containsExactly("unknown-format 1:1");
    }
  }

  @Test
  void problemsShowTheLineAndTheRemedy() {
    String text = """
        allow:
          - opnat2
          - "socket(domian == 1)"
        \tdeny: [read]
        """;
    assertThat(rendered(text)).isEqualTo("""
        test:4:1: YAML does not indent with tabs [yaml-syntax]
             deny: [read]
            ^
        fix: write spaces
        """);
    assertThat(rendered(text.replace("\t", ""))).isEqualTo("""
        test:2:5: no system call named 'opnat2' [unknown-syscall]
              - opnat2
                ^^^^^^
        fix: did you mean 'openat2' or 'openat'?
        test:3:13: 'domian' is no argument of socket [unknown-argument]
              - "socket(domian == 1)"
                        ^^^^^^
        fix: did you mean 'domain'?
        """);
  }

  private static String rendered(String text) {
    return Files.read("test", text).problems().stream().map(Problem::render).collect(Collectors.joining());
  }

  @Test
  void frequenciesAreKeptOrToldToBeLost() {
    Policy policy = policy("extends: strict\nfrequencies: {ioctl: 12000, socket: 90}");
    assertThat(policy.frequencies()).isEqualTo(Map.of("ioctl", 12_000L, "socket", 90L));
    for (Format format : Format.values()) {
      var losses = PolicyFiles.write(format, policy, new Target(List.of(), Set.of())).orThrow().losses();
      assertThat(losses.stream().filter(loss -> loss.problem().code().equals("lost-frequency") && !loss.stricter()))
          .as(format.label()).hasSize(format == Format.WARDER ? 0 : 1);
    }
    assertThat(problems("allow: [read]\nfrequencies:\n  raed: 1\n  write:\n  read: 1e3\n  open: 1000000000001\n"))
        .containsExactly("unknown-syscall 3:3", "wrong-kind 4:3", "bad-number 5:9", "bad-number 6:9");
  }
}
