package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final Policy POLICY = PolicyTest.policy(
      "read socket(domain in [AF_UNIX, AF_NETLINK])",
      "~socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT):EAFNOSUPPORT");

  private static CallPattern pattern(String text) {
    return CallPattern.parse(Source.option("CALL", text)).orThrow();
  }

  private static Evaluation evaluate(String text) {
    CallPattern pattern = pattern(text);
    int number = pattern.number(Arch.X86_64).orElseThrow();
    return Evaluation.of(POLICY.resolve(Arch.X86_64, Set.of()).decide(number), pattern.registers(Arch.X86_64));
  }

  @Test
  void knownArgumentsDecide() {
    record Row(String call, Action action) {}
    Action eperm = Action.fail(Errno.EPERM);
    for (Row row : List.of(
        new Row("read", Action.ALLOW),
        new Row("read(*, *)", Action.ALLOW),
        new Row("#0", Action.ALLOW),
        new Row("write", eperm),
        new Row("socket(AF_UNIX)", Action.ALLOW),
        new Row("socket(AF_INET)", eperm),
        new Row("socket(AF_ALG, *, *)", eperm),
        new Row("socket(AF_NETLINK, *, 0)", Action.ALLOW),
        new Row("socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT)", Action.fail(Errno.EAFNOSUPPORT)))) {
      assertThat(evaluate(row.call).outcome().orElseThrow().action()).as(row.call).isEqualTo(row.action);
    }
  }

  @Test
  void unknownArgumentsLeaveEachPossibleOutcome() {
    Evaluation evaluation = evaluate("socket");
    assertThat(evaluation.certain()).isFalse();
    assertThat(evaluation.branches()).extracting(branch -> branch.outcome().action()).containsExactly(
        Action.fail(Errno.EAFNOSUPPORT), Action.ALLOW, Action.fail(Errno.EPERM));
    assertThat(Conditions.text(evaluation.branches().getFirst().when().orElseThrow(), "socket", Arch.X86_64))
        .isEqualTo("domain == AF_NETLINK && protocol == NETLINK_AUDIT");
    assertThat(evaluate("socket(AF_NETLINK)").branches()).hasSize(2);
    assertThat(Conditions.text(
        evaluate("socket(AF_NETLINK)").branches().getFirst().when().orElseThrow(), "socket", Arch.X86_64))
        .isEqualTo("protocol == NETLINK_AUDIT");
    assertThat(evaluate("socket(*, *, 0)").branches()).hasSize(2);
  }

  @Test
  void patternsReadAsWritten() {
    assertThat(pattern("openat(AT_FDCWD, *, O_RDONLY)").registers(Arch.X86_64)).startsWith(
        OptionalLong.of(-100), OptionalLong.empty(), OptionalLong.of(0), OptionalLong.empty());
    assertThat(pattern(" openat ( ) ").arguments()).isEmpty();
    assertThat(pattern("#451").number(Arch.X86_64)).hasValue(451);
    assertThat(pattern("#-1").number(Arch.X86_64)).hasValue(-1);
    assertThat(pattern("open").number(Arch.AARCH64)).isEmpty();
  }

  @Test
  void mistakesInPatternsAreReported() {
    record Row(String call, String code, int column) {}
    for (Row row : List.of(
        new Row("opnat(1)", "unknown-syscall", 1),
        new Row("@ipc", "call-syntax", 1),
        new Row("#-", "bad-number", 1),
        new Row("#-2147483649", "bad-number", 1),
        new Row("read(1", "expression-syntax", 7),
        new Row("read(1) x", "expression-syntax", 9),
        new Row("read(1,)", "expression-syntax", 8),
        new Row("read(O_NOSUCH)", "unknown-constant", 6),
        new Row("read(1,2,3,4,5,6,7)", "too-many-arguments", 20), new Row("socket(1, 2, 3, 4)", "too-many-arguments", 8),
        new Row("", "unknown-syscall", 1))) {
      List<Problem> problems = CallPattern.parse(Source.option("CALL", row.call)).problems();
      assertThat(problems).as(row.call).isNotEmpty();
      assertThat(problems.getFirst().code()).as(row.call).isEqualTo(row.code);
      assertThat(problems.getFirst().where().column()).as(row.call).isEqualTo(row.column);
    }
  }

  @Test
  void anEvaluationNeverContradictsTheDecision() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    long[] edges = {0, 1, 2, 9, 16, 17, -1};
    Resolution resolution = POLICY.resolve(Arch.X86_64, Set.of());
    for (int round = 0; round < 2000; round++) {
      var args = new long[6];
      var known = new OptionalLong[6];
      for (int i = 0; i < 6; i++) {
        args[i] = edges[random.nextInt(edges.length)];
        known[i] = random.nextBoolean() ? OptionalLong.of(args[i]) : OptionalLong.empty();
      }
      Decision decision = resolution.decide(41);
      assertThat(Evaluation.of(decision, List.of(known)).branches())
          .as("seed %d", seed)
          .extracting(Evaluation.Branch::outcome)
          .contains(decision.decide(args));
    }
  }
}
