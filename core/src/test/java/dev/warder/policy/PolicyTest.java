package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);
  private static final Action ENOSYS = Action.fail(Errno.ENOSYS);

  static List<Rule> list(String text) {
    return SyscallList.parse(text, "--system-call-filter").orThrow();
  }

  static Policy policy(String... lists) {
    Policy policy = Policy.allowList("test");
    for (String list : lists) {
      policy = policy.with(list(list));
    }
    return policy;
  }

  static Decision decision(Policy policy, Arch arch, String call, Capability... kept) {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    Collections.addAll(capabilities, kept);
    int number = Catalog.get().table(arch).number(call).orElseThrow();
    return policy.resolve(arch, capabilities).decide(number);
  }

  static Action action(Policy policy, String call, long... args) {
    return action(policy, Arch.X86_64, call, args);
  }

  static Action action(Policy policy, Arch arch, String call, long... args) {
    var registers = new long[6];
    System.arraycopy(args, 0, registers, 0, args.length);
    return decision(policy, arch, call).decide(registers).action();
  }

  @Test
  void deniesWhatAListReachesThroughASet() {
    Policy nspawn = Profiles.named("nspawn").orElseThrow();
    Capability ptrace = Capability.CAP_SYS_PTRACE;
    assertThat(decision(nspawn, Arch.X86_64, "ptrace", ptrace).otherwise().action()).isEqualTo(Action.ALLOW);
    record Row(String list, String call) {}
    var rows = List.of(
        new Row("~ptrace", "ptrace"),
        new Row("~chroot", "chroot"),
        new Row("~@mount", "mount"),
        new Row("~@debug", "ptrace"),
        new Row("~@privileged", "chroot"),
        new Row("~@privileged", "setuid"),
        new Row("~@privileged", "fchownat"),
        new Row("~@reboot", "reboot"),
        new Row("~@system-service", "read"),
        new Row("~@obsolete", "ustat"),
        new Row("~@process", "capget"),
        new Row("~@process", "clone"),
        new Row("~@known", "exit_group"));
    for (Row row : rows) {
      Decision decision =
          decision(nspawn.with(list(row.list)), Arch.X86_64, row.call, ptrace, Capability.CAP_SYS_BOOT);
      assertThat(decision.unconditional()).as(row.toString()).isTrue();
      assertThat(decision.otherwise().action()).as(row.toString()).isEqualTo(EPERM);
    }
  }

  @Test
  void denyBeatsAllowWhateverNamesTheCallAndInWhichOrder() {
    record Row(String allow, String deny) {}
    var rows = List.of(
        new Row("keyctl", "~@keyring"),
        new Row("@keyring", "~keyctl"),
        new Row("keyctl", "~keyctl"),
        new Row("#250", "~keyctl"),
        new Row("keyctl", "~#250"),
        new Row("@keyring", "~#250"),
        new Row("#250", "~@keyring"));
    for (Row row : rows) {
      assertThat(action(policy(row.allow, row.deny), "keyctl")).as(row.toString()).isEqualTo(EPERM);
      assertThat(action(policy(row.deny, row.allow), "keyctl")).as(row.toString()).isEqualTo(EPERM);
    }
  }

  @Test
  void listsAddUp() {
    Policy policy = policy("read", "write @keyring", "~add_key", "~write");
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "keyctl")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "add_key")).isEqualTo(EPERM);
    assertThat(action(policy, "write")).isEqualTo(EPERM);
    assertThat(action(policy, "open")).isEqualTo(EPERM);
  }

  @Test
  void noDeniedCallIsAllowedInRandomLists() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var words = new ArrayList<String>(Catalog.get().syscallNames());
    words.addAll(Catalog.get().sets().keySet());
    for (int round = 0; round < 60; round++) {
      String denied = pick(random, words) + " " + pick(random, words) + " " + pick(random, words);
      String allowed = pick(random, words) + " " + pick(random, words);
      var lists = new ArrayList<>(List.of("~" + denied, allowed, "@system-service"));
      Collections.shuffle(lists, random);
      Policy policy = policy(lists.toArray(String[]::new));
      Arch arch = Arch.values()[random.nextInt(Arch.values().length)];
      Resolution resolution = policy.resolve(arch, EnumSet.allOf(Capability.class));
      for (String word : denied.split(" ")) {
        for (String call : members(word)) {
          Catalog.get().table(arch).number(call).ifPresent(number ->
              assertThat(resolution.decide(number).otherwise().action())
                  .as("%s on %s, lists %s, seed %d", call, arch, lists, seed)
                  .isNotEqualTo(Action.ALLOW));
        }
      }
    }
  }

  private static String pick(Random random, List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  private static Iterable<String> members(String word) {
    return Catalog.get().set(word).<Iterable<String>>map(Catalog.get()::expand).orElse(List.of(word));
  }

  @Test
  void conditionalAllowsAddUpAndAnUnconditionalOneOpensAll() {
    Policy policy = policy("socket(domain == AF_UNIX)", "socket(domain == AF_INET)");
    assertThat(action(policy, "socket", 1)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "socket", 2)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "socket", 38)).isEqualTo(EPERM);
    assertThat(action(policy.with(list("socket")), "socket", 38)).isEqualTo(Action.ALLOW);
    assertThat(action(policy.with(list("~socket")), "socket", 1)).isEqualTo(EPERM);
  }

  @Test
  void aConditionalDenyComesFirstWithItsOwnAction() {
    Policy policy = policy("socket", "~socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT):EAFNOSUPPORT");
    assertThat(action(policy, "socket", 16, 3, 9)).isEqualTo(Action.fail(Errno.EAFNOSUPPORT));
    assertThat(action(policy, "socket", 16, 3, 0)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "socket", 1, 3, 9)).isEqualTo(Action.ALLOW);
  }

  @Test
  void theStrictestOfTheDeniesThatMatchWins() {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    var actions = List.of("kill", "kill-thread", "trap", "EPERM", "EACCES", "notify", "log");
    var strictness = List.of("KillProcess", "KillThread", "Trap", "Fail", "Notify", "Trace", "Log", "Allow");
    for (int round = 0; round < 2000; round++) {
      Policy policy = policy("socket");
      var matching = new ArrayList<Action>();
      for (int i = random.nextInt(5); i > 0; i--) {
        int family = random.nextInt(4);
        String action = pick(random, actions);
        policy = policy.with(list("~socket" + (family == 0 ? ":" : "(domain == " + family + "):") + action));
        if (family <= 1) {
          matching.add(Action.named(action).orElseThrow());
        }
      }
      Action got = action(policy, "socket", 1);
      String strictest = matching.stream().map(action -> action.getClass().getSimpleName())
          .min(java.util.Comparator.comparingInt(strictness::indexOf)).orElse("Allow");
      assertThat(got.getClass().getSimpleName()).as("seed " + seed + ", " + policy.rules()).isEqualTo(strictest);
      assertThat(matching.isEmpty() || matching.contains(got)).as("seed " + seed + ", " + policy.rules()).isTrue();
    }
  }

  @Test
  void ofEquallyStrictDeniesTheOneWithoutConditionWins() {
    Policy policy = policy("~socket(domain == AF_NETLINK):EAFNOSUPPORT", "~socket:ENOSYS", "~socket");
    assertThat(decision(policy, Arch.X86_64, "socket").unconditional()).isTrue();
    assertThat(action(policy, "socket", 16)).isEqualTo(EPERM);
  }

  @Test
  void aLogOfEveryCallDoesNotOpenAMultiplexerForTheOnesThatAreKilled() {
    Policy policy = policy("@network-io", "~socket:log", "~socket(domain == AF_ALG):kill");
    assertThat(action(policy, Arch.X86, "socket", 38)).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(policy, Arch.X86, "socket", 1)).isEqualTo(new Action.Log());
    assertThat(action(policy, Arch.X86, "socketcall", 1)).isEqualTo(EPERM);
    assertThat(action(policy("@network-io", "~socket:log"), Arch.X86, "socketcall", 1)).isEqualTo(new Action.Log());
    assertThat(action(policy("clone(!(flags & CLONE_NEWUSER))", "~clone3:log"), "clone3")).isEqualTo(ENOSYS);
  }

  @Test
  void aDenyWithoutActionTakesTheDefaultIfThatDenies() {
    assertThat(action(policy("~read:EACCES"), "read")).isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(policy("~read").withDefaultAction(Action.KILL_PROCESS), "read")).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(policy("~read").withDefaultAction(Action.ALLOW), "read")).isEqualTo(EPERM);
    assertThat(action(policy("~read").withDefaultAction(new Action.Log()), "read")).isEqualTo(EPERM);
    assertThat(action(policy("~read").withDefaultAction(Action.ALLOW), "write")).isEqualTo(Action.ALLOW);
  }

  @Test
  void capabilitiesSwitchRules() {
    Rule base = list("ptrace").getFirst();
    var capability = Capability.CAP_SYS_PTRACE;
    Rule allowKept = new Rule(
        base.subject(), base.condition(), base.effect(), new When.Kept(capability), base.reason(), "test");
    Rule denyLacked = new Rule(
        base.subject(), base.condition(), list("~ptrace").getFirst().effect(), new When.Lacked(capability),
        base.reason(), "test");
    Policy kept = policy().with(List.of(allowKept));
    assertThat(decision(kept, Arch.X86_64, "ptrace").otherwise().action()).isEqualTo(EPERM);
    assertThat(decision(kept, Arch.X86_64, "ptrace", capability).otherwise().action()).isEqualTo(Action.ALLOW);
    Policy lacked = policy("ptrace").with(List.of(denyLacked));
    assertThat(decision(lacked, Arch.X86_64, "ptrace").otherwise().action()).isEqualTo(EPERM);
    assertThat(decision(lacked, Arch.X86_64, "ptrace", capability).otherwise().action()).isEqualTo(Action.ALLOW);
  }

  @Test
  void strayHighBitsAreNoWayRound() {
    Policy policy = policy("ioctl", "~ioctl(cmd == TIOCSTI)");
    assertThat(action(policy, "ioctl", 0, 0x5412)).isEqualTo(EPERM);
    assertThat(action(policy, "ioctl", 0, 0x5412 + (1L << 32))).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X32, "ioctl", 0, 0x5412 + (1L << 32))).isEqualTo(EPERM);
    assertThat(action(policy, "ioctl", 0, 0x5411)).isEqualTo(Action.ALLOW);
  }

  /// libseccomp issue 383, as policies spell it.
  @Test
  void negativeConstantsMatchHoweverTheRegisterExtendsThem() {
    Policy policy = policy("openat(dirfd == AT_FDCWD)");
    assertThat(action(policy, "openat", -100)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "openat", 0xFFFFFF9CL)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "openat", 3)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.X86, "openat", 0xFFFFFF9CL)).isEqualTo(Action.ALLOW);
  }

  @Test
  void cloneFlagsAreFoundInTheSlotOfTheArchitecture() {
    Policy policy = policy("clone(!(flags & CLONE_NEWUSER))", "clone3");
    assertThat(action(policy, "clone", 0x10000000L, 0)).isEqualTo(EPERM);
    assertThat(action(policy, "clone", 0, 0x10000000L)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.S390X, "clone", 0, 0x10000000L)).isEqualTo(EPERM);
    assertThat(action(policy, Arch.S390X, "clone", 0x10000000L, 0)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, Arch.MIPS, "clone", 0x10000000L, 0)).isEqualTo(EPERM);
  }

  @Test
  void theKernelDropsTheHighHalfOfCloneFlagsAndSoDoesATest() {
    Policy policy = policy("clone", "~clone(flags == 0x10000011)");
    assertThat(action(policy, "clone", 0x10000011L)).isEqualTo(EPERM);
    assertThat(action(policy, "clone", 0x1_10000011L)).isEqualTo(EPERM);
    assertThat(action(policy, "clone", 0x11)).isEqualTo(Action.ALLOW);
  }

  @Test
  void clone3IsHiddenWhereFlagsOfCloneCount() {
    assertThat(action(policy("clone(!(flags & CLONE_NEWUSER)) clone3"), "clone3")).isEqualTo(ENOSYS);
    assertThat(action(policy("clone(!(flags & CLONE_NEWUSER))"), "clone3")).isEqualTo(ENOSYS);
    assertThat(action(policy("clone(!(flags & CLONE_NEWUSER))", "~clone3:EACCES"), "clone3"))
        .isEqualTo(Action.fail(Errno.EACCES));
    assertThat(action(policy("clone clone3"), "clone3")).isEqualTo(Action.ALLOW);
    assertThat(action(policy("clone"), "clone3")).isEqualTo(EPERM);
  }

  @Test
  void numbersBeyondTheCatalogAreAbsentToPrograms() {
    Resolution resolution = policy("read #451 #100000").resolve(Arch.X86_64, Set.of());
    assertThat(resolution.decide(900).otherwise().action()).isEqualTo(ENOSYS);
    assertThat(resolution.decide(-1).otherwise().action()).isEqualTo(ENOSYS);
    assertThat(resolution.decide(400).otherwise().action()).isEqualTo(EPERM);
    assertThat(resolution.decide(451).otherwise().action()).isEqualTo(Action.ALLOW);
    assertThat(resolution.decide(100000).otherwise().action()).isEqualTo(Action.ALLOW);
  }

  @Test
  void namesOfOtherArchitecturesAreSkippedAndReported() {
    Policy policy = policy("open read mmap2 osf_wait4");
    assertThat(policy.absent(Arch.AARCH64)).containsExactly("open", "mmap2", "osf_wait4");
    assertThat(action(policy, Arch.AARCH64, "read")).isEqualTo(Action.ALLOW);
  }

  @Test
  void everyOutcomeSaysWhyAndByWhom() {
    Decision denied = decision(policy("read", "~@debug"), Arch.X86_64, "ptrace");
    assertThat(denied.otherwise().reason()).contains("@debug").contains("--system-call-filter");
    assertThat(denied.otherwise().dangerous()).isTrue();
    Policy two = policy("socket(domain == AF_UNIX)", "socket(type == SOCK_DGRAM)");
    assertThat(decision(two, Arch.X86_64, "socket").otherwise().reason())
        .contains("socket(domain == AF_UNIX)")
        .contains("socket(type == SOCK_DGRAM)");
    assertThat(decision(policy("@basic-io"), Arch.X86_64, "read").otherwise().reason())
        .isEqualTo("Allowed by @basic-io (--system-call-filter).");
  }
}
