package dev.warder.format.oci;

import static dev.warder.format.Files.action;
import static dev.warder.format.Files.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.Files;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OciReaderTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);
  private static final Action ENOSYS = Action.fail(Errno.ENOSYS);

  /// A profile that denies by default, from rules with single quotes.
  private static String profile(String... rules) {
    return profileWith("'defaultAction': 'SCMP_ACT_ERRNO'", rules);
  }

  private static String profileWith(String head, String... rules) {
    return ("{" + head + ", 'syscalls': [" + String.join(",", rules) + "]}").replace('\'', '"');
  }

  private static String rule(String names, String action, String more) {
    return "{'names': ['" + names.replace(" ", "','") + "'], 'action': 'SCMP_ACT_" + action + "'" + more + "}";
  }

  private static String allow(String names, String more) {
    return rule(names, "ALLOW", more);
  }

  private static String args(String... tests) {
    StringBuilder out = new StringBuilder(", 'args': [");
    for (String test : tests) {
      String[] words = test.split(" ");
      out.append(out.charAt(out.length() - 1) == '[' ? "" : ",");
      out.append("{'index':").append(words[0]).append(",'op':'SCMP_CMP_").append(words[1]).append("','value':");
      out.append(words[2]).append(words.length > 3 ? ",'valueTwo':" + words[3] : "").append('}');
    }
    return out + "]";
  }

  /// Codes; places are tested with the tree.
  private static List<String> problems(String text) {
    return Files.problems(text).stream().map(problem -> problem.replaceAll(" .*", "")).toList();
  }

  private static List<String> losses(String text) {
    return Files.losses(text).stream().map(loss -> loss.replaceAll(" .*", "")).toList();
  }

  @Test
  void actionsKeepTheirMeaning() {
    record Row(String action, String more, Action expected) {}
    var rows = List.of(
        new Row("ALLOW", "", Action.ALLOW),
        new Row("ERRNO", "", EPERM),
        new Row("ERRNO", ",'errnoRet':38", ENOSYS),
        new Row("ERRNO", ",'errnoRet':1,'errno':'ENOSYS'", ENOSYS),
        new Row("KILL", "", new Action.KillThread()),
        new Row("KILL_THREAD", "", new Action.KillThread()),
        new Row("KILL_PROCESS", "", Action.KILL_PROCESS),
        new Row("TRAP", "", new Action.Trap()),
        new Row("LOG", "", new Action.Log()),
        new Row("NOTIFY", "", new Action.Notify()),
        new Row("TRACE", ",'errnoRet':7", new Action.Trace((short) 7)));
    for (Row row : rows) {
      Policy policy = policy(profile(rule("read", row.action(), row.more())));
      assertThat(action(policy, "read")).as(row.action()).isEqualTo(row.expected());
      assertThat(action(policy, "write")).as(row.action()).isEqualTo(EPERM);
    }
  }

  @Test
  void defaultsDecideWhatNoRuleSpeaksOf() {
    Policy denies = policy(profileWith("'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':13"));
    assertThat(action(denies, "read")).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(denies.newerAction()).isEqualTo(ENOSYS);
    Policy lets = policy(profileWith("'defaultAction':'SCMP_ACT_LOG'", rule("read", "KILL_PROCESS", "")));
    assertThat(action(lets, "write")).isEqualTo(new Action.Log());
    assertThat(action(lets, "read")).isEqualTo(Action.KILL_PROCESS);
    assertThat(lets.newerAction()).isEqualTo(new Action.Log());
  }

  @Test
  void operatorsCompare() {
    record Row(String test, long[] yes, long[] no) {}
    var rows = List.of(
        new Row("1 EQ 5", new long[] {5}, new long[] {4, 6}),
        new Row("1 NE 5", new long[] {4, 6}, new long[] {5}),
        new Row("1 LT 5", new long[] {0, 4}, new long[] {5, 6}),
        new Row("1 LE 5", new long[] {4, 5}, new long[] {6}),
        new Row("1 GE 5", new long[] {5, 6}, new long[] {4}),
        new Row("1 GT 5", new long[] {6}, new long[] {4, 5}),
        new Row("1 MASKED_EQ 12 4", new long[] {4, 5, 20}, new long[] {0, 8, 12}),
        new Row("1 MASKED_EQ 12", new long[] {0, 3, 16}, new long[] {4, 8}),
        new Row("2 EQ 18446744073709551615", new long[] {}, new long[] {0, 1}));
    for (Row row : rows) {
      Policy policy = policy(profile(allow("fcntl", args(row.test()))));
      for (long value : row.yes()) {
        assertThat(action(policy, "fcntl", 0, value)).as(row.test() + " " + value).isEqualTo(Action.ALLOW);
      }
      for (long value : row.no()) {
        assertThat(action(policy, "fcntl", 0, value)).as(row.test() + " " + value).isEqualTo(EPERM);
      }
    }
    Policy wide = policy(profile(allow("fcntl", args("2 GT 9223372036854775808"))));
    assertThat(action(wide, "fcntl", 0, 0, -1)).isEqualTo(Action.ALLOW);
    assertThat(action(wide, "fcntl", 0, 0, Long.MAX_VALUE)).isEqualTo(EPERM);
  }

  @Test
  void testsOnDifferentArgumentsMustAllHold() {
    Policy policy = policy(profile(allow("socket", args("0 EQ 2", "2 NE 9"))));
    assertThat(action(policy, "socket", 2, 0, 1)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "socket", 2, 0, 9)).isEqualTo(EPERM);
    assertThat(action(policy, "socket", 3, 0, 1)).isEqualTo(EPERM);
  }

  @Test
  void theSameArgumentTwiceIsNeverWiderThanWithRunc() {
    String neither = profile(allow("socket", args("0 NE 38", "0 NE 40")));
    assertThat(action(policy(neither), "socket", 2)).isEqualTo(Action.ALLOW);
    assertThat(action(policy(neither), "socket", 38)).isEqualTo(EPERM);
    assertThat(action(policy(neither), "socket", 40)).isEqualTo(EPERM);
    assertThat(losses(neither)).contains("repeated-argument");
    Policy either = policy(profile(allow("socket", args("0 EQ 1", "0 EQ 2", "2 EQ 0"))));
    assertThat(action(either, "socket", 1, 0, 0)).isEqualTo(Action.ALLOW);
    assertThat(action(either, "socket", 2, 0, 0)).isEqualTo(Action.ALLOW);
    assertThat(action(either, "socket", 2, 0, 6)).isEqualTo(EPERM);
    Policy denied = policy(profileWith("'defaultAction':'SCMP_ACT_ALLOW'",
        rule("socket", "KILL_PROCESS", args("0 EQ 38", "0 EQ 40", "2 EQ 9"))));
    assertThat(action(denied, "socket", 40)).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(denied, "socket", 2, 0, 9)).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(denied, "socket", 2, 0, 0)).isEqualTo(Action.ALLOW);
  }

  @Test
  void strayHighBitsAreNoWayRound() {
    String text = profile(allow("socket", args("0 NE 38")));
    assertThat(action(policy(text), "socket", 38 + (1L << 32))).isEqualTo(EPERM);
    assertThat(losses(text)).containsExactly("argument-width");
  }

  @Test
  void conflictsEndWithTheStrictest() {
    record Row(String first, String second, Action expected, boolean reported) {}
    String alg = args("0 EQ 38");
    var rows = List.of(
        new Row(allow("socket", ""), rule("socket", "KILL_PROCESS", ""), Action.KILL_PROCESS, true),
        new Row(rule("socket", "KILL_PROCESS", ""), allow("socket", ""), Action.KILL_PROCESS, false),
        new Row(rule("socket", "ERRNO", ""), allow("socket", ""), EPERM, true),
        new Row(allow("socket", ""), rule("socket", "ERRNO", alg), EPERM, true),
        new Row(rule("socket", "TRAP", alg), allow("socket", ""), new Action.Trap(), true),
        new Row(rule("socket", "TRAP", ""), allow("socket", alg), new Action.Trap(), false),
        new Row(rule("socket", "LOG", ""), rule("socket", "ERRNO", ",'errnoRet':38"), ENOSYS, true),
        new Row(rule("socket", "ERRNO", ",'errnoRet':38"), rule("socket", "ERRNO", ",'errnoRet':13"), ENOSYS, false),
        new Row(rule("socket", "LOG", alg), rule("socket", "TRAP", args("0 GT 30")), new Action.Trap(), false),
        new Row(allow("socket", ",'includes':{'caps':['CAP_BPF']}"),
            rule("socket", "TRAP", ",'excludes':{'caps':['CAP_BPF']}"), new Action.Trap(), false));
    for (Row row : rows) {
      String text = profile(row.first(), row.second());
      assertThat(action(policy(text), "socket", 38)).as(text).isEqualTo(row.expected());
      assertThat(losses(text).toString().contains("conflicting-rules")).as(text).isEqualTo(row.reported());
    }
  }

  @Test
  void aRuleThatRepeatsALenientDefaultWeakensNoOther() {
    Policy policy = policy(profileWith(
        "'defaultAction':'SCMP_ACT_LOG'", rule("socket", "LOG", ""), rule("socket", "ERRNO", args("0 EQ 38"))));
    assertThat(action(policy, "socket", 38)).isEqualTo(EPERM);
    assertThat(action(policy, "socket", 2)).isEqualTo(new Action.Log());
  }

  @Test
  void capabilitiesMustAllBeKeptAndNoneExcluded() {
    Policy policy = policy(profile(
        allow("acct", ",'includes':{'caps':['CAP_SYS_PACCT','CAP_BPF']}"),
        allow("bpf", ",'excludes':{'caps':['CAP_SYS_PACCT','CAP_BPF']}")));
    var both = Set.of(Capability.CAP_SYS_PACCT, Capability.CAP_BPF);
    var one = Set.of(Capability.CAP_BPF);
    assertThat(action(policy, Arch.X86_64, both, "acct")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.X86_64, one, "acct")).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86_64, one, "bpf")).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86_64, Set.of(), "bpf")).isEqualTo(Action.ALLOW);
  }

  @Test
  void hostsDecideAndTheStricterWhereTwoServeAnAbi() {
    String text = profile(
        allow("chroot", ",'includes':{'arches':['amd64','386']}"),
        allow("acct", ",'includes':{'arches':['amd64']}"),
        allow("reboot", ",'excludes':{'arches':['s390','s390x']}"));
    Policy policy = policy(text);
    record Row(String call, Arch arch, Action expected) {}
    for (Row row : List.of(
        new Row("chroot", Arch.X86_64, Action.ALLOW),
        new Row("chroot", Arch.X86, Action.ALLOW),
        new Row("chroot", Arch.X32, Action.ALLOW),
        new Row("chroot", Arch.AARCH64, EPERM),
        new Row("acct", Arch.X86_64, Action.ALLOW),
        new Row("acct", Arch.X32, Action.ALLOW),
        new Row("acct", Arch.X86, EPERM),
        new Row("reboot", Arch.S390X, EPERM),
        new Row("reboot", Arch.ARM, Action.ALLOW))) {
      assertThat(action(policy, row.arch(), Set.of(), row.call())).as(row.toString()).isEqualTo(row.expected());
    }
    assertThat(losses(text)).containsExactly("host-dependent");
  }

  @Test
  void kernelsBeyondTheFloorCountOnlyWhereThatDeniesMore() {
    record Row(String rule, Action expected, List<String> losses) {}
    var rows = List.of(
        new Row(allow("acct", ",'includes':{'minKernel':'4.8'}"), Action.ALLOW, List.of()),
        new Row(allow("acct", ",'includes':{'minKernel':'5.14'}"), Action.ALLOW, List.of()),
        new Row(allow("acct", ",'includes':{'minKernel':'6.1'}"), EPERM, List.of("kernel-dependent")),
        new Row(allow("acct", ",'excludes':{'minKernel':'4.8'}"), EPERM, List.of()),
        new Row(allow("acct", ",'excludes':{'minKernel':'6.1'}"), EPERM, List.of("kernel-dependent")),
        new Row(rule("acct", "TRAP", ",'includes':{'minKernel':'6.1'}"), new Action.Trap(),
            List.of("kernel-dependent")));
    for (Row row : rows) {
      assertThat(action(policy(profile(row.rule())), "acct")).as(row.rule()).isEqualTo(row.expected());
      assertThat(losses(profile(row.rule()))).as(row.rule()).isEqualTo(row.losses());
    }
  }

  @Test
  void architecturesNeverGrow() {
    record Row(String head, Arch host, List<Arch> served) {}
    for (Row row : List.of(
        new Row("", Arch.X86_64, List.of(Arch.X86_64)),
        new Row(",'architectures':['SCMP_ARCH_X86']", Arch.X86_64, List.of(Arch.X86_64, Arch.X86)),
        new Row(",'architectures':['SCMP_ARCH_X86_64']", Arch.AARCH64, List.of(Arch.AARCH64)),
        new Row(",'archMap':[{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X32']}]", Arch.X86_64,
            List.of(Arch.X86_64, Arch.X32)),
        new Row(",'archMap':[{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X32']}]", Arch.MIPS64,
            List.of(Arch.MIPS64)),
        new Row(",'archMap':[{'architecture':'SCMP_ARCH_ARM','subArchitectures':null}]", Arch.AARCH64,
            List.of(Arch.AARCH64)))) {
      Architectures architectures =
          policy(profileWith("'defaultAction':'SCMP_ACT_ERRNO'" + row.head())).architectures();
      assertThat(architectures.of(row.host())).as(row.head()).isEqualTo(row.served());
    }
  }

  @Test
  void unknownNamesAreLostWhereThatIsSafeAndErrorsElsewhere() {
    String lets = "'defaultAction':'SCMP_ACT_ALLOW'";
    String cap = "{'caps':['CAP_X']}";
    assertThat(losses(profile(allow("nosuch", "")))).containsExactly("unknown-syscall");
    assertThat(losses(profile(rule("nosuch", "KILL_PROCESS", "")))).containsExactly("unknown-syscall");
    assertThat(problems(profileWith(lets, rule("nosuch", "ERRNO", "")))).containsExactly("unknown-syscall");
    assertThat(losses(profile(allow("read", ",'includes':" + cap)))).containsExactly("unknown-capability");
    assertThat(action(policy(profile(allow("read", ",'includes':" + cap))), "read")).isEqualTo(EPERM);
    assertThat(problems(profile(allow("read", ",'excludes':" + cap)))).containsExactly("unknown-capability");
    assertThat(problems(profile(rule("read", "TRAP", ",'includes':" + cap)))).containsExactly("unknown-capability");
    assertThat(losses(profile(rule("read", "TRAP", ",'excludes':" + cap)))).containsExactly("unknown-capability");
    assertThat(problems(profile(allow("read", ",'excludes':{'arches':['amd46']}"))))
        .containsExactly("unknown-architecture");
  }

  @Test
  void whatHasNoPlaceIsLostAloud() {
    String text = profileWith("'defaultAction':'SCMP_ACT_ERRNO','flags':['SECCOMP_FILTER_FLAG_LOG'],'listenerPath':"
        + "'/x','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_S390']", rule("read", "ERRNO", ",'errnoRet':0"));
    assertThat(losses(text)).containsExactlyInAnyOrder("lost-flag", "lost-listener", "lost-architecture", "lost-errno");
    assertThat(action(policy(text), "read")).isEqualTo(EPERM);
  }

  @Test
  void mistakesAreFound() {
    record Row(String text, String problem) {}
    for (Row row : List.of(
        new Row("{'syscalls':[]}", "no-default-action"),
        new Row("{'ociVersion':'1.2.0','linux':{}}", "no-seccomp"),
        new Row("{'defaultAction':'SCMP_ACT_DENY'}", "unknown-action"),
        new Row("{'defaultAction':'SCMP_ACT_NOTIFY'}", "notify-all"),
        new Row("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}", "bad-number"),
        new Row("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'EPREM'}", "unknown-errno"),
        new Row("{'defaultAction':'SCMP_ACT_KILL','architectures':['x86']}", "unknown-architecture"),
        new Row("{'defaultAction':'SCMP_ACT_KILL','archMap':[],'architectures':[]}", "two-arch-lists"),
        new Row("{'defaultAction':'SCMP_ACT_KILL','syscals':[]}", "unknown-key"),
        new Row("{'defaultAction':'SCMP_ACT_KILL','syscalls':{}}", "wrong-kind"),
        new Row("{'defaultAction':'SCMP_ACT_KILL','syscalls':['read']}", "wrong-kind"),
        new Row(profile("{'action':'SCMP_ACT_ALLOW'}"), "no-names"),
        new Row(profile("{'names':['read']}"), "no-action"),
        new Row(profile(allow("read", ",'include':{}")), "unknown-key"),
        new Row(profile(allow("read", ",'args':[{'index':0,'value':1}]")), "no-operator"),
        new Row(profile(allow("read", args("6 EQ 1"))), "bad-index"),
        new Row(profile(allow("read", args("0 EQ -1"))), "bad-number"),
        new Row(profile(allow("read", args("0 EQ 1.5"))), "bad-number"),
        new Row(profile(allow("read", args("0 EQ 18446744073709551616"))), "bad-number"),
        new Row(profile(allow("read", args("0 IS 1"))), "unknown-operator"),
        new Row(profile(allow("read", ",'includes':{'minKernel':'new'}")), "bad-kernel"))) {
      assertThat(problems(row.text().replace('\'', '"'))).as(row.text()).containsExactly(row.problem());
    }
  }

  @Test
  void aContainerConfigIsReadToo() {
    Policy policy = policy("""
        {"ociVersion": "1.2.0", "process": {"args": ["sh"]}, "linux": {"namespaces": [], "seccomp": {
          "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}}}
        """);
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(policy.rules().getFirst().origin()).isEqualTo("test:2");
  }
}
