package dev.warder.meaning;

import static dev.warder.filter.BpfH.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.filter.Interpreter;
import dev.warder.filter.SeccompH;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgramTest {
  private static final int ALLOW = SeccompH.SECCOMP_RET_ALLOW;
  private static final int EPERM = SeccompH.SECCOMP_RET_ERRNO | 1;

  static Filter filter(Insn... insns) {
    return new Filter(List.of(insns), false);
  }

  static Insn load(int offset) {
    return new Insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
  }

  static Insn jump(int test, int k, int jt, int jf) {
    return new Insn(BPF_JMP | test, jt, jf, k);
  }

  static Insn compute(int operation, int k) {
    return new Insn(BPF_ALU | operation, 0, 0, k);
  }

  static Insn end(int value) {
    return new Insn(BPF_RET | BPF_K, 0, 0, value);
  }

  @Test
  void meansWhatTheInterpreterDoes() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var programs = new RandomPrograms(random);
    int followed = 0;
    for (int round = 0; round < 200; round++) {
      Filter filter = programs.program(3 + random.nextInt(30), random.nextInt(12));
      try {
        Program program = Program.of(filter, new Diagrams(1 << 15));
        followed++;
        for (int i = 0; i < 60; i++) {
          Example call = programs.call();
          var result = Interpreter.run(filter, call.number(), call.auditArch(), call.instructionPointer(), call.args());
          assertThat(program.value(call)).as("seed %d, %s, arguments %s of %s", seed, call, Arrays.toString(call.args()),
              filter).isEqualTo(Answer.of(result.value()));
          assertThat(program.unreachable()).as("seed %d", seed).doesNotContainAnyElementsOf(result.path());
        }
      } catch (TooComplexException e) {
        assertThat(e).hasMessageStartingWith("instruction ");
      }
    }
    assertThat(followed).as("programs that were not too complex").isGreaterThan(150);
  }

  @Test
  void arithmeticIsFollowedExactly() {
    // (args[0] * 3 + 5) / 2 == 10, in 32 bits.
    Program program = Program.of(filter(load(16), compute(BPF_MUL, 3), compute(BPF_ADD, 5), compute(BPF_DIV, 2),
        jump(BPF_JEQ, 10, 0, 1), end(ALLOW), end(EPERM)));
    List<Program.Answer> answers = program.answers(Arch.X86_64, 3);
    assertThat(answers).extracting(Program.Answer::condition)
        .containsExactly("fd in [5, 0xaaaaaab0]", "!(fd in [5, 0xaaaaaab0])");
    assertThat(answers).extracting(Program.Answer::value).containsExactly(ALLOW, EPERM);
    assertThat(answers.getFirst().example().args()[0]).isEqualTo(5);
  }

  @Test
  void wordsWhatProgramsLookAt() {
    record Row(int call, String condition, Insn... tests) {}
    for (Row row : List.of(
        new Row(41, "domain == AF_UNIX", load(16), jump(BPF_JEQ, 1, 0, 1)),
        new Row(41, "high32(domain) == 0 && domain == AF_UNIX", load(20), jump(BPF_JEQ, 0, 0, 3), load(16),
            jump(BPF_JEQ, 1, 0, 1)),
        new Row(41, "domain >= AF_INET && domain <= AF_BRIDGE", load(16), compute(BPF_SUB, 2), jump(BPF_JGT, 5, 1, 0)),
        new Row(56, "flags & (CLONE_NEWNS | CLONE_NEWUSER)", load(16), jump(BPF_JSET, 0x10020000, 0, 1)),
        new Row(56, "flags & ~(CLONE_FS | CLONE_FILES) == 0", load(16), jump(BPF_JSET, ~0x600, 1, 0)),
        new Row(9, "addr <= 0xffffffff", load(20), jump(BPF_JEQ, 0, 0, 1)),
        new Row(9, "instruction_pointer <= 0xffffffff", load(12), jump(BPF_JEQ, 0, 0, 1)),
        new Row(999, "arg0 & 0xffffffff == 7", load(16), jump(BPF_JEQ, 7, 0, 1)))) {
      var insns = new ArrayList<>(List.of(row.tests));
      insns.add(end(ALLOW));
      insns.add(end(EPERM));
      Program program = Program.of(new Filter(insns, false));
      assertThat(program.answers(Arch.X86_64, row.call).getFirst().condition()).isEqualTo(row.condition);
    }
  }

  @Test
  void knownArgumentsAreLeftOut() {
    Program program = Program.of(filter(load(16), jump(BPF_JEQ, 16, 0, 3), load(32), jump(BPF_JEQ, 9, 0, 1), end(EPERM),
        end(ALLOW)));
    var registers = new ArrayList<>(Collections.nCopies(6, OptionalLong.empty()));
    registers.set(0, OptionalLong.of(16));
    assertThat(program.answers(Arch.X86_64, 41, registers)).extracting(Program.Answer::condition)
        .containsExactly("protocol != NETLINK_AUDIT", "protocol == NETLINK_AUDIT");
    assertThat(program.answers(Arch.X86_64, 41, registers).getLast().example().args()).startsWith(16, 0, 9);
    registers.set(0, OptionalLong.of(1));
    assertThat(program.answers(Arch.X86_64, 41, registers)).extracting(Program.Answer::condition).containsExactly("");
  }

  @Test
  void tellsWhichArchitecturesAreServed() {
    Program blind = Program.of(filter(load(0), jump(BPF_JEQ, 59, 0, 1), end(EPERM), end(ALLOW)));
    assertThat(blind.tellsArchitectures()).isFalse();
    assertThat(blind.serves()).contains(Arch.X86_64, Arch.X86, Arch.AARCH64).doesNotContain(Arch.S390X);
    Program masked = Program.of(filter(load(4), jump(BPF_JEQ, 0xC000003E, 1, 0), end(0x80000000), load(0),
        compute(BPF_AND, 0x3fffffff), jump(BPF_JEQ, 59, 0, 1), end(EPERM), end(ALLOW)));
    assertThat(masked.tellsArchitectures()).isTrue();
    assertThat(masked.serves()).containsExactly(Arch.X86_64, Arch.X32);
    assertThat(masked.unreachable()).isEmpty();
    assertThat(Program.of(filter(jump(BPF_JA, 1, 0, 0), end(0), end(ALLOW))).unreachable()).containsExactly(1);
  }

  @Test
  void numbersWithoutACallAreGrouped() {
    Program program = Program.of(filter(load(0), jump(BPF_JGE, 1000, 1, 0), end(EPERM), jump(BPF_JSET, 1, 0, 1),
        end(ALLOW), end(0x80000000)));
    assertThat(program.unnamed(Arch.AARCH64)).hasSize(3);
    assertThat(program.unnamed(Arch.AARCH64).keySet()).anySatisfy(numbers -> assertThat(numbers).contains("nr <= 999"));
  }

  /// Programs on which a naive follower of paths would never end, or that compute what no diagram can hold.
  @Test
  void hostileProgramsEndInTime() {
    var diamonds = new ArrayList<Insn>();
    for (int i = 0; i < 1000; i++) {
      diamonds.add(load(4 * (i % 16)));
      diamonds.add(jump(BPF_JSET, 1 << i % 32, 0, 1));
      diamonds.add(new Insn(BPF_MISC | BPF_TAX, 0, 0, 0));
    }
    diamonds.add(jump(BPF_JEQ, 77, 0, 1));
    diamonds.add(end(ALLOW));
    diamonds.add(end(EPERM));
    var mixing = new ArrayList<>(List.of(load(16)));
    for (int i = 0; i < 500; i++) {
      mixing.add(new Insn(BPF_MISC | BPF_TAX, 0, 0, 0));
      mixing.add(load(16 + 4 * (i % 12)));
      mixing.add(new Insn(BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0));
      mixing.add(new Insn(BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0));
    }
    mixing.add(jump(BPF_JEQ, 12345, 0, 1));
    mixing.add(end(ALLOW));
    mixing.add(end(EPERM));
    assertTimeout(Duration.ofSeconds(60), () -> {
      Program.of(new Filter(diamonds, false));
      assertThatThrownBy(() -> Program.of(new Filter(mixing, false))).isInstanceOf(TooComplexException.class)
          .hasMessageMatching("instruction [0-9]+ makes more distinctions than can be kept apart");
    });
  }
}
