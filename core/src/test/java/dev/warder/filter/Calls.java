package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.TreeMap;

/// Shared by the filter tests: small policies, and tables of calls with the expected answer.
final class Calls {
  static final Decision ALLOW = KnownPolicies.always(Action.ALLOW);
  static final Decision KILL = KnownPolicies.always(Action.KILL_PROCESS);

  private Calls() {}

  /// Kills everything up to number 400 but what is added to it, and fails newer calls.
  static Resolution resolution(Arch arch, Object... numbersAndDecisions) {
    var decisions = new TreeMap<Integer, Decision>();
    for (int i = 0; i < numbersAndDecisions.length; i += 2) {
      decisions.put((Integer) numbersAndDecisions[i], (Decision) numbersAndDecisions[i + 1]);
    }
    int newest = arch == Arch.X32 ? 0x40000000 + 547 : 400;
    Decision newer = KnownPolicies.always(Action.fail(Errno.ENOSYS));
    return new Resolution(arch, decisions, KILL, newest, newer);
  }

  static Decision allowIf(Condition condition) {
    return KnownPolicies.allowIf(KILL, condition);
  }

  static Condition compare(int index, long mask, Condition.Operator operator, long value) {
    return new Condition.Compare(index, mask, operator, value);
  }

  /// Checks rows of `arch number result arguments…`; what follows a `#` is a note.
  static void expect(Filter filter, String table) {
    for (String line : table.lines().toList()) {
      String row = line.replaceFirst("#.*", "").strip();
      if (!row.isEmpty()) {
        String[] cells = row.split("\\s+");
        var args = new long[6];
        for (int i = 3; i < cells.length; i++) {
          args[i - 3] = number(cells[i]);
        }
        int audit = Arch.named(cells[0]).map(Arch::auditArch).orElseGet(() -> (int) number(cells[0]));
        int value = Interpreter.run(filter, (int) number(cells[1]), audit, 0, args).value();
        assertThat(ReturnValue.render(value)).as(line).isEqualTo(cells[2]);
      }
    }
  }

  private static long number(String text) {
    return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
  }
}
