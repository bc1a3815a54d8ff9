package dev.warder.format.minijail;

import static dev.warder.format.Files.action;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.format.Files;
import dev.warder.format.Format;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.convert.Includes;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.io.FileNotFoundException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MinijailReaderTest {
  private static final Action KILL = Action.KILL_PROCESS;
  private static final Action EPERM = Action.fail(Errno.EPERM);

  @Test
  void aPolicyIsToldByItsFirstStatement() {
    for (String text : List.of(
        "read: 1", "# x\n\nread: allow", "@default trap\nread: 1", "@include ./x.policy", "{read, write}: 1",
        "socket: arg0 == AF_UNIX", "kill: return EPERM", "nosuchcall: 1\nread: 1", "read[arch=arm]: 1",
        "clone: { arg0 & CLONE_NEWUSER; return EPERM, 1 }", "@denylist\nmount: return 1")) {
      Parsed<PolicyFile> read = Files.read("x", text);
      boolean ours = read instanceof Parsed.Accepted<PolicyFile> file && file.value().format() == Format.MINIJAIL
          || read.problems().getFirst().code().equals("include");
      assertThat(ours).as(text + read.problems()).isTrue();
    }
    for (String text : List.of("allow: [read]", "name: \"1\"\nallow: [read]", "{\"allow\": [\"read\"]}", "deny:\n  - read")) {
      assertThat(Files.read("x", text).orThrow().format()).as(text).isEqualTo(Format.WARDER);
    }
  }

  @Test
  void theFirstFilterThatHoldsDecides() {
    record Row(String policy, String call, long arg0, long arg1, Action expected) {}
    for (Row row : List.of(
        new Row("read: 1", "read", 0, 0, Action.ALLOW),
        new Row("read: 1", "write", 0, 0, KILL),
        new Row("read: return EPERM", "read", 0, 0, EPERM),
        new Row("read: return 0xd", "read", 0, 0, Action.fail(Errno.EACCES)),
        new Row("@default kill-thread\nread: 1", "write", 0, 0, new Action.KillThread()),
        new Row("read: 1\n@default trap", "write", 0, 0, new Action.Trap()),
        new Row("read: log", "read", 0, 0, new Action.Log()),
        new Row("read: trace", "read", 0, 0, new Action.Trace((short) 0)),
        new Row("read: user-notify", "read", 0, 0, new Action.Notify()),
        new Row("read: kill", "read", 0, 0, KILL),
        new Row("socket: arg0 == AF_UNIX || arg0 == AF_INET && arg1 == 1", "socket", 1, 7, Action.ALLOW),
        new Row("socket: arg0 == AF_UNIX || arg0 == AF_INET && arg1 == 1", "socket", 2, 1, Action.ALLOW),
        new Row("socket: arg0 == AF_UNIX || arg0 == AF_INET && arg1 == 1", "socket", 2, 2, KILL),
        new Row("clone: arg0 & CLONE_NEWUSER; kill", "clone", 0x10000000, 0, KILL),
        new Row("clone: { arg0 & CLONE_NEWUSER; return EPERM, 1 }", "clone", 0x10000011, 0, EPERM),
        new Row("clone: { arg0 & CLONE_NEWUSER; return EPERM, 1 }", "clone", 0x11, 0, Action.ALLOW),
        new Row("socket: { arg0 == 1, arg1 == 1; return 1, arg0 == 2 }", "socket", 1, 1, Action.ALLOW),
        new Row("socket: { arg0 == 1, arg1 == 1; return 1, arg0 == 2 }", "socket", 2, 1, EPERM),
        new Row("socket: { arg0 == 1, arg1 == 1; return 1, arg0 == 2 }", "socket", 2, 2, Action.ALLOW),
        new Row("socket: { arg0 == 1, arg1 == 1; return 1, arg0 == 2 }", "socket", 3, 2, KILL),
        new Row("socket: { arg0 == 1, return EPERM }", "socket", 1, 0, Action.ALLOW),
        new Row("socket: { arg0 == 1, return EPERM }", "socket", 2, 0, EPERM),
        new Row("socket: { arg0 == 1; return 1, return 13 }", "socket", 1, 0, EPERM),
        new Row("socket: { arg0 == 1; return 1, return 13 }", "socket", 2, 0, Action.fail(Errno.EACCES)),
        new Row("personality: arg0 in 0x8|0x20000", "personality", 0x20000, 0, Action.ALLOW),
        new Row("personality: arg0 in 0x8|0x20000", "personality", 0x20001, 0, KILL),
        new Row("personality: arg0 in ~(1 | 2)", "personality", 4, 0, Action.ALLOW),
        new Row("personality: arg0 in ~(1 | 2)", "personality", 6, 0, KILL),
        new Row("personality: arg0 <= 010", "personality", 8, 0, Action.ALLOW),
        new Row("personality: arg0 < 8", "personality", 8, 0, KILL),
        new Row("personality: arg0 == -1", "personality", 0xFFFFFFFFL, 0, Action.ALLOW),
        new Row("socket: \\\n  arg0 == 1 || \\\n  arg0 == 2 # both\n", "socket", 2, 0, Action.ALLOW),
        new Row("{ read, write }: 1", "write", 0, 0, Action.ALLOW),
        new Row("@denylist\nmount: return 1", "mount", 0, 0, EPERM),
        new Row("@denylist\nmount: return 1", "read", 0, 0, Action.ALLOW),
        new Row("@denylist\nsocket: { arg0 == 1; return 1 }", "socket", 2, 0, Action.ALLOW),
        new Row("kill: 1", "kill", 0, 0, Action.ALLOW))) {
      Policy policy = Files.policy(row.policy());
      assertThat(action(policy, row.call(), row.arg0(), row.arg1())).as(row.toString()).isEqualTo(row.expected());
      assertThat(policy.architectures()).isEqualTo(new Architectures.Native());
    }
  }

  @Test
  void architecturesOfALine() {
    Policy policy = Files.policy("read[arch=arm64,arm]: 1\nread[arch=x86_64]: return EPERM\nwrite: 1");
    assertThat(action(policy, Arch.AARCH64, Set.of(), "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.X86_64, Set.of(), "read")).isEqualTo(EPERM);
    assertThat(action(policy, Arch.RISCV64, Set.of(), "read")).isEqualTo(KILL);
  }

  @Test
  void problemsNameThePlace() {
    record Row(String text, String problem) {}
    for (Row row : List.of(
        new Row("socket: arg0 == 1; return EPERM", "ambiguous-return 1:18"),
        new Row("read: 1\nread: 1", "redefined 2:1"),
        new Row("read: 1\n{write, read}: 1", "redefined 2:1"),
        new Row("read[arch=arm]: 1\nread[arch=x86,arm]: 1", "redefined 2:1"),
        new Row("read: 1\nwrite: 2", "policy-syntax 2:8"),
        new Row("read: 1\nwrite", "policy-syntax 2:6"),
        new Row("read: 1 1", "policy-syntax 1:9"),
        new Row("read: 1\nsocket: arg0 == 1 ||", "policy-syntax 2:21"),
        new Row("read: 1\nsocket: arg0 = 1", "policy-syntax 2:14"),
        new Row("read: 1\nsocket: arg0 == ", "policy-syntax 2:17"),
        new Row("read: 1\nsocket: arg0 == AF_FOO", "unknown-constant 2:17"),
        new Row("read: 1\nsocket: arg0 == 0x10000000000000000", "unknown-constant 2:17"),
        new Row("read: 1\nsocket: arg0 == 08", "unknown-constant 2:17"),
        new Row("read: 1\nsocket: arg6 == 1", "bad-index 2:9"),
        new Row("read: 1\nsocket: arg5 == 1", "bad-index 2:9"),
        new Row("read: 1\nsocket: { 1, return 1 }", "unreachable 2:14"),
        new Row("read: 1\nsocket: return EFOO", "unknown-errno 2:16"),
        new Row("read: 1\nsocket: return 4096", "unknown-errno 2:16"),
        new Row("read: 1\n@default allow", "policy-syntax 2:10"),
        new Row("read: 1\n@default user-notify", "notify-all 2:10"),
        new Row("read: 1\n@denylist", "policy-syntax 2:1"),
        new Row("@denylist\nmount: 1", "policy-syntax 2:8"),
        new Row("@denylist\nmuont: return 1", "unknown-syscall 2:1"),
        new Row("read: 1\nfile@libc: 1", "unknown-set 2:1"),
        new Row("read[arch=vax]: 1\nwrite: 1", "unknown-architecture 1:11"),
        new Row("read[os=linux]: 1\nwrite: 1", "policy-syntax 1:6"),
        new Row("read: 1\n@include ./x", "include 2:10"),
        new Row("read: 1\n@include /etc/passwd", "include-path 2:10"),
        new Row("read: 1\n@include ../x", "include-path 2:10"),
        new Row("read: 1\nsocket: arg0 == " + "(".repeat(40) + "1", "expression-too-deep 2:50"))) {
      assertThat(Files.problems(row.text())).as(row.text()).containsExactly(row.problem());
    }
    assertThat(Files.losses("read: 1\nnosuchcall: 1\nwrite: return 0\n@frequency ./f"))
        .containsExactly("unknown-syscall 2:1", "lost-errno 3:15", "lost-frequency 4:1");
  }

  private static Parsed<PolicyFile> read(Map<String, String> files) {
    Includes includes = path -> {
      if (!files.containsKey(path)) {
        throw new FileNotFoundException(path);
      }
      return files.get(path).getBytes(StandardCharsets.UTF_8);
    };
    return PolicyFiles.read(null, "main", files.get("main").getBytes(StandardCharsets.UTF_8), includes);
  }

  private static List<String> problems(Map<String, String> files) {
    return read(files).problems().stream()
        .map(p -> p.where().source() + ":" + p.where().line() + " " + p.code()).toList();
  }

  @Test
  void includedFilesCountAsIfTheyStoodThere() {
    Policy policy = read(Map.of("main", "@include ./sub/a.policy\nread: 1", "sub/a.policy", "write: 1\n@include ./b",
        "sub/b", "close: return EPERM\n@include ../c", "c", "@default trap")).orThrow().policy();
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "write")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "close")).isEqualTo(EPERM);
    assertThat(action(policy, "openat")).isEqualTo(new Action.Trap());
  }

  @Test
  void frequenciesAreAddedUp() {
    PolicyFile file = read(Map.of("main", "@frequency ./f+1 # measured\n@include ./sub/a\nread: 1", "f+1",
        "read: 10\n# x\n\nioctl: 0x10\nnosuchcall: 3\nkill: 0", "sub/a", "write: 1\n@frequency ./g", "sub/g",
        "read[arch=arm64]: 5\nwrite: 1000000000000\nwrite: 1")).orThrow();
    assertThat(file.policy().frequencies())
        .isEqualTo(Map.of("read", 15L, "ioctl", 16L, "kill", 0L, "write", 1_000_000_000_000L));
    assertThat(file.losses()).singleElement().extracting(loss -> loss.problem().code()).isEqualTo("unknown-syscall");
  }

  @Test
  void problemsOfFrequenciesNameThePlace() {
    record Row(String frequencies, String problem) {}
    for (Row row : List.of(
        new Row("read: 1\nwrite", "2 policy-syntax"), new Row("read: -1", "1 policy-syntax"),
        new Row("read: 1000000000001", "1 policy-syntax"), new Row("read: often", "1 policy-syntax"),
        new Row("read: 0xffffffffffffffff", "1 policy-syntax"), new Row("read: 1 2", "1 policy-syntax"),
        new Row("# x\n: 1", "2 policy-syntax"), new Row("@include ./main", "1 policy-syntax"))) {
      assertThat(problems(Map.of("main", "@frequency ./sub/f\nread: 1", "sub/f", row.frequencies())))
          .as(row.frequencies()).containsExactly("sub/f:" + row.problem());
    }
    assertThat(problems(Map.of("main", "read: 1\n@frequency /f"))).containsExactly("main:2 include-path");
    assertThat(problems(Map.of("main", "read: 1\n@frequency ../f"))).containsExactly("main:2 include-path");
    assertThat(problems(Map.of("main", "read: 1\n@frequency"))).containsExactly("main:2 include-path");
    assertThat(problems(Map.of("main", "read: 1\n@frequency ./f"))).containsExactly("main:2 include");
    assertThat(problems(Map.of("main", "@include ./b\n@include ./a", "a", "@frequency ./f", "b", "write: 2", "f", "x")))
        .containsExactly("b:1 policy-syntax", "f:1 policy-syntax");
  }

  @Test
  void inclusionIsBounded() {
    assertThat(problems(Map.of("main", "@include ./main\n"))).containsExactly("main:1 too-deep");
    assertThat(problems(Map.of("main", "@include ./a\n@include ./a\n@include ./b\n", "a", "@include ./b\n".repeat(70),
        "b", "# nothing"))).contains("a:63 too-many-files").hasSizeLessThan(120);
    assertThat(problems(Map.of("main", "@include ./a\n", "a", "#".repeat(1 << 18) + "\n"))).containsExactly("main:1 include");
    assertThat(problems(Map.of("main", "@include ./a\nread: 1", "a", "read: 1\nsocket: arg9 == 1")))
        .containsExactlyInAnyOrder("main:2 redefined", "a:2 bad-index");
    assertThat(problems(Map.of("main", "@include ./a/../../b\n"))).containsExactly("main:1 include-path");
    assertThat(problems(Map.of("main", "@include ./missing\n"))).containsExactly("main:1 include");
  }

  @Test
  void aProblemShowsLineAndRemedy() {
    assertThat(Files.read("web.policy", "read: 1\nsocket: arg0 == AF_UNIX; return EPERM\n").problems().getFirst()
        .render()).isEqualTo("""
            web.policy:2:24: minijail0 allows what passes this test, compile_seccomp_policy.py refuses it \
            [ambiguous-return]
                socket: arg0 == AF_UNIX; return EPERM
                                       ^
            fix: write { test, return N } to allow what passes, { test; return N } to refuse it
            """);
  }
}
