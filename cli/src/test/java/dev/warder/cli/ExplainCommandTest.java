package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.cli.CommandLine.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainCommandTest {
  private static String explain(String name) {
    return CommandLine.warder("explain", name).out();
  }

  @Test
  void aCallWithItsNumbersSetsAndJudges() {
    assertThat(explain("ptrace")).startsWith("""
        ptrace: system call
        since: Linux 1.0
        numbers:
          x86_64 101, x86 26, x32 1073742345, aarch64 117, arm 26, riscv64 117, ppc64le 26, ppc64 26,
          s390x 26, loongarch64 117, mips64 5099, mipsel64 5099, mips64n32 6099, mipsel64n32 6099,
          mips 4026, mipsel 4026
        arguments (x86_64): long request, long pid, unsigned long addr, unsigned long data
        sets: @debug @known
        why it may be denied:
          Attaches to another process to read and change its memory and registers. Whatever the tracer may
          not do itself, it can make the traced process do, and a traced launcher opens the jail.
        danger: a known way out of a jail
        profile default: ERRNO EPERM
          Not on the allow list of profile default.
        """);
  }

  @Test
  void aSetWithItsMembers() {
    assertThat(explain("@clock")).isEqualTo("""
        @clock: syscall set of 6 calls
        calls:
          adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday
        profile default on x86_64: 0 allowed, 0 allowed with conditions, 4 denied, 2 that it lacks
        """);
    assertThat(explain("@system-service")).contains("sets inside: @aio @basic-io ");
  }

  @Test
  void aCapabilityWithWhatHangsOnIt() {
    assertThat(explain("SYS_TIME")).isEqualTo(explain("CAP_SYS_TIME")).startsWith("""
        CAP_SYS_TIME: capability 25, since Linux 2.2
        calls that fail without it:
          settimeofday stime
        """).contains("profile nspawn allows while it is kept:\n  @clock\n");
  }

  @Test
  void aProfileInNumbers() {
    assertThat(explain("strict")).startsWith("""
        profile strict
        Computes on open file descriptors: no new files, sockets or processes
        default action: ERRNO EPERM; for calls newer than the catalog: ERRNO ENOSYS
        """).containsPattern("x86_64: \\d+ allowed, \\d+ allowed with conditions, \\d+ denied");
  }

  @Test
  void aCallComesBeforeACapabilityOfTheSameName() {
    assertThat(explain("kill")).startsWith("kill: system call").endsWith("warder explain CAP_KILL\n");
    assertThat(explain("KILL")).startsWith("CAP_KILL: capability 5");
  }

  @Test
  void everythingThatHasANameIsExplained() {
    var names = new ArrayList<String>(Catalog.get().syscallNames());
    names.addAll(Catalog.get().sets().keySet());
    names.addAll(Catalog.get().foreign());
    names.addAll(PolicySource.profiles());
    for (Capability capability : Capability.values()) {
      names.add(capability.name());
    }
    names.addFirst("explain");
    Result result = CommandLine.warder(names.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.out().lines()).noneMatch(line -> line.endsWith(" "));
  }

  @Test
  void withoutNamesItListsWhatThereIs() {
    assertThat(CommandLine.warder("explain").out()).startsWith("profiles:\n  default: ")
        .contains("@file-system (", "CAP_SYS_ADMIN", "system calls: ");
  }

  @Test
  void unknownNamesAreTroubleWithASuggestion() {
    record Row(String name, String message) {}
    for (Row row : List.of(
        new Row("openta", "nothing is named 'openta'; did you mean openat"),
        new Row("@mounts", "nothing is named '@mounts'; did you mean @mount?"),
        new Row("CAP_SYS_ADMN", "nothing is named 'CAP_SYS_ADMN'; did you mean CAP_SYS_ADMIN"),
        new Row("defualt", "nothing is named 'defualt'; did you mean default or @default?"),
        new Row("xyzzyxyzzy", "nothing is named 'xyzzyxyzzy'; warder explain alone lists"))) {
      Result result = CommandLine.warder("explain", row.name);
      assertThat(result.err()).startsWith("warder: " + row.message);
      assertThat(result.status()).isEqualTo(2);
    }
  }
}
