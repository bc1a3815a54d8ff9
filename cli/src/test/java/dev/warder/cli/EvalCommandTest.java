package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.CommandLine.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvalCommandTest {
  private static Result eval(String words) {
    String[] options = words.split(" (?=-|')| (?<=--[a-z]{1,20} )");
    var all = new java.util.ArrayList<String>();
    all.add("eval");
    for (String option : options) {
      all.add(option.replace("'", "").strip());
    }
    return CommandLine.warder(all.toArray(String[]::new));
  }

  @Test
  void tellsTheDecisionFirst() {
    String table = """
        'openat(AT_FDCWD, *, O_RDONLY)'                                     | 0 | ALLOW
        'ptrace'                                                            | 0 | ERRNO EPERM
        'clone3'                                                            | 0 | ERRNO ENOSYS
        'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)'                       | 0 | ERRNO EAFNOSUPPORT
        'socket(AF_NETLINK, SOCK_RAW, 0)'                                   | 0 | ALLOW
        'socket'                                                            | 0 | ERRNO EPERM
        'clone(CLONE_NEWUSER)'                                              | 0 | ERRNO EPERM
        'personality(8)'                                                    | 0 | ALLOW
        '#451'                                                              | 0 | ALLOW
        '#9999'                                                             | 0 | ERRNO ENOSYS
        '#-1'                                                               | 0 | ERRNO ENOSYS
        '#4294967295'                                                       | 0 | ERRNO ENOSYS
        --arch=x86 'socketcall(2)'                                          | 0 | ALLOW
        --arch=x86 'socketcall'                                             | 0 | ERRNO EPERM
        --arch=x32 'read'                                                   | 0 | ALLOW
        --arch=aarch64 'mount'                                              | 0 | ERRNO EPERM
        --arch=s390x 'socket(AF_ALG)'                                       | 0 | ERRNO EPERM
        --arch=mips 'read'                                                  | 0 | ALLOW
        --profile=strict --arch=x86 'read'                                  | 0 | KILL
        --profile=strict '#-1'                                              | 0 | KILL
        --profile=capejail 'bpf'                                            | 0 | KILL
        --default-action=kill-thread 'mount'                                | 0 | KILL_THREAD
        --default-action=trap 'mount'                                       | 0 | TRAP
        --default-action=log 'mount'                                        | 0 | LOG
        --default-action=errno:ENOENT 'mount'                               | 0 | ERRNO ENOENT
        --default-action=allow 'mount'                                      | 0 | ALLOW
        --system-call-filter=~mount:notify 'mount'                          | 0 | NOTIFY
        --system-call-filter=~@network-io 'socket(AF_UNIX)'                 | 0 | ERRNO EPERM
        --system-call-filter=@mount 'mount'                                 | 0 | ALLOW
        --capability=CAP_SYS_TIME 'settimeofday'                            | 0 | ALLOW
        --capability=all --drop-capability=SYS_TIME 'settimeofday'          | 0 | ERRNO EPERM
        'socketcall'        | 2 | warder: x86_64 has no call socketcall; choose with --arch one that has: x86, ppc64le, ppc64, s390x, mips, mipsel
        'opnat'             | 2 | warder: call: no system call named 'opnat' [unknown-syscall]
        '@mount'            | 2 | warder: call: a set is not one call [call-syntax]
        --arch=x32 '#5'     | 2 | warder: #5 is a call of x86_64; numbers of x32 begin at #1073741824, so that of x32 would be #1073741829
        --arch=x68 'read'   | 2 | warder: there is no architecture 'x68'; did you mean x86?
        --profile=no 'read' | 2 | warder: there is no profile 'no'; the profiles are default, strict, nspawn, nspawn-v235, capejail, docker
        'read' 'write'      | 2 | warder: one call at a time: warder eval [POLICY OPTIONS] [--arch A] 'openat(AT_FDCWD, *, O_RDONLY)'
        """;
    table.lines().forEach(line -> {
      String[] cells = line.split(" \\| ");
      Result result = eval(cells[0].strip());
      assertThat(result.firstLine()).as(line).isEqualTo(cells[2]);
      assertThat(result.status()).as(line).isEqualTo(Integer.parseInt(cells[1]));
    });
  }

  @Test
  void tellsReasonDangerInstructionsAndPath() {
    Result result = eval("'ptrace'");
    assertThat(result.out().lines().map(line -> line.replaceAll("[0-9]+", "N"))).startsWith(
        "ERRNO EPERM",
        "Attaches to another process to read and change its memory and registers. Whatever the tracer may not do itself, "
            + "it can make the traced process do, and a traced launcher opens the jail. Not on the allow list of profile "
            + "default.",
        "danger: a known way out of a jail",
        "call: ptrace, number N on xN_N",
        "instructions executed: N",
        "bitmap: no, the filter runs at each such call",
        "path:",
        "    N: ld [N]                     ; arch");
    String[] lines = result.out().split("\n");
    int executed = Integer.parseInt(lines[4].replaceAll("\\D", ""));
    assertThat(lines.length - 7).as("lines of the path").isEqualTo(executed);
    assertThat(lines[lines.length - 1]).endsWith("; ERRNO(1)");
  }

  @Test
  void listsEveryOutcomeThatUnknownArgumentsMayHave() {
    String out = eval("'socket'").out().replaceAll("instructions executed: .*", "instructions executed: N");
    assertThat(out).startsWith("""
        ERRNO EPERM
        Arguments that are not given decide; this is the strictest outcome of:
          if domain == AF_NETLINK && protocol == NETLINK_AUDIT: ERRNO EAFNOSUPPORT
            The audit subsystem knows no jails; told that the family is unsupported, login programs carry on without it. \
        Denied by socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT) (profile default).
            instructions executed: N
          if domain in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]: ALLOW
            Allowed by socket(domain in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]) (profile default).
            instructions executed: N
          otherwise: ERRNO EPERM (danger)
        """);
    assertThat(out).endsWith("""
        call: socket, number 41 on x86_64
        instructions executed: N
        bitmap: no, the filter runs at each such call
        """);
  }

  @Test
  void unconditionalAllowsAreAnsweredByTheBitmap() {
    assertThat(eval("'read'").out()).contains("bitmap: yes, ");
    assertThat(eval("--arch=x32 'read'").out()).contains("bitmap: no, ");
  }

  @Test
  void tellsOfCallsThatNoFilterSees() {
    assertThat(eval("'uretprobe'").out()).contains("note: recent kernels let this call through");
    assertThat(eval("'read'").out()).doesNotContain("note: ");
  }

  @Test
  void filterAndPolicyAgreeOnEveryCallOfEveryProfile() {
    for (String profile : PolicySource.profiles()) {
      for (int number = 0; number < 480; number += 7) {
        assertThat(CommandLine.warder("eval", "--profile", profile, "#" + number).err()).isEmpty();
      }
    }
  }

  @Test
  void verboseTellsWhatIsSkipped() {
    Result result = CommandLine.warder(
        "eval", "-v", "--system-call-filter=~socketcall readdir", "--profile=strict", "read");
    assertThat(result.status()).isZero();
    assertThat(result.err()).isEqualTo("warder: skipped, since x86_64 has no such call: socketcall, readdir\n");
  }

  /// Deny beats allow, so what reads as a denial opens nothing by itself.
  @Test
  void aDeniedWordWithTheActionLogOpensNothing() {
    Result alone = CommandLine.warder("eval", "--system-call-filter=~mount:log", "mount");
    assertThat(alone.status()).isEqualTo(2);
    assertThat(alone.out()).isEmpty();
    assertThat(alone.err()).contains("the action log lets mount through, which nothing else allows")
        .contains("--system-call-filter=mount");
    assertThat(CommandLine.warder("eval", "--system-call-filter=~socket:log", "socket").err()).contains("lets socket through");
    for (List<String> allowed : List.of(
        List.of("--system-call-filter=mount", "--system-call-filter=~mount:log", "mount"),
        List.of("--default-action=allow", "--system-call-filter=~acct:log", "acct"),
        List.of("--system-call-filter=~read:log", "read"))) {
      var words = new ArrayList<>(List.of("eval"));
      words.addAll(allowed);
      assertThat(CommandLine.warder(words.toArray(String[]::new)).out()).as(allowed.toString()).startsWith("LOG\n")
          .contains("Let through and logged by ");
    }
  }
}
