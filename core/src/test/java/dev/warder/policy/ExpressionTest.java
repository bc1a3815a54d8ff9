package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpressionTest {
  private static boolean holds(String syscall, String text, long... args) {
    return holds(Arch.X86_64, syscall, text, args);
  }

  private static boolean holds(Arch arch, String syscall, String text, long... args) {
    var registers = new long[6];
    System.arraycopy(args, 0, registers, 0, args.length);
    return Expression.parse(syscall, text).orThrow().bind(syscall, arch).orElseThrow().holds(registers);
  }

  @Test
  void readsTestsAsAPersonMeansThem() {
    record Row(String call, String text, boolean holds, long... args) {}
    var rows = List.of(
        new Row("socket", "domain in [AF_UNIX, AF_INET]", true, 2),
        new Row("socket", "domain in [AF_UNIX, AF_INET]", false, 16),
        new Row("socket", "family == AF_NETLINK && protocol == NETLINK_AUDIT", true, 16, 3, 9),
        new Row("socket", "family == AF_NETLINK && protocol == NETLINK_AUDIT", false, 16, 3, 8),
        new Row("clone", "!(flags & CLONE_NEWUSER)", true, 0x11),
        new Row("clone", "!(flags & CLONE_NEWUSER)", false, 0x10000011),
        new Row("clone", "!(flags & (CLONE_NEWUSER | CLONE_NEWNS))", false, 0x20000),
        new Row("clone", "flags & CLONE_NEWUSER | CLONE_NEWNS", true, 0x20000),
        new Row("unshare", "!(flags & ~(CLONE_FS | CLONE_FILES))", true, 0x600),
        new Row("unshare", "!(flags & ~(CLONE_FS | CLONE_FILES))", false, 0x601),
        new Row("ioctl", "cmd == TIOCSTI || cmd == TIOCLINUX", true, 0, 0x541C),
        new Row("personality", "persona in [0, 8, 0x20000, 0x20008, 0xffffffff]", true, -1),
        new Row("openat", "flags & O_ACCMODE == O_RDONLY", true, 0, 0, 0x80000),
        new Row("openat", "(flags & O_ACCMODE) == O_RDONLY", false, 0, 0, 1),
        new Row("openat", "(flags & O_ACCMODE) in [O_RDONLY, O_WRONLY]", true, 0, 0, 1),
        new Row("openat", "arg0 == -100", true, 0xFFFFFF9CL),
        new Row("chmod", "mode == 0644", true, 0, 0644),
        new Row("lseek", "offset >= 0x8000000000000000", true, 0, -1),
        new Row("lseek", "whence < 2 || whence > 3", false, 0, 0, 2),
        new Row("lseek", "whence <= 2", true, 0, 0, 2),
        new Row("lseek", "whence != 0", false, 0, 0, 1L << 32),
        new Row("lseek", "whence", true, 0, 0, 1));
    for (Row row : rows) {
      assertThat(holds(row.call, row.text, row.args)).as("%s(%s)", row.call, row.text).isEqualTo(row.holds);
    }
  }

  @Test
  void andBindsTighterThanOr() {
    String text = "whence == 1 || whence == 2 && offset == 5";
    assertThat(holds("lseek", text, 0, 0, 1)).isTrue();
    assertThat(holds("lseek", text, 0, 5, 2)).isTrue();
    assertThat(holds("lseek", "(whence == 1 || whence == 2) && offset == 5", 0, 0, 1)).isFalse();
  }

  @Test
  void pointsAtTheMistakeAndSaysWhatToWrite() {
    record Row(String call, String text, String code, int column, String fix) {}
    var rows = List.of(
        new Row("socket", "domein == 1", "unknown-argument", 1, "did you mean 'domain'?"),
        new Row("socket", "port == 1", "unknown-argument", 1, "socket has domain, type, protocol"),
        new Row("socket", "domain == AF_NIX", "unknown-constant", 11, "did you mean 'AF_UNIX'?"),
        new Row("socket", "domain == AF_NOSUCHFAMILY", "unknown-constant", 11, "number"),
        new Row("socket", "domain = 1", "expression-syntax", 8, "&&"),
        new Row("socket", "domain ==", "expression-syntax", 10, "number"),
        new Row("socket", "domain == 1 &&", "expression-syntax", 15, "argument"),
        new Row("socket", "(domain == 1", "expression-syntax", 13, "')'"),
        new Row("socket", "domain == 1 )", "expression-syntax", 13, "end"),
        new Row("socket", "domain in []", "expression-syntax", 12, "number"),
        new Row("socket", "domain in [1", "expression-syntax", 13, "']'"),
        new Row("socket", "domain == 0x1ffffffffffffffff", "expression-syntax", 11, "0x1f"),
        new Row("socket", "domain == 09", "expression-syntax", 11, "0644"),
        new Row("socket", "domain == 1 type == 2", "expression-syntax", 13, "&&"),
        new Row("socket", "", "expression-syntax", 1, "argument"),
        new Row("socket", "arg6 == 1", "unknown-argument", 1, "socket has"),
        new Row("socket", "(domain == 1) == 2", "expression-syntax", 15, "&&"),
        new Row("socket", "domain ; 1", "expression-syntax", 8, "&&"));
    for (Row row : rows) {
      List<Problem> problems = Expression.parse(row.call, row.text).problems();
      assertThat(problems).as(row.text).isNotEmpty();
      assertThat(problems.getFirst().code()).as(row.text).isEqualTo(row.code);
      assertThat(problems.getFirst().where().column()).as(row.text).isEqualTo(row.column);
      assertThat(problems.getFirst().fix()).as(row.text).contains(row.fix);
    }
  }

  @Test
  void nestingAndLengthAreBounded() {
    String deep = "(".repeat(10_000) + "domain";
    assertThat(Expression.parse("socket", deep).problems().getFirst().code()).isEqualTo("expression-too-long");
    assertThat(Expression.parse("socket", "(".repeat(99) + "domain").problems().getFirst().code())
        .isEqualTo("expression-too-deep");
    assertThat(Expression.parse("socket", "!".repeat(99) + "domain").problems().getFirst().code())
        .isEqualTo("expression-too-deep");
    assertThat(Expression.parse("socket", "domain & " + "~".repeat(99) + "1").problems().getFirst().code())
        .isEqualTo("expression-too-deep");
  }

  @Test
  void rendersTextThatReadsTheSame() {
    for (String text : List.of(
        "domain in [AF_UNIX, AF_INET]",
        "domain == AF_NETLINK && protocol == NETLINK_AUDIT",
        "!(domain & (AF_UNIX | 0x2))",
        "domain == 1 || (type == 2 && protocol & ~3 == 010)",
        "(domain == 1 || type == 2) && protocol != -1",
        "!(domain == 1 || type == 2)",
        "domain & 3 in [1, 2]")) {
      Expression expression = Expression.parse("socket", text).orThrow();
      assertThat(expression.text()).isEqualTo(text);
      assertThat(Expression.parse("socket", expression.text()).orThrow()).isEqualTo(expression);
    }
  }

  @Test
  void constantsFollowTheArchitecture() {
    assertThat(holds(Arch.MIPS64, "ioctl", "cmd == TIOCSTI", 0, 0x5472)).isTrue();
    assertThat(holds(Arch.MIPS64, "ioctl", "cmd == TIOCSTI", 0, 0x5412)).isFalse();
  }

  @Test
  void aValueThatTheArgumentCannotHaveDecidesAtOnce() {
    var never = Expression.parse("socket", "domain == 0x100000001").orThrow().bind("socket", Arch.X86_64).orElseThrow();
    assertThat(Conditions.isNever(never)).isTrue();
    var always = Expression.parse("socket", "domain < 0x100000001").orThrow().bind("socket", Arch.X86_64).orElseThrow();
    assertThat(Conditions.isAlways(always)).isTrue();
  }

  @Test
  void foldedComparisonsMeanWhatTheyMeantBefore() {
    long[] edges = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0xFFFFFFFFL, 0x100000000L, -1, Long.MIN_VALUE};
    for (long mask : edges) {
      for (long value : edges) {
        for (Condition.Operator operator : Condition.Operator.values()) {
          Condition folded = Conditions.compare(0, mask, operator, value);
          for (long seen : edges) {
            long[] args = {seen, 0, 0, 0, 0, 0};
            assertThat(folded.holds(args))
                .as("%x & %x %s %x", seen, mask, operator, value)
                .isEqualTo(new Condition.Compare(0, mask, operator, value).holds(args));
          }
        }
      }
    }
  }
}
