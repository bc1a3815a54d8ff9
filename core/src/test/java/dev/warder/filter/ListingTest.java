package dev.warder.filter;

import static dev.warder.filter.Calls.ALLOW;
import static dev.warder.filter.Calls.allowIf;
import static dev.warder.filter.Calls.compare;
import static dev.warder.filter.Calls.resolution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.Operator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ListingTest {
  @Test
  void showsNumbersArgumentsAndActionsByName() {
    Filter filter = FilterCompiler.compile(List.of(resolution(Arch.X86_64,
        0, ALLOW,
        41, allowIf(new AllOf(List.of(compare(0, 0xFFFFFFFFL, Operator.EQ, 16), compare(2, 0xF0L, Operator.EQ, 0x30)))),
        59, ALLOW)), Action.KILL_PROCESS);
    Listing.Names names = (arch, number) -> Optional.ofNullable(KnownPolicies.name(arch, number));
    assertThat(Listing.of(filter, names)).isEqualTo("""
          0: ld [4]                     ; arch
          1: jeq #0xc000003e, 2, 15     ; x86_64
          2: ld [0]                     ; nr
          3: jeq #41, 4, 9              ; socket
          4: ld [16]                    ; args[0], low
          5: jeq #0x10, 6, 15
          6: ld [32]                    ; args[2], low
          7: and #0xf0
          8: jeq #0x30, 14, 15
          9: jge #401, 10, 12
         10: jge #0x40000000, 15, 11    ; x32
         11: ret #0x50026               ; ERRNO(38)
         12: jeq #59, 14, 13            ; execve
         13: jeq #0, 14, 15             ; read
         14: ret #0x7fff0000            ; ALLOW
         15: ret #0x80000000            ; KILL
        """);
  }

  @Test
  void showsWhatOthersCompilersWrite() {
    var insns = List.of(new Insn(0x80, 0, 0, 0), new Insn(0x07, 0, 0, 0), new Insn(0x00, 0, 0, 7),
        new Insn(0x3D, 1, 0, 0), new Insn(0x02, 0, 0, 3), new Insn(0x61, 0, 0, 3), new Insn(0x84, 0, 0, 0),
        new Insn(0x05, 0, 0, 1), new Insn(0x28, 0, 0, 2), new Insn(0x16, 0, 0, 0));
    assertThat(Listing.of(new Filter(insns, false))).isEqualTo("""
          0: ld #len
          1: tax
          2: ld #0x7
          3: jge x, 5, 4
          4: st M[3]
          5: ldx M[3]
          6: neg
          7: ja 9
          8: .insn #0x28, 0, 0, #0x2
          9: ret a
        """);
  }

  @Test
  void bytesAreReadBackInEitherByteOrder() {
    for (Arch arch : List.of(Arch.X86_64, Arch.S390X)) {
      Filter filter = FilterCompiler.compile(KnownPolicies.resolve("docker", arch), Action.KILL_PROCESS);
      assertThat(Filter.parse(filter.bytes(), arch.bigEndian())).isEqualTo(filter);
    }
  }
}
