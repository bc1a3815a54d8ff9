package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// libseccomp, which knows nothing of this compiler, makes filters of the same policies; they answer alike.
///
/// Where a call has several rules that compare one argument, libseccomp before 2.6.1 may merge them wrongly
/// (GHSA-4q85-33p6-j5g6): 2.5.4 lets 0x7fffffffffffffff pass by `<= 0x7ffffffffffffffe` or `>= 0x8000000000000000`. So
/// there the policy itself is asked, and libseccomp's mistakes are counted.
class LibseccompTest {
  /// Calls that every libseccomp knows on every architecture, and that no multiplexer makes.
  private static final List<String> CALLS = List.of("read", "write", "openat", "close", "fstat", "lseek", "mprotect",
      "munmap", "brk", "ioctl", "pread64", "dup3", "getpid", "clone", "execve", "exit", "kill", "uname", "fcntl",
      "ftruncate", "getdents64", "getcwd", "prctl", "futex", "unshare", "personality", "ptrace", "mount");
  private static final List<Action> ACTIONS = List.of(Action.ALLOW, Action.ALLOW, Action.fail(Errno.EACCES),
      Action.KILL_PROCESS, new Action.Trap(), new Action.Log());
  private static final long[] EDGES = {0, 1, 2, 7, 8, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L, 0x100000001L,
      0x7fffffffffffffffL, 0x8000000000000000L, -2, -1};
  /// Of one call: with many that overlap libseccomp's time explodes.
  private static final int MOST_RULES = 2;
  private static final Decision DENIED = KnownPolicies.always(Action.fail(Errno.EPERM));
  private static final Listing.Names NAMES = (arch, number) -> Catalog.get().table(arch).name(number);

  /// The tool gives up by SIGALRM where libseccomp takes too long.
  private static final String OUT_OF_TIME = "exit 142:";

  @TempDir
  private static Path folder;
  private static Path tool;

  private int rejected;
  private int merged;
  private final Random random;
  private final long seed = Long.getLong("warder.seed", 1);

  LibseccompTest() {
    random = new Random(seed);
  }

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    Optional<Path> built = Libseccomp.tool(folder);
    if (built.isEmpty()) {
      System.out.println("skipped: no comparison with libseccomp, since libseccomp-dev or a C compiler is missing");
    }
    Assumptions.assumeTrue(built.isPresent(), "libseccomp-dev and a C compiler");
    tool = built.get();
  }

  @Test
  void answersAsLibseccompDoesOnEveryArchitecture() throws Exception {
    int policies = 0;
    int calls = 0;
    while (policies < 40) {
      List<Arch> arches = switch (policies % 4) {
        case 0 -> List.of(Arch.X86_64);
        case 1 -> List.of(Arch.S390X);
        case 2 -> List.of(Arch.X86_64, Arch.X86, Arch.X32);
        default -> List.of(Arch.AARCH64, Arch.ARM);
      };
      var resolutions = new ArrayList<Resolution>();
      for (Arch arch : arches) {
        resolutions.add(resolution(arch));
      }
      String rules = Libseccomp.rules(resolutions, NAMES, SeccompH.SECCOMP_RET_KILL_PROCESS);
      Filter theirs;
      try {
        theirs = Libseccomp.compile(tool, rules, 1 + policies % 2, arches.getFirst().bigEndian());
      } catch (IllegalStateException e) {
        if (e.getMessage().startsWith(OUT_OF_TIME)) {
          continue;
        }
        throw e;
      }
      calls += compare(FilterCompiler.compile(resolutions, Action.KILL_PROCESS), theirs, resolutions, rules);
      policies++;
    }
    System.out.println("libseccomp: " + policies + " policies, " + calls + " calls; it answers " + merged
        + " otherwise than its several rules for the call say; " + rejected + " decisions that no rules say were left out");
  }

  private int compare(Filter ours, Filter theirs, List<Resolution> resolutions, String rules) {
    int calls = 0;
    for (Resolution resolution : resolutions) {
      Arch arch = resolution.arch();
      for (int number : resolution.decisions().keySet()) {
        Decision decision = resolution.decide(number);
        boolean oneRule = decision.unconditional() || rules(arch, number, decision).lines().count() <= 3;
        for (int i = decision.unconditional() ? 1 : 300; i > 0; i--) {
          long[] args = args();
          int wanted = ReturnValue.of(decision.decide(args).action(), arch);
          int own = Interpreter.runChecked(ours, number, arch.auditArch(), 0, args).value();
          int their = Interpreter.runChecked(theirs, number, arch.auditArch(), 0, args).value();
          String what = "seed " + seed + ": " + arch + " " + number + " " + Arrays.toString(args) + " with\n" + rules;
          calls++;
          assertThat(own).as("Warder, %s", what).isEqualTo(wanted);
          if (oneRule) {
            assertThat(their).as("libseccomp, %s", what).isEqualTo(wanted);
          } else if (their != wanted) {
            merged++;
          }
        }
      }
    }
    return calls;
  }

  private Resolution resolution(Arch arch) {
    var decisions = new TreeMap<Integer, Decision>();
    for (String call : CALLS) {
      int number = Catalog.get().table(arch).number(call).orElseThrow();
      decisions.put(number, random.nextInt(3) > 0 ? KnownPolicies.always(action()) : conditional(arch, number));
    }
    return resolution(arch, decisions);
  }

  private static Resolution resolution(Arch arch, SortedMap<Integer, Decision> decisions) {
    return new Resolution(arch, decisions, DENIED, Catalog.get().table(arch).newest(), DENIED);
  }

  /// One that libseccomp's rules can say, too.
  private Decision conditional(Arch arch, int number) {
    while (true) {
      var decision = new Decision(List.of(new Decision.Case(condition(arch), KnownPolicies.outcome(action()))),
          DENIED.otherwise());
      try {
        if (rules(arch, number, decision).lines().count() <= 2 + MOST_RULES) {
          return decision;
        }
      } catch (Libseccomp.InexpressibleException e) {
        rejected++;
      }
    }
  }

  private static String rules(Arch arch, int number, Decision decision) {
    return Libseccomp.rules(List.of(resolution(arch, new TreeMap<>(Map.of(number, decision)))), NAMES, 0);
  }

  private Action action() {
    return ACTIONS.get(random.nextInt(ACTIONS.size()));
  }

  /// One or more alternatives of one or more tests.
  private Condition condition(Arch arch) {
    var any = new ArrayList<Condition>();
    do {
      var all = new ArrayList<Condition>();
      do {
        all.add(test(arch));
      } while (random.nextInt(3) == 0);
      any.add(new AllOf(all));
    } while (random.nextInt(3) == 0);
    return new AnyOf(any);
  }

  private Condition test(Arch arch) {
    long whole = arch.longBits() == 32 ? 0xFFFFFFFFL : -1;
    int index = random.nextInt(3);
    if (random.nextInt(5) == 0) {
      long mask = whole & (random.nextBoolean() ? 0x7E020000L : 0x8000000000000006L);
      return new Compare(3 + index, mask, Operator.EQ, mask & EDGES[random.nextInt(EDGES.length)]);
    }
    return new Compare(index, whole, Operator.values()[random.nextInt(6)], whole & EDGES[random.nextInt(EDGES.length)]);
  }

  /// On a 32-bit ABI libseccomp compares low halves only, and so do the policies here.
  private long[] args() {
    var args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
    }
    return args;
  }
}
