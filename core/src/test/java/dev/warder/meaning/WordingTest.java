package dev.warder.meaning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.policy.ArgumentText;
import dev.warder.policy.Condition;
import dev.warder.policy.Expression;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordingTest {
  private static final List<String> ARGUMENTS = List.of("arg0", "arg1", "arg2");
  private static final List<String> OPERATORS = List.of("==", "!=", "<", "<=", ">", ">=");
  private static final List<String> VALUES = List.of("0", "1", "2", "3", "16", "0x11", "0xff00", "0x7fffffff",
      "0xffffffff", "-1", "0x10000000", "CLONE_NEWNS", "AF_NETLINK");

  private final Random random;
  private final long seed = Long.getLong("warder.seed", 1);

  WordingTest() {
    random = new Random(seed);
  }

  @Test
  void readsBackAsTheSameCondition() {
    int unworded = 0;
    for (int round = 0; round < 1500; round++) {
      String call = pick(List.of("socket", "clone", "mmap", "ioctl", "openat", "prctl", "mount"));
      Arch arch = pick(List.of(Arch.X86_64, Arch.X86, Arch.AARCH64, Arch.S390X));
      if (call.equals("mmap") && arch != Arch.X86_64 && arch != Arch.AARCH64) {
        continue;                                                   // it has one argument there, an address
      }
      var diagrams = new Diagrams(1 << 16);
      String text = expression(2);
      int region = region(diagrams, call, text, arch);
      if (region != Diagrams.FALSE) {
        String worded = new Wording(diagrams, new ArgumentText(call, arch)).text(region);
        if (worded.contains("no short condition")) {
          unworded++;
          continue;
        }
        int again = worded.isEmpty() ? Diagrams.TRUE : region(diagrams, call, worded, arch);
        assertThat(again).as("seed %d: %s(%s) on %s worded as %s", seed, call, text, arch, worded).isEqualTo(region);
      }
    }
    assertThat(unworded).as("conditions of 1500 that are too long to write").isLessThan(75);
  }

  private static int region(Diagrams diagrams, String call, String text, Arch arch) {
    Condition condition = Expression.parse(call, text).orThrow().bind(call, arch).orElseThrow();
    return PolicyMeaning.condition(diagrams, condition);
  }

  private String expression(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0 -> pick(ARGUMENTS) + " " + pick(OPERATORS) + " " + pick(VALUES);
      case 1 -> pick(ARGUMENTS) + " & " + pick(VALUES) + " " + pick(OPERATORS) + " " + pick(VALUES);
      case 2 -> pick(ARGUMENTS) + " in [" + pick(VALUES) + ", " + pick(VALUES) + "]";
      case 3 -> "!(" + expression(depth - 1) + ")";
      case 4 -> "(" + expression(depth - 1) + ") && (" + expression(depth - 1) + ")";
      default -> "(" + expression(depth - 1) + ") || (" + expression(depth - 1) + ")";
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  @Test
  void isShort() {
    record Row(String call, String text, String worded) {}
    for (Row row : List.of(
        new Row("socket", "domain == 1 || domain == 2 || domain == 10", "domain in [AF_UNIX, AF_INET, AF_INET6]"),
        new Row("socket", "domain != 16", "domain != AF_NETLINK"),
        new Row("socket", "!(domain == 16 && protocol == 9)", "domain != AF_NETLINK || protocol != NETLINK_AUDIT"),
        new Row("socket", "domain == 1 && type & 0xf == 1", "domain == AF_UNIX && type & SOCK_TYPE_MASK == SOCK_STREAM"),
        new Row("clone", "!(flags & 0x7e020000)", "flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | "
            + "CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) == 0"),
        new Row("unshare", "!(flags & ~(CLONE_FS | CLONE_FILES))", "flags & ~(CLONE_FS | CLONE_FILES) == 0"),
        new Row("mknod", "mode & S_IFMT in [0, S_IFREG]", "mode & 0x7000 == 0"),
        new Row("kill", "pid > 1", "pid >= 2"),
        new Row("openat", "dirfd == AT_FDCWD", "dirfd == AT_FDCWD"))) {
      var diagrams = new Diagrams();
      int region = region(diagrams, row.call, row.text, Arch.X86_64);
      assertThat(new Wording(diagrams, new ArgumentText(row.call, Arch.X86_64)).text(region)).isEqualTo(row.worded);
    }
  }
}
