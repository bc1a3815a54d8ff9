package dev.warder.format;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression;
import dev.warder.policy.Expression.Value;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Effect;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Draws policies of a few calls that are hard on other formats: several conditions on one argument, masks, alternatives,
/// calls that multiplexers make, and capabilities. Values come from few edges, so that tests often just hold.
public final class RandomRules {
  private static final List<String> CALLS = List.of(
      "socket", "connect", "socketcall", "semop", "shmat", "ipc", "clone", "clone3", "ioctl", "fcntl", "personality",
      "prlimit64", "mmap", "lseek", "read", "write", "openat");
  private static final long[] VALUES =
      {0, 1, 2, 3, 7, 16, 38, 0x20000, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFFL, 0x100000001L, -1};
  private static final List<Operator> OPERATORS = List.of(Operator.values());
  private static final List<Action> DENIALS = List.of(
      Action.fail(Errno.EPERM), Action.fail(Errno.EACCES), Action.KILL_PROCESS, new Action.Trap(), new Action.Log());

  private final Random random;

  public RandomRules(long seed) {
    random = new Random(seed);
  }

  public Policy policy() {
    var rules = new ArrayList<Rule>();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      rules.add(rule());
    }
    Policy policy = Policy.allowList("random").with(rules).withArchitectures(any(List.of(
        new Architectures.Family(), new Architectures.Family(), new Architectures.Native(),
        new Architectures.Listed(List.of(Arch.X86_64, Arch.X86, Arch.S390X)))));
    return random.nextInt(3) > 0 ? policy : policy.withDefaultAction(any(DENIALS.subList(0, 4)));
  }

  private Rule rule() {
    boolean allow = random.nextBoolean();
    Optional<Action> action = random.nextBoolean() ? Optional.empty() : Optional.of(any(DENIALS));
    Optional<Expression> condition = random.nextInt(3) == 0 ? Optional.empty() : Optional.of(expression(2));
    return new Rule(
        new Subject.Call(any(CALLS)), condition, allow ? new Effect.Allow() : new Effect.Deny(action), when(),
        Optional.empty(), "");
  }

  private When when() {
    var kept = new When.Kept(Capability.CAP_SYS_ADMIN);
    var lacked = new When.Lacked(Capability.CAP_NET_ADMIN);
    return any(List.of(
        new When.Always(), new When.Always(), new When.Always(), kept, lacked, new When.All(List.of(kept, lacked)),
        new When.On(EnumSet.of(Arch.X86_64, Arch.S390X))));
  }

  private Expression expression(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 7)) {
      case 3 -> new Expression.Not(expression(depth - 1));
      case 4, 5 -> new Expression.AllOf(List.of(expression(depth - 1), expression(depth - 1)));
      case 6 -> new Expression.AnyOf(List.of(expression(depth - 1), expression(depth - 1)));
      case 2 -> new Expression.In(argument(), Optional.empty(), List.of(value(), value(), value()));
      default -> new Expression.Test(
          argument(), random.nextInt(3) > 0 ? Optional.empty() : Optional.of(value()), any(OPERATORS), value());
    };
  }

  private String argument() {
    return "arg" + random.nextInt(3);
  }

  private Value value() {
    long value = VALUES[random.nextInt(VALUES.length)];
    return new Value.Number(value, "0x" + Long.toHexString(value));
  }

  private <T> T any(List<? extends T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
