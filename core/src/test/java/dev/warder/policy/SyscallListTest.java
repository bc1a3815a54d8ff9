package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Errno;
import dev.warder.policy.Rule.Subject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyscallListTest {
  private static List<String> words(String list) {
    return SyscallList.parse(list, "test").orThrow().stream()
        .map(rule -> (rule.allows() ? "+" : "-") + rule.subject().text())
        .toList();
  }

  @Test
  void wordsStandBetweenCommasAndSpaces() {
    assertThat(words(" read, write  @ipc,#451 ")).containsExactly("+read", "+write", "+@ipc", "+#451");
    assertThat(words("~read,write")).containsExactly("-read", "-write");
    assertThat(words("~ read")).containsExactly("-read");
    assertThat(words("")).isEmpty();
  }

  @Test
  void conditionsMayHoldCommasAndSpaces() {
    List<Rule> rules = SyscallList.parse("read socket(domain in [AF_UNIX, AF_INET]),write", "test").orThrow();
    assertThat(rules).extracting(rule -> rule.subject().text()).containsExactly("read", "socket", "write");
    assertThat(rules.get(1).condition().orElseThrow().text()).isEqualTo("domain in [AF_UNIX, AF_INET]");
  }

  @Test
  void deniedWordsMayNameTheirAction() {
    List<Rule> rules = SyscallList.parse("~ptrace:EACCES @mount:kill socket(domain == 1):ENOSYS kcmp", "t").orThrow();
    assertThat(rules).extracting(rule -> ((Rule.Effect.Deny) rule.effect()).action()).containsExactly(
        Optional.of(Action.fail(Errno.EACCES)),
        Optional.of(Action.KILL_PROCESS),
        Optional.of(Action.fail(Errno.ENOSYS)),
        Optional.empty());
  }

  @Test
  void everyMistakeIsReportedWithAFix() {
    record Row(String list, String code, int column, String fix) {}
    var rows = List.of(
        new Row("~@nosuch", "unknown-set", 2, "there are @aio, @basic-io, "),
        new Row("~@mounts", "unknown-set", 2, "did you mean '@mount'?"),
        new Row("read opnat", "unknown-syscall", 6, "openat"),
        new Row("read,~write", "tilde-inside", 6, "list of their own"),
        new Row("~read ~write", "tilde-inside", 7, "list of their own"),
        new Row("~", "empty-deny", 1, "~@mount"),
        new Row("#x", "bad-number", 1, "#451"),
        new Row("#-1", "bad-number", 1, "#451"),
        new Row("#4294967296", "bad-number", 1, "#451"),
        new Row("~read:ENOSUCH", "unknown-action", 7, "error name"),
        new Row("~read:allow", "unknown-action", 7, "error name"),
        new Row("read:EPERM", "action-on-allow", 6, "~"),
        new Row("@ipc(arg0 == 1)", "condition-without-call", 1, "call"),
        new Row("socket(domain == 1", "expression-syntax", 7, ")"),
        new Row("socket(domain == AF_NIX)", "unknown-constant", 18, "AF_UNIX"));
    for (Row row : rows) {
      List<Problem> problems = SyscallList.parse(row.list, "--system-call-filter").problems();
      assertThat(problems).as(row.list).hasSize(1);
      assertThat(problems.getFirst().code()).as(row.list).isEqualTo(row.code);
      assertThat(problems.getFirst().where().column()).as(row.list).isEqualTo(row.column);
      assertThat(problems.getFirst().fix()).as(row.list).contains(row.fix);
    }
  }

  @Test
  void allMistakesOfAListAreReportedTogether() {
    assertThat(SyscallList.parse("opnat @nosuch #x", "t").problems())
        .extracting(Problem::code)
        .containsExactly("unknown-syscall", "unknown-set", "bad-number");
  }

  @Test
  void aProblemShowsTheWord() {
    assertThat(SyscallList.parse("read opnat", "--system-call-filter").problems().getFirst().render())
        .startsWith("""
            --system-call-filter: no system call named 'opnat' [unknown-syscall]
                read opnat
                     ^^^^^
            fix: did you mean 'openat'""");
  }

  @Test
  void callsOfArchitecturesWithoutATableAreNoMistake() {
    Rule rule = SyscallList.parse("osf_wait4", "t").orThrow().getFirst();
    assertThat(rule.subject()).isEqualTo(new Subject.Call("osf_wait4"));
  }
}
