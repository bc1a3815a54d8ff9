package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Reason;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import dev.warder.policy.When;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoundTripTest {
  /// The policy as a file can have it: allows first, no origins, and sets of its own under some name.
  static Policy withoutOrigins(Policy policy) {
    var rules = new ArrayList<Rule>();
    for (boolean allow : new boolean[] {true, false}) {
      for (Rule rule : policy.rules()) {
        if (rule.allows() == allow) {
          Rule.Subject subject = rule.subject() instanceof Rule.Subject.OwnSet(var _, var members)
              ? new Rule.Subject.OwnSet("@own", members)
              : rule.subject();
          rules.add(new Rule(subject, rule.condition(), rule.effect(), rule.when(), rule.reason(), ""));
        }
      }
    }
    return new Policy(
        policy.name(), policy.description(), policy.notes(), policy.architectures(), policy.defaultAction(),
        policy.unassignedAction(), policy.newerAction(), rules, policy.frequencies());
  }

  private static void assertSurvives(Policy policy) {
    String text = PolicyFiles.write(policy);
    Policy read = withoutOrigins(Files.policy(text));
    Policy written = withoutOrigins(policy);
    assertThat(read.rules()).as(text).containsExactlyElementsOf(written.rules());
    assertThat(read).as(text).isEqualTo(written);
  }

  @Test
  void shippedProfilesSurvive() {
    for (String name : ShippedProfiles.names()) {
      assertSurvives(ShippedProfiles.named(name).orElseThrow());
    }
  }

  @Test
  void importedProfilesSurvive() throws IOException {
    try (InputStream in = RoundTripTest.class.getResourceAsStream("oci/podman-default.json")) {
      assertSurvives(PolicyFiles.read("podman.json", in).orThrow().policy());
    }
  }

  @Test
  void generatedPoliciesSurvive() {
    long seed = Long.getLong("warder.seed", 1);
    for (int i = 0; i < 500; i++) {
      try {
        assertSurvives(new Generator(seed + i).policy());
      } catch (Throwable e) {
        throw new AssertionError("seed " + (seed + i), e);
      }
    }
  }

  private record Generator(Random random) {
    private static final List<String> TEXTS = List.of(
        "plain", "", " blanks ", "a: b", "a #b", "#", "yes", "null", "1e3", "0x1f", "-", "'", "\"", "\\", "tab\there",
        "two\nlines", "grüße \u0007\u200b\u2028", "\uD83D\uDC27", "@x", "ends:", "{a}", "[a]", "!x", "&x", "*x",
        "a'b");
    private static final List<String> LISTS = List.of(
        "read", "@ipc", "#451", "#4294967295", "socket(domain == AF_NETLINK && protocol != 9)",
        "clone(!(flags & (CLONE_NEWUSER | CLONE_NEWNS)))", "ioctl(cmd in [TIOCSTI, 0x541c] || arg2 & ~7 == 0xff)",
        "openat(dirfd == AT_FDCWD && (flags & O_ACCMODE) == O_RDONLY)", "personality(persona >= -2)");

    Generator(long seed) {
      this(new Random(seed));
    }

    Policy policy() {
      var rules = new ArrayList<Rule>();
      for (int i = random.nextInt(12); i > 0; i--) {
        rules.add(rule());
      }
      return new Policy(
          any(TEXTS), any(TEXTS), random.nextBoolean() ? List.of() : List.of(any(TEXTS), any(TEXTS)),
          any(List.of(new Architectures.Family(), new Architectures.Native(),
              new Architectures.Listed(List.of(Arch.X86_64, Arch.X32)))),
          action(), action(), action(), rules,
          any(List.of(Map.of(), Map.of("read", 0L), Map.of("socket", 7L, "ioctl", Policy.MOST_FREQUENT))));
    }

    private Rule rule() {
      Rule basis = SyscallList.parse(any(LISTS), "").orThrow().getFirst();
      Rule.Subject subject = basis.subject();
      if (basis.condition().isEmpty() && random.nextInt(4) == 0) {
        subject = new Rule.Subject.OwnSet("@" + any(List.of("a", "ipc", "b c")), members());
      }
      Action action = action();
      boolean allow = random.nextBoolean() || action instanceof Action.Allow;
      Rule.Effect effect = allow
          ? new Rule.Effect.Allow()
          : new Rule.Effect.Deny(random.nextBoolean() ? Optional.empty() : Optional.of(action));
      Optional<Reason> reason =
          random.nextBoolean() ? Optional.empty() : Optional.of(new Reason(any(TEXTS), random.nextBoolean()));
      return new Rule(subject, basis.condition(), effect, when(), reason, "");
    }

    private TreeSet<String> members() {
      return new TreeSet<>(any(List.of(List.<String>of(), List.of("read"), List.of("read", "write"))));
    }

    private When when() {
      var kept = new When.Kept(Capability.CAP_BPF);
      var lacked = new When.Lacked(Capability.CAP_SYS_ADMIN);
      var on = new When.On(EnumSet.of(Arch.X86, Arch.S390X));
      return any(List.of(
          new When.Always(), kept, lacked, on, new When.All(List.of(kept, lacked, on)),
          new When.All(List.of(kept, new When.Kept(Capability.CAP_CHOWN)))));
    }

    private Action action() {
      return any(List.of(
          Action.ALLOW, Action.KILL_PROCESS, new Action.KillThread(), new Action.Trap(), new Action.Log(),
          new Action.Notify(), new Action.Trace((short) -1), Action.fail(Errno.EACCES)));
    }

    private <T> T any(List<? extends T> list) {
      return list.get(random.nextInt(list.size()));
    }
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    Policy nowhere = Policy.allowList("x").withArchitectures(new Architectures.Listed(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> PolicyFiles.write(nowhere));
  }
}
