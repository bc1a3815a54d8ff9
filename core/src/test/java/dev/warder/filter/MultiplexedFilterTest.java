package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Action;
import dev.warder.policy.Multiplexer;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// `socketcall` and `ipc` in compiled filters of every architecture that has them, run on `seccomp_data` of its byte
/// order: libseccomp's rules for them are a list of their own, and s390x has its halves the other way round.
class MultiplexedFilterTest {
  private static final Policy POLICY = Policy.allowList("test")
      .with(SyscallList.parse("@network-io @ipc", "test").orThrow())
      .with(SyscallList.parse("~socket(domain == AF_ALG) socketpair shmget", "test").orThrow());
  private static final Set<String> DENIED = Set.of("socket", "socketpair", "shmget");
  /// What a program may leave above the selector's 16 bits for `ipc`, above its 32 for `socketcall`.
  private static final List<Long> ABOVE = List.of(0L, 1L << 32, -1L << 32);
  private static final List<Long> VERSIONS = List.of(0L, 1L << 16, 0xFFFFL << 16);

  @Test
  void everySelectorIsDecidedAsItsCallOnEveryArchitecture() {
    var seen = EnumSet.noneOf(Arch.class);
    for (Arch arch : Arch.values()) {
      Filter filter = compile(arch);
      for (Multiplexer multiplexer : Multiplexer.ALL) {
        var number = Catalog.get().table(arch).number(multiplexer.name());
        if (number.isPresent()) {
          seen.add(arch);
          check(filter, arch, number.getAsInt(), multiplexer);
        }
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(
        Arch.X86, Arch.PPC64LE, Arch.PPC64, Arch.S390X, Arch.MIPS, Arch.MIPSEL);
    assertThat(compile(Arch.S390X).bigEndian()).isTrue();
  }

  private static Filter compile(Arch arch) {
    var resolutions = new ArrayList<Resolution>();
    resolutions.add(POLICY.resolve(arch, Set.of()));
    return FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
  }

  private static void check(Filter filter, Arch arch, int number, Multiplexer multiplexer) {
    boolean ipc = multiplexer.name().equals("ipc");
    for (Multiplexer.SubCall sub : multiplexer.calls()) {
      for (long above : ABOVE) {
        for (long version : ipc ? VERSIONS : List.of(0L)) {
          long selector = sub.selector() | version | above;
          assertThat(run(filter, arch, number, selector)).as(arch + " " + sub.name() + " " + Long.toHexString(selector))
              .isEqualTo(DENIED.contains(sub.name()) ? "ERRNO(1)" : "ALLOW");
        }
      }
    }
    for (long unknown : new long[] {0, 25, 100, 0xFFFF, 0x8000}) {
      assertThat(run(filter, arch, number, unknown)).as(arch + " selector " + unknown).isEqualTo("ERRNO(1)");
    }
  }

  private static String run(Filter filter, Arch arch, int number, long selector) {
    long[] args = {selector, 38, 0, 0, 0, 0};
    return ReturnValue.render(Interpreter.run(filter, number, arch.auditArch(), 0, args).value());
  }
}
