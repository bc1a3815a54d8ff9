package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Not;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// Draws policies and calls. Values come from few edges, so that comparisons are often just met or just missed.
final class RandomPolicies {
  private static final long[] EDGES = {0, 1, 2, 3, 4, 7, 8, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L,
      0x100000001L, 0x7fffffffffffffffL, 0x8000000000000000L, -2, -1};
  private static final long[] MASKS = {-1, -1, 0xffffffffL, 0xffffffffL, 0xff, 6, 0x80000000L, 0xffffffff00000000L,
      0x8000000080000001L, 0};
  private static final List<Action> ACTIONS = List.of(Action.ALLOW, Action.ALLOW, Action.KILL_PROCESS,
      new Action.KillThread(), new Action.Trap(), new Action.Log(), new Action.Notify(), new Action.Trace((short) -1),
      Action.fail(Errno.EPERM), Action.fail(Errno.ENOSYS));

  private final Random random;

  RandomPolicies(Random random) {
    this.random = random;
  }

  /// One to four architectures of one byte order.
  List<Resolution> resolutions() {
    boolean bigEndian = random.nextInt(4) == 0;
    var arches = new ArrayList<>(List.of(Arch.values()));
    arches.removeIf(arch -> arch.bigEndian() != bigEndian);
    Collections.shuffle(arches, random);
    var result = new ArrayList<Resolution>();
    for (Arch arch : arches.subList(0, 1 + random.nextInt(4))) {
      result.add(resolution(arch));
    }
    return result;
  }

  private Resolution resolution(Arch arch) {
    var decisions = new TreeMap<Integer, Decision>();
    int number = arch.numberBase();
    int calls = 1 + random.nextInt(60);
    for (int i = 0; i < calls; i++) {
      number += random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
      decisions.put(number, decision());
    }
    if (random.nextInt(10) == 0) {
      decisions.put(-1 - random.nextInt(3), decision());
    }
    return new Resolution(arch, decisions, decision(), number + random.nextInt(3), decision());
  }

  private Decision decision() {
    var cases = new ArrayList<Decision.Case>();
    while (random.nextInt(4) == 0) {
      cases.add(new Decision.Case(condition(3), KnownPolicies.outcome(action())));
    }
    return new Decision(cases, KnownPolicies.outcome(action()));
  }

  Action action() {
    return ACTIONS.get(random.nextInt(ACTIONS.size()));
  }

  private Condition condition(int depth) {
    return switch (random.nextInt(depth == 0 ? 2 : 6)) {
      case 2 -> new Not(condition(depth - 1));
      case 3 -> new AllOf(terms(depth - 1));
      case 4, 5 -> new AnyOf(terms(depth - 1));
      default -> new Compare(random.nextInt(2) * random.nextInt(6), MASKS[random.nextInt(MASKS.length)],
          Operator.values()[random.nextInt(6)], value());
    };
  }

  private List<Condition> terms(int depth) {
    var terms = new ArrayList<Condition>();
    for (int i = random.nextInt(4); i > 0; i--) {
      terms.add(condition(depth));
    }
    return terms;
  }

  long value() {
    return EDGES[random.nextInt(EDGES.length)] + (random.nextInt(8) == 0 ? random.nextInt(3) - 1 : 0);
  }

  long[] args() {
    var args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = value();
    }
    return args;
  }
}
