package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Resolution;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Policies that people really use, resolved from `calls.tsv`, so that the compiler is measured on what it is made for.
final class KnownPolicies {
  static final Action KILL_THREAD = new Action.KillThread();
  private static final long LOW = 0xFFFFFFFFL;
  private static final List<Arch> COLUMNS = List.of(Arch.X86_64, Arch.X86, Arch.X32, Arch.AARCH64, Arch.S390X);
  private static final List<String[]> ROWS = rows();

  static final List<String> NAMES = List.of("capejail", "docker", "docker-admin", "nspawn", "service", "web");

  private KnownPolicies() {}

  /// @param name one of [#NAMES]
  static List<Resolution> resolve(String name, Arch... arches) {
    var result = new ArrayList<Resolution>();
    for (Arch arch : arches) {
      result.add(resolution(name, arch));
    }
    return result;
  }

  static Resolution resolution(String name, Arch arch) {
    Decision denied = always(switch (name) {
      case "capejail" -> KILL_THREAD;
      case "docker", "docker-admin", "nspawn" -> Action.fail(Errno.EPERM);
      default -> Action.KILL_PROCESS;
    });
    Decision unknown = name.equals("nspawn") ? always(Action.fail(Errno.ENOSYS)) : denied;
    SortedMap<Integer, Decision> decisions = new TreeMap<>();
    for (String[] row : ROWS) {
      String number = row[1 + COLUMNS.indexOf(arch)];
      if (!number.equals("-")) {
        boolean allowed = List.of(row[1 + COLUMNS.size()].split(" ")).contains(name);
        Decision decision = special(name, row[0], arch, denied);
        decisions.put(Integer.parseInt(number), decision != null ? decision : allowed ? always(Action.ALLOW) : denied);
      }
    }
    return new Resolution(arch, decisions, unknown, decisions.lastKey(), unknown);
  }

  /// The name of a call, or null.
  static String name(Arch arch, int number) {
    for (String[] row : ROWS) {
      if (row[1 + COLUMNS.indexOf(arch)].equals(Integer.toString(number))) {
        return row[0];
      }
    }
    return null;
  }

  private static Decision special(String policy, String call, Arch arch, Decision denied) {
    return switch (policy + " " + call) {
      case "docker socket", "docker-admin socket" -> allowIf(denied, new Condition.AnyOf(List.of(
          compare(0, Operator.LT, 38), compare(0, Operator.EQ, 39), compare(0, Operator.GT, 40))));
      case "docker personality", "docker-admin personality" -> allowIf(denied, anyOf(0, 0, 8, 0x20000, 0x20008, LOW));
      case "docker clone" -> allowIf(denied, new Compare(arch == Arch.S390X ? 1 : 0, 0x7E020000, Operator.EQ, 0));
      case "docker clone3" -> always(Action.fail(Errno.ENOSYS));
      case "nspawn socket" -> new Decision(List.of(new Decision.Case(
          new Condition.AllOf(List.of(compare(0, Operator.EQ, 16), compare(2, Operator.EQ, 9))),
          outcome(Action.fail(Errno.EAFNOSUPPORT)))), outcome(Action.ALLOW));
      case "web socket" -> allowIf(denied, anyOf(0, 1, 2, 10));
      case "web ioctl" -> allowIf(denied, anyOf(1, 0x5401, 0x541B, 0x5421));
      case "web mmap", "web mprotect" -> allowIf(denied, new Compare(2, 4, Operator.EQ, 0));
      default -> null;
    };
  }

  /// The kernel reads 32 bits of these arguments.
  private static Condition compare(int index, Operator operator, long value) {
    return new Compare(index, LOW, operator, value);
  }

  private static Condition anyOf(int index, long... values) {
    var terms = new ArrayList<Condition>();
    for (long value : values) {
      terms.add(compare(index, Operator.EQ, value));
    }
    return new Condition.AnyOf(terms);
  }

  static Decision allowIf(Decision otherwise, Condition condition) {
    return new Decision(List.of(new Decision.Case(condition, outcome(Action.ALLOW))), otherwise.otherwise());
  }

  static Decision always(Action action) {
    return Decision.always(outcome(action));
  }

  static Outcome outcome(Action action) {
    return new Outcome(action, "");
  }

  private static List<String[]> rows() {
    var rows = new ArrayList<String[]>();
    try (var in = new BufferedReader(new InputStreamReader(
        KnownPolicies.class.getResourceAsStream("calls.tsv"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.startsWith("#") && !line.startsWith("name\t")) {
          rows.add(line.split("\t"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
