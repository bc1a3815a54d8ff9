package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// What people and scripts hand over on the command line, by accident or to do harm, ends in an answer, soon.
class HostileTextsTest {
  /// What the kernel lets one argument of a program have, `MAX_ARG_STRLEN`.
  private static final int MOST = 131_071;

  /// Milliseconds of work by which a parser whose work grows with the square of its text has given itself away: none of these
  /// takes half a second on a machine of today, and a slow one must not fail a test.
  private static final long HANGS = 20_000;

  private static void endsSoon(String what, Function<String, List<Problem>> parse, String text) {
    long start = cpuTime();
    List<Problem> problems = parse.apply(text);
    long millis = (cpuTime() - start) / 1_000_000;
    assertThat(millis).as(what).isLessThan(HANGS);
    assertThat(problems).as(what).isNotEmpty().hasSizeLessThan(130);
    assertThat(problems.getFirst().render()).as(what).hasSizeLessThan(2000);
  }

  /// Of this thread, so that a busy machine fails no test.
  private static long cpuTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String fill(String part) {
    return part.repeat(MOST / part.length());
  }

  @Test
  void lists() {
    Function<String, List<Problem>> list = text -> SyscallList.parse(text, "test").problems();
    for (String part : List.of("x", "x ", "read:", "read:x ", "~", "~ ", "~x ", "@", "@x ", "#", "#9", "# ", "(", ")",
        "read( ", "read(fd", "read(", "()", "socket(domain == AF_X) ", "socket(1", ":", ": ", "read:EPERM:EPERM,",
        "x\u0000", "\u001b[2J ", "\u202e", "\uD800", "\uD83D\uDC27 ", "é")) {
      endsSoon(part, list, fill(part));
      endsSoon("~" + part, list, "~" + fill(part));
    }
    assertThat(SyscallList.parse(fill("read "), "test").orThrow()).hasSize(26_214);
    assertThat(SyscallList.parse("~" + fill("@mount:EPERM,"), "test").problems()).isEmpty();
  }

  @Test
  void expressions() {
    Function<String, List<Problem>> expression = text -> Expression.parse("socket", text).problems();
    for (String part : List.of("(", "!", "~", "!(", "domain == ", "domain & (", "domain in [", "domain in [1,", "9", "-",
        "domain == ~", "||", "x", "\u0000", "\u202e", "domain == 1 || ")) {
      endsSoon(part, expression, fill(part));
      endsSoon(part, expression, part.repeat(8000 / part.length()));
      endsSoon(part, expression, part.repeat(40));
    }
  }

  @Test
  void patterns() {
    Function<String, List<Problem>> pattern = text -> CallPattern.parse(Source.option("eval", text)).problems();
    for (String part : List.of("(", "read(", "read(*,", "read(~", "read((", "9", "#", "x", ",", "\u0000", "\u001b[0m",
        "read(1|", ")")) {
      endsSoon(part, pattern, fill(part));
      endsSoon(part, pattern, "read(" + fill(part).substring(100));
    }
  }

  /// Nothing but a problem comes of texts that are put together at random.
  @Test
  void randomTexts() {
    List<String> parts = List.of("read", "socket", "@mount", "~", "#", "451", "-1", "0x", "ffff", "(", ")", "[", "]", "==",
        "&", "&&", "||", "|", "!", "domain", "arg0", "in", "AF_INET", ",", " ", ":", "EPERM", "kill", "*", "\u0000",
        "\uD800", "\u202e", "99999999999999999999", "<", ">=", "@", "clone(flags & CLONE_NEWUSER)");
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (int i = 0; i < 1_500; i++) {
      var text = new StringBuilder();
      for (int j = random.nextInt(12); j >= 0; j--) {
        text.append(parts.get(random.nextInt(parts.size())));
      }
      try {
        String drawn = text.toString();
        SyscallList.parse(drawn, "test").problems().forEach(Problem::render);
        CallPattern.parse(Source.option("eval", drawn)).problems().forEach(Problem::render);
        Expression.parse("socket", drawn).problems().forEach(Problem::render);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
  }

  /// A file, a name in it or an option cannot command the terminal that shows the message.
  @Test
  void messagesCommandNoTerminal() {
    String evil = "a\u001b]0;x\u0007\u009b2J\u202eb\u2066\r\u0085\uDB40\uDC41c";
    Problem problem = new Problem("code", new Problem.Span(evil, 1, 1, 5, evil), evil, evil);
    assertThat(problem.render().replace("\n", "").codePoints()).noneMatch(c ->
        Character.getType(c) == Character.CONTROL || Character.getType(c) == Character.FORMAT);
    assertThat(Visible.of("two\nlines\tof \u001b[31mtext")).isEqualTo("two\nlines of ?[31mtext");
  }
}
