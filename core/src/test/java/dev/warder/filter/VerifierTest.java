package dev.warder.filter;

import static dev.warder.filter.Calls.ALLOW;
import static dev.warder.filter.Calls.allowIf;
import static dev.warder.filter.Calls.compare;
import static dev.warder.filter.Calls.resolution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final int[] OPCODES = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0c, 0x14, 0x15, 0x16, 0x1d,
      0x20, 0x25, 0x34, 0x35, 0x44, 0x45, 0x54, 0x5c, 0x60, 0x64, 0x74, 0x80, 0x84, 0x87, 0xa4};

  @Test
  void everythingTheCompilerWritesIsProvedAndDoesWhatThePolicySays() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var draw = new RandomPolicies(random);
    for (int policy = 0; policy < 1000; policy++) {
      List<Resolution> resolutions = draw.resolutions();
      Action foreign = draw.action();
      Filter filter = FilterCompiler.compile(resolutions, foreign);
      for (int call = 0; call < 300; call++) {
        assertAgrees(filter, resolutions, foreign, random, draw, "seed " + seed + ", policy " + policy);
      }
    }
  }

  private static void assertAgrees(Filter filter, List<Resolution> resolutions, Action foreign, Random random,
      RandomPolicies draw, String context) {
    Arch arch = random.nextInt(4) == 0 ? Arch.values()[random.nextInt(Arch.values().length)]
        : resolutions.get(random.nextInt(resolutions.size())).arch();
    int number = switch (random.nextInt(8)) {
      case 0 -> (int) draw.value();
      case 1 -> (random.nextInt(4) << 30) + random.nextInt(3) - 1;
      default -> arch.numberBase() + random.nextInt(130);
    };
    long[] args = draw.args();
    int expected = expected(resolutions, foreign, arch.auditArch(), number, args);
    int answer = Interpreter.runChecked(filter, number, arch.auditArch(), 0, args).value();
    if (answer != expected) {
      throw new AssertionError(context + ": " + arch + " " + number + " " + Arrays.toString(args) + " gives "
          + ReturnValue.render(answer) + ", must be " + ReturnValue.render(expected) + "\n" + Listing.of(filter));
    }
  }

  /// What the policy says, straight from the model.
  private static int expected(List<Resolution> resolutions, Action foreign, int auditArch, int number, long[] args) {
    boolean x32Number = Integer.compareUnsigned(number, 0x40000000) >= 0;
    for (Resolution resolution : resolutions) {
      Arch arch = resolution.arch();
      boolean mine = arch.auditArch() == auditArch
          && (arch != Arch.X86_64 || !x32Number) && (arch != Arch.X32 || x32Number);
      if (mine) {
        return ReturnValue.of(resolution.decide(number).decide(args).action(), arch);
      }
    }
    return ReturnValue.of(foreign, resolutions.getFirst().arch());
  }

  /// Breaks one instruction at a time. Whether that changed what the program does is for [Judge] to say, which runs both
  /// and knows nothing of proofs: a mutant that it tells apart must be refused, so one that is accepted must pass it.
  @Test
  void refusesEveryProgramWhoseMeaningChanged() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var count = new Mutants();
    mutate(KnownPolicies.resolve("docker", Arch.X86_64, Arch.X86, Arch.X32), 3_000, random, seed, count);
    mutate(KnownPolicies.resolve("docker", Arch.S390X), 2_000, random, seed, count);
    mutate(KnownPolicies.resolve("web", Arch.X86_64), 2_000, random, seed, count);
    mutate(List.of(resolution(Arch.X86_64, 1, argumentsOfAllKinds(), 3, ALLOW)), 3_000, random, seed, count);
    System.out.println("mutants: " + count);
    assertThat(count.changed + count.same + count.unproved).isEqualTo(10_000);
    assertThat(count.changed).isGreaterThan(8_000);
    assertThat(count.unproved).as("refused though they seem to do the same").isLessThan(300);
  }

  /// @see #refusesEveryProgramWhoseMeaningChanged
  private static final class Mutants {
    int changed;
    int same;
    int unproved;

    @Override
    public String toString() {
      return changed + " changed and refused, " + same + " the same and accepted, " + unproved
          + " refused though the judge sees no change";
    }
  }

  private static void mutate(List<Resolution> resolutions, int times, Random random, long seed, Mutants count) {
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
    var judge = new Judge(filter);
    for (int i = 0; i < times; i++) {
      var insns = new ArrayList<>(filter.insns());
      int at = random.nextInt(insns.size());
      while (insns.get(at).equals(filter.insns().get(at))) {
        insns.set(at, broken(insns.get(at), random));
      }
      var mutant = new Filter(insns, filter.bigEndian());
      boolean accepted = Verifier.verify(mutant, resolutions, Action.KILL_PROCESS).isEmpty();
      String difference = judge.difference(mutant);
      if (accepted && difference != null) {
        throw new AssertionError("seed " + seed + ", accepted with " + at + " now " + insns.get(at) + ": " + difference);
      }
      count.same += accepted ? 1 : 0;
      count.unproved += difference == null && !accepted ? 1 : 0;
      count.changed += difference != null ? 1 : 0;
    }
  }

  private static Insn broken(Insn insn, Random random) {
    boolean jumps = (insn.code() & 7) == BpfH.BPF_JMP;
    return switch (random.nextInt(jumps ? 6 : 3)) {
      case 0 -> new Insn(OPCODES[random.nextInt(OPCODES.length)], insn.jt(), insn.jf(), insn.k());
      case 1 -> new Insn(insn.code(), insn.jt(), insn.jf(), insn.k() + random.nextInt(5) - 2);
      case 2 -> new Insn(insn.code(), insn.jt(), insn.jf(), insn.k() ^ 1 << random.nextInt(32));
      case 3 -> new Insn(insn.code(), random.nextInt(8), insn.jf(), insn.k());
      case 4 -> new Insn(insn.code(), insn.jt(), Math.clamp(insn.jf() + random.nextInt(5) - 2, 0, 255), insn.k());
      default -> new Insn(insn.code(), insn.jf(), insn.jt(), insn.k());
    };
  }

  @Test
  void findsASingleWrongValueOfSixtyFourBits() {
    Condition wanted = new AllOf(List.of(compare(0, -1, Operator.GE, 0x123456789L),
        compare(0, -1, Operator.NE, 0x987654321L)));
    Condition without = compare(0, -1, Operator.GE, 0x123456789L);
    Filter wrong = FilterCompiler.compile(List.of(resolution(Arch.X86_64, 1, allowIf(without))), Action.KILL_PROCESS);
    assertThat(Verifier.verify(wrong, List.of(resolution(Arch.X86_64, 1, allowIf(wanted))), Action.KILL_PROCESS))
        .singleElement().extracting(Verifier.Difference::calls).isEqualTo("x86_64 1 to 1");
  }

  /// They are proved apart, at once: what is wrong with any of them must come out.
  @Test
  void findsAWrongNumberOfEachArchitecture() {
    List<Arch> arches = List.of(Arch.X86_64, Arch.X86, Arch.X32, Arch.AARCH64);
    for (int wrong = 0; wrong < arches.size(); wrong++) {
      var right = new ArrayList<Resolution>();
      var other = new ArrayList<Resolution>();
      for (int i = 0; i < arches.size(); i++) {
        Resolution closed = resolution(arches.get(i));
        right.add(closed);
        other.add(i == wrong ? resolution(arches.get(i), arches.get(i).numberBase() + 7, ALLOW) : closed);
      }
      Filter filter = FilterCompiler.compile(other, Action.KILL_PROCESS);
      assertThat(Verifier.verify(filter, right, Action.KILL_PROCESS)).isNotEmpty();
      assertThat(Verifier.verify(filter, other, Action.KILL_PROCESS)).isEmpty();
    }
  }

  @Test
  void aGlanceAtASetSaysNothingThatItsValuesDoNot() {
    var random = new Random(3);
    long[] masks = {0xFFFFFFFFL, 0xFF, 0xF0, 0x30, 1};
    int told = 0;
    for (int i = 0; i < 20_000; i++) {
      FieldSet set = FieldSet.ANY;
      for (int step = 0; step < 4; step++) {
        long mask = masks[random.nextInt(masks.length)];
        long first = random.nextInt(300);
        long last = random.nextInt(8) == 0 ? 0xFFFFFFFFL : first + random.nextInt(40);
        int side = set.side(mask, first, last);
        FieldSet within = set.within(mask, first, last);
        FieldSet outside = set.outside(mask, first, last);
        told += side == 0 ? 0 : 1;
        assertThat(side > 0 && outside != null || side < 0 && within != null)
            .as("mask %x, %d to %d, step %d of %d", mask, first, last, step, i).isFalse();
        FieldSet next = random.nextBoolean() ? within : outside;
        set = next == null ? set : next;
      }
    }
    assertThat(told).isGreaterThan(1000);
  }

  @Test
  void provesAcrossSeveralMasksOfOneArgument() {
    Condition nibbles = new AllOf(List.of(compare(0, 0xF, Operator.EQ, 5), compare(0, 0xF0, Operator.EQ, 0x30)));
    Condition octet = compare(0, 0xFF, Operator.EQ, 0x35);
    Filter filter = FilterCompiler.compile(List.of(resolution(Arch.X86_64, 1, allowIf(nibbles))), Action.KILL_PROCESS);
    assertThat(Verifier.verify(filter, List.of(resolution(Arch.X86_64, 1, allowIf(octet))), Action.KILL_PROCESS))
        .isEmpty();
  }

  @Test
  void productsOfListsAreProvedWithoutFollowingEveryCombination() {
    var each = new ArrayList<Condition>();
    for (int index = 0; index < 6; index++) {
      var values = new ArrayList<Condition>();
      for (int i = 0; i < 20; i++) {
        values.add(compare(index, 0xFFFFFFFFL, Operator.EQ, 7 * i));
      }
      each.add(new AnyOf(values));
    }
    Filter filter = FilterCompiler.compile(List.of(resolution(Arch.X86_64, 1, allowIf(new AllOf(each)))),
        Action.KILL_PROCESS);
    assertThat(filter.insns()).hasSizeLessThan(200);
  }

  @Test
  void whatCannotBeFollowedIsNotProved() {
    var insns = List.of(new Insn(0x20, 0, 0, 4), new Insn(0x07, 0, 0, 0), new Insn(0x06, 0, 0, 0x80000000));
    assertThat(Verifier.verify(new Filter(insns, false), List.of(resolution(Arch.AARCH64)), Action.KILL_PROCESS))
        .isNotEmpty();
  }

  private static Decision argumentsOfAllKinds() {
    return allowIf(new AnyOf(List.of(
        new AllOf(List.of(compare(0, -1, Operator.GT, 0x100000001L), compare(0, -1, Operator.LE, -2))),
        compare(1, 0xffffffffL, Operator.EQ, 7), compare(1, 0xffffffffL, Operator.EQ, 8),
        new AllOf(List.of(compare(2, 6, Operator.EQ, 4), compare(2, 0xff, Operator.LT, 8))))));
  }
}
