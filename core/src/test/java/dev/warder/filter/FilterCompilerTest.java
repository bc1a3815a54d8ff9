package dev.warder.filter;

import static dev.warder.filter.Calls.ALLOW;
import static dev.warder.filter.Calls.KILL;
import static dev.warder.filter.Calls.allowIf;
import static dev.warder.filter.Calls.compare;
import static dev.warder.filter.Calls.expect;
import static dev.warder.filter.Calls.resolution;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Not;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilterCompilerTest {
  private static final long ALL = -1;
  private static final long LOW = 0xFFFFFFFFL;

  @Test
  void tellsArchitecturesAndAbisApart() {
    expect(compile(resolution(Arch.X86_64, 0, ALLOW), resolution(Arch.X86, 3, ALLOW)), """
        # arch     number      result
        x86_64     0           ALLOW
        x86_64     1           KILL
        x86_64     3           KILL        # read for x86
        x86_64     400         KILL
        x86_64     401         ERRNO(38)
        x86_64     0x3fffffff  ERRNO(38)
        x86_64     0x40000000  KILL        # read for x32
        x86_64     0xffffffff  KILL
        x86        0           KILL
        x86        2           KILL
        x86        3           ALLOW
        x86        0x40000003  ERRNO(38)
        aarch64    0           KILL
        0x00000000 0           KILL
        0xffffffff 0           KILL
        """);
  }

  @Test
  void x32OwnsTheNumbersFromBit30OnOfX86_64() {
    String x32 = """
        x86_64     0x3fffffff  %s
        x86_64     0x40000000  ALLOW
        x86_64     0x40000001  KILL
        x86_64     0x40000223  KILL
        x86_64     0x40000224  ERRNO(38)
        x86_64     0xc0000000  ERRNO(38)
        """;
    Resolution both = resolution(Arch.X32, 0x40000000, ALLOW);
    expect(compile(resolution(Arch.X86_64, 0, ALLOW), both), x32.formatted("ERRNO(38)"));
    expect(compile(both), x32.formatted("KILL"));
    expect(compile(both), "x86_64 0 KILL");
  }

  @Test
  void comparesNumbersUnsigned() {
    var decisions = new TreeMap<Integer, Decision>();
    decisions.put(-2, ALLOW);
    decisions.put(5, ALLOW);
    expect(compile(new Resolution(Arch.AARCH64, decisions, KILL, 10, KILL)), """
        aarch64  5           ALLOW
        aarch64  0xfffffffd  KILL
        aarch64  0xfffffffe  ALLOW
        aarch64  0xffffffff  KILL
        """);
  }

  @ParameterizedTest
  @EnumSource
  void comparesSixtyFourBitsUnsigned(Operator operator) {
    for (long value : new long[] {0, 1, 0x7fffffffL, 0x80000000L, LOW, LOW + 1, 0x500000005L, Long.MAX_VALUE,
        Long.MIN_VALUE, -1L << 32, -2, -1}) {
      for (long mask : new long[] {ALL, LOW, ~LOW, 0xFF, 0x8000000000000000L, 0x500000005L, 0}) {
        agrees(Arch.X86_64, compare(3, mask, operator, value), 3, value, value & mask);
      }
    }
  }

  /// CVE-2019-9893: libseccomp 2.3 and older compared the halves of a 64-bit argument one by one, so that an argument
  /// with a greater high half and a smaller low half counted as smaller.
  @Test
  void cve_2019_9893_highHalfDecidesBeforeLowHalf() {
    expect(compile(resolution(Arch.X86_64,
        1, allowIf(compare(0, ALL, Operator.GT, 0x100000005L)),
        2, allowIf(compare(0, ALL, Operator.LE, 0x100000005L)))), """
        x86_64  1  KILL   0x100000005
        x86_64  1  ALLOW  0x100000006
        x86_64  1  ALLOW  0x200000000
        x86_64  1  KILL   0x0ffffffff
        x86_64  2  ALLOW  0x100000005
        x86_64  2  KILL   0x200000000
        x86_64  2  ALLOW  0x0ffffffff
        """);
  }

  /// GHSA-4q85-33p6-j5g6: several comparisons on one argument were merged into one tree that lost some of them.
  @Test
  void ghsa_4q85_33p6_j5g6_keepsEveryComparisonOnOneArgument() {
    Condition outside = new AnyOf(List.of(compare(0, ALL, Operator.LT, 10), compare(0, ALL, Operator.EQ, 15),
        compare(0, ALL, Operator.GT, 20), compare(0, 0xF0, Operator.EQ, 0x10)));
    for (long value : new long[] {10, 15, 20, 0x10, LOW}) {
      agrees(Arch.X86_64, outside, 0, value);
    }
    Condition both = new AllOf(List.of(compare(0, ALL, Operator.GE, 10), compare(0, ALL, Operator.NE, 15),
        new Not(compare(0, ALL, Operator.GT, 20))));
    for (long value : new long[] {10, 15, 20}) {
      agrees(Arch.X86_64, both, 0, value);
    }
  }

  /// libseccomp issue 383: a negative 32-bit constant, such as AT_FDCWD or a uid of -1, is 0xffffffff in a register that a program filled with `movl`, but all ones in one that
  /// it filled with `movq`: a 64-bit comparison with either misses the other, one under a 32-bit mask sees both.
  @Test
  void libseccomp_383_signExtension_maskDecidesWhetherHighBitsCount() {
    expect(compile(resolution(Arch.X86_64,
        1, allowIf(compare(0, LOW, Operator.EQ, LOW)),
        2, allowIf(compare(0, ALL, Operator.EQ, -1)))), """
        x86_64  1  ALLOW  0x00000000ffffffff
        x86_64  1  ALLOW  0xffffffffffffffff
        x86_64  1  KILL   0x00000000fffffffe
        x86_64  2  KILL   0x00000000ffffffff
        x86_64  2  ALLOW  0xffffffffffffffff
        """);
  }

  /// CVE-2019-7303, CVE-2019-10063: the kernel truncates an ioctl request to 32 bits, the filter must too.
  @Test
  void strayHighBitsAreNoWayRoundADeniedIoctl() {
    expect(compile(resolution(Arch.X86_64, 16, allowIf(compare(1, LOW, Operator.NE, 0x5412)))), """
        x86_64  16  KILL   0 0x5412
        x86_64  16  KILL   0 0x100005412
        x86_64  16  KILL   0 0xffffffff00005412
        x86_64  16  ALLOW  0 0x5411
        x86_64  16  ALLOW  0 0x5413
        """);
  }

  @Test
  void bigEndianHighHalfComesFirst() {
    Filter filter = compile(resolution(Arch.S390X, 1, allowIf(compare(2, ALL, Operator.EQ, 0x100000002L))));
    assertThat(filter.bigEndian()).isTrue();
    assertThat(Listing.of(filter)).contains("ld [32]", "args[2], high", "ld [36]", "args[2], low");
    agrees(Arch.S390X, compare(2, ALL, Operator.LE, 0x100000002L), 2, 0x100000002L, LOW, 0x200000001L);
  }

  @Test
  void errorNumbersAreTheTargets() {
    Decision loop = KnownPolicies.always(Action.fail(Errno.ELOOP));
    expect(compile(new Resolution(Arch.MIPS64, new TreeMap<>(), loop, 5400, loop)), "mips64 5000 ERRNO(90)");
    expect(compile(resolution(Arch.X86_64, 1, loop)), "x86_64 1 ERRNO(40)");
  }

  @Test
  void aConditionThatAlwaysHoldsLeavesTheCallInTheBitmap() {
    for (Condition always : List.of(
        compare(0, ALL, Operator.GE, 0),
        compare(0, LOW, Operator.LE, LOW),
        compare(0, 0xF0, Operator.NE, 1),
        new AllOf(List.of()),
        new AnyOf(List.of(compare(0, ALL, Operator.LT, 5), compare(0, ALL, Operator.GE, 5))),
        new Not(new AllOf(List.of(compare(1, 3, Operator.EQ, 1), compare(1, 3, Operator.EQ, 2)))))) {
      Filter filter = compile(resolution(Arch.X86_64, 7, allowIf(always)));
      assertThat(Bitmap.answers(filter, Arch.X86_64.auditArch(), 7)).as(always.toString()).isTrue();
    }
  }

  @Test
  void aListOfValuesLoadsItsArgumentOnce() {
    var terms = new ArrayList<Condition>();
    for (int i = 0; i < 40; i++) {
      terms.add(compare(1, LOW, Operator.EQ, 0x5400 + 3 * i));
    }
    Filter filter = compile(resolution(Arch.X86_64, 16, allowIf(new AnyOf(terms))));
    assertThat(filter.insns().stream().filter(insn -> insn.code() == 0x20 && insn.k() == 24)).hasSize(1);
    assertThat(Interpreter.run(filter, 16, Arch.X86_64.auditArch(), 0, new long[] {0, 0x5400 + 60, 0, 0, 0, 0})
        .executed()).isLessThan(20);
  }

  @Test
  void jumpsOverMoreThan255Instructions() {
    var terms = new ArrayList<Condition>();
    for (int i = 0; i < 900; i++) {
      terms.add(compare(0, ALL, Operator.EQ, 1000003L * i));
    }
    Filter filter = compile(resolution(Arch.X86_64, 1, allowIf(new AnyOf(terms)), 2, ALLOW),
        resolution(Arch.X86, 1, allowIf(new Not(new AnyOf(terms)))));
    assertThat(filter.insns()).hasSizeGreaterThan(1000);
    expect(filter, """
        x86_64  1  ALLOW  1000003
        x86_64  1  KILL   1000004
        x86_64  2  ALLOW
        x86     1  KILL   1000003
        """);
  }

  @Test
  void tooLongAFilterIsNamedSo() {
    var terms = new ArrayList<Condition>();
    for (int i = 0; i < 3000; i++) {
      terms.add(compare(0, ALL, Operator.EQ, 1000000007L * i));
    }
    assertThatThrownBy(() -> compile(resolution(Arch.X86_64, 1, allowIf(new AnyOf(terms)))))
        .isInstanceOfSatisfying(FilterTooLongException.class, e -> assertThat(e.length()).isGreaterThan(4096))
        .hasMessageContaining("4096");
  }

  @Test
  void refusesArchitecturesThatCannotShareAFilter() {
    assertThatThrownBy(() -> compile(resolution(Arch.X86_64), resolution(Arch.S390X)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("byte order");
    assertThatThrownBy(() -> compile(resolution(Arch.X86_64), resolution(Arch.X86_64)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("twice");
    assertThatThrownBy(() -> compile()).isInstanceOf(IllegalArgumentException.class);
  }

  private static Filter compile(Resolution... resolutions) {
    return FilterCompiler.compile(List.of(resolutions), Action.KILL_PROCESS);
  }

  /// The filter does what the condition says at the edges around the values.
  private static void agrees(Arch arch, Condition condition, int index, long... values) {
    Filter filter = compile(resolution(arch, 1, allowIf(condition)));
    for (long value : values) {
      for (long offset : new long[] {0, 1, -1, 1L << 32, -1L << 32, 1L << 31, 1L << 63}) {
        var args = new long[] {-1, -1, -1, -1, -1, -1};
        args[index] = value + offset;
        int answer = Interpreter.run(filter, 1, arch.auditArch(), 0, args).value();
        assertThat(answer == SeccompH.SECCOMP_RET_ALLOW).as(condition + " on " + Long.toHexString(value + offset))
            .isEqualTo(condition.holds(args));
      }
    }
  }
}
