package dev.warder.policy;

import static dev.warder.policy.PolicyTest.action;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ProfilesTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = ProfilesTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(l -> !l.startsWith("#")).toList();
    }
  }

  private static Policy profile(String name) {
    return Profiles.named(name).orElseThrow();
  }

  @Test
  void copiedProfilesAllowExactlyWhatTheirSourcesDo() throws IOException {
    for (String line : lines("expected-allows.txt")) {
      List<String> words = List.of(line.split(" "));
      var kept = EnumSet.noneOf(Capability.class);
      var expected = new TreeSet<>(words.subList(2, words.size()));
      if (!words.get(1).equals("-")) {
        kept.add(Capability.valueOf(words.get(1)));
        expected.addAll(expected(words.getFirst()));
      }
      for (Arch arch : Arch.values()) {
        var here = new TreeSet<>(expected);
        here.removeIf(call -> Catalog.get().table(arch).number(call).isEmpty());
        assertThat(allowed(profile(words.getFirst()), arch, kept))
            .as("%s on %s with %s", words.getFirst(), arch, kept)
            .isEqualTo(canonical(here, arch));
      }
    }
  }

  private static Set<String> expected(String profile) throws IOException {
    for (String line : lines("expected-allows.txt")) {
      if (line.startsWith(profile + " - ")) {
        return Set.of(line.substring(profile.length() + 3).split(" "));
      }
    }
    throw new AssertionError(profile);
  }

  private static TreeSet<String> canonical(Set<String> calls, Arch arch) {
    var names = new TreeSet<String>();
    for (String call : calls) {
      names.add(Catalog.get().table(arch).name(Catalog.get().table(arch).number(call).orElseThrow()).orElseThrow());
    }
    return names;
  }

  private static Set<String> allowed(Policy policy, Arch arch, Set<Capability> kept) {
    var allowed = new TreeSet<String>();
    policy.resolve(arch, kept).decisions().forEach((number, decision) -> {
      boolean some = decision.otherwise().action().letsThrough()
          || decision.cases().stream().anyMatch(c -> c.then().action().letsThrough());
      if (some) {
        allowed.add(Catalog.get().table(arch).name(number).orElseThrow());
      }
    });
    return allowed;
  }

  @Test
  void noCallIsDeniedSilently() {
    for (String name : Profiles.names()) {
      for (Arch arch : Arch.values()) {
        Resolution resolution = profile(name).resolve(arch, Set.of());
        resolution.decisions().forEach((number, decision) -> {
          String call = Catalog.get().table(arch).name(number).orElseThrow();
          assertExplained(decision.otherwise(), name + " " + arch + " " + call);
          decision.cases().forEach(c -> assertExplained(c.then(), name + " " + arch + " " + call + " by arguments"));
        });
      }
    }
  }

  private static void assertExplained(Outcome outcome, String where) {
    if (outcome.action().letsThrough()) {
      assertThat(outcome.reason()).as(where).startsWith("Allowed by ");
    } else {
      assertThat(outcome.reason()).as(where).matches("[A-Z].{40,}\\.");
      assertThat(outcome.reason()).as(where).doesNotStartWith("Not on the allow list");
    }
  }

  @Test
  void everyCallOfTheCatalogHasAReason() {
    assertThat(Catalog.get().syscallNames()).allSatisfy(call -> assertThat(Reasons.of(call)).isPresent());
  }

  @Test
  void everySentenceOfTheReasonsIsWrittenOnce() throws IOException {
    var seen = new HashSet<String>();
    var calls = new ArrayList<String>();
    for (String line : lines("reasons.tsv")) {
      String[] fields = line.split("\t");
      assertThat(fields).hasSize(3);
      assertThat(seen.add(fields[2])).as(fields[2]).isTrue();
      assertThat(fields[2]).endsWith(".");
      calls.addAll(List.of(fields[1].split(" ")));
    }
    assertThat(calls).doesNotHaveDuplicates();
    assertThat(Catalog.get().syscallNames()).containsAll(calls);
  }

  @Test
  void capejailDeniesWhatItsDocumentBlocksButForItsTwoSlips() throws IOException {
    Policy capejail = profile("capejail");
    var slips = new TreeSet<String>();
    for (String line : lines("capejail-blocked.txt")) {
      String call = line.substring(2);
      if (Catalog.get().syscall(call).isEmpty()) {
        assertThat(capejail.notes()).anyMatch(note -> note.contains(call));
        continue;
      }
      for (Arch arch : Arch.values()) {
        Catalog.get().table(arch).number(call).ifPresent(number -> {
          Outcome outcome = capejail.resolve(arch, Set.of()).decide(number).otherwise();
          if (outcome.action().letsThrough()) {
            slips.add(call);
          } else {
            assertThat(outcome.action()).as(call).isEqualTo(Action.KILL_PROCESS);
            assertThat(outcome.reason()).as(call).startsWith(Reasons.of(call).orElseThrow().text());
          }
          assertThat(outcome.dangerous() || line.startsWith("-")).as("danger mark of " + call).isTrue();
        });
      }
    }
    assertThat(slips).containsExactly("pidfd_open");
    assertThat(action(capejail, "io_uring_setup")).isEqualTo(Action.ALLOW);
    assertThat(capejail.notes()).anyMatch(n -> n.contains("pidfd_open")).anyMatch(n -> n.contains("io_uring"));
  }

  @Test
  void capejailKillsWhatItDoesNotKnow() {
    Resolution resolution = profile("capejail").resolve(Arch.X86_64, Set.of());
    assertThat(resolution.decide(900).otherwise().action()).isEqualTo(Action.KILL_PROCESS);
    assertThat(resolution.decide(400).otherwise().action()).isEqualTo(Action.KILL_PROCESS);
    assertThat(profile("capejail").architectures().of(Arch.X86_64)).containsExactly(Arch.X86_64);
  }

  @Test
  void nspawnMasksTheAuditSocket() {
    for (String name : List.of("nspawn", "nspawn-v235", "default")) {
      for (Arch arch : Arch.X86_64.family()) {
        assertThat(action(profile(name), arch, "socket", 16, 3, 9))
            .as(name + " " + arch)
            .isEqualTo(Action.fail(Errno.EAFNOSUPPORT));
        assertThat(action(profile(name), arch, "socket", 16, 3, 0)).isEqualTo(Action.ALLOW);
      }
    }
  }

  @Test
  void numbersNewerThanTheCatalogFollowTheProfile() {
    var expected = Map.of("default", Errno.ENOSYS, "strict", Errno.ENOSYS, "nspawn", Errno.ENOSYS,
        "nspawn-v235", Errno.EPERM);
    expected.forEach((name, errno) -> {
      Resolution resolution = profile(name).resolve(Arch.X86_64, Set.of());
      assertThat(resolution.decide(900).otherwise().action()).as(name).isEqualTo(Action.fail(errno));
    });
  }

  @Test
  void theDefaultProfileClosesTheKnownWaysOut() {
    Policy policy = profile("default");
    String closed = """
        add_key request_key keyctl bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
        mount umount umount2 fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr
        chroot fchroot pivot_root setns ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
        open_by_handle_at init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
        quotactl quotactl_fd acct settimeofday clock_settime clock_settime64 clock_adjtime adjtimex stime iopl ioperm
        modify_ldt vm86 vm86old lookup_dcookie fanotify_init nfsservctl uselib _sysctl syslog vhangup sethostname""";
    for (String call : closed.split("\\s+")) {
      for (Arch arch : Arch.values()) {
        Catalog.get().table(arch).number(call).ifPresent(number -> {
          Decision decision = policy.resolve(arch, Set.of()).decide(number);
          assertThat(decision.unconditional()).as(call).isTrue();
          assertThat(decision.otherwise().action()).as(call + " " + arch).isEqualTo(EPERM);
        });
      }
    }
  }

  @Test
  void capabilitiesOpenNoWayOutOfTheDefaultProfile() {
    Resolution all = profile("default").resolve(Arch.X86_64, EnumSet.allOf(Capability.class));
    var closed = List.of("mount", "fsopen", "chroot", "ptrace", "bpf", "init_module", "reboot", "setns", "iopl");
    for (String call : closed) {
      int number = Catalog.get().table(Arch.X86_64).number(call).orElseThrow();
      assertThat(all.decide(number).otherwise().action()).as(call).isEqualTo(EPERM);
    }
    int settime = Catalog.get().table(Arch.X86_64).number("clock_settime").orElseThrow();
    assertThat(all.decide(settime).otherwise().action()).isEqualTo(Action.ALLOW);
  }

  @Test
  void theDefaultProfileLooksAtArguments() {
    Policy policy = profile("default");
    record Row(String call, boolean allowed, long... args) {}
    var rows = new ArrayList<Row>();
    for (long family = 0; family < 64; family++) {
      boolean usual = family == 1 || family == 2 || family == 10 || family == 16;
      rows.add(new Row("socket", usual, family, 1, 0));
      rows.add(new Row("socketpair", usual, family, 1, 0));
      rows.add(new Row("socket", usual, family + (1L << 32), 1, 0));
    }
    for (long persona : new long[] {0, 8, 0x20000, 0x20008, 0xFFFFFFFFL, -1}) {
      rows.add(new Row("personality", true, persona));
    }
    for (long persona : new long[] {1, 0x40000, 0x0400000, 0x100000, 0x20009, 0xFFFFFFFEL}) {
      rows.add(new Row("personality", false, persona));
    }
    for (long flag : new long[] {0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000}) {
      rows.add(new Row("clone", false, flag | 17));
      rows.add(new Row("unshare", false, flag));
      rows.add(new Row("unshare", false, flag | 0x200));
    }
    rows.add(new Row("clone", true, 17));
    rows.add(new Row("clone", true, 0x3D0F00));
    rows.add(new Row("unshare", true, 0));
    rows.add(new Row("unshare", true, 0x200 | 0x400 | 0x40000));
    rows.add(new Row("ioctl", false, 0, 0x5412));
    rows.add(new Row("ioctl", false, 0, 0x541C));
    rows.add(new Row("ioctl", false, 0, 0x5412 + (1L << 32)));
    rows.add(new Row("ioctl", true, 0, 0x5401));
    rows.add(new Row("mknod", true, 0, 0x1000 | 0600));
    rows.add(new Row("mknod", false, 0, 0x2000 | 0600));
    rows.add(new Row("mknod", false, 0, 0x6000 | 0600));
    rows.add(new Row("mknodat", false, 3, 0, 0x12000 | 0600));
    for (Row row : rows) {
      for (Arch arch : Arch.X86_64.family()) {
        assertThat(action(policy, arch, row.call, row.args))
            .as("%s %s %s", row.call, arch, Arrays.toString(row.args))
            .isEqualTo(row.allowed ? Action.ALLOW : EPERM);
      }
    }
    assertThat(action(policy, "clone3")).isEqualTo(Action.fail(Errno.ENOSYS));
  }

  @Test
  void whatTheDefaultProfileDeniesTheUserCanAllow() {
    Policy policy = profile("default").with(PolicyTest.list("ptrace ioctl personality @mount"));
    assertThat(action(policy, "ptrace")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "ioctl", 0, 0x5412)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "personality", 0x40000)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "mount")).isEqualTo(Action.ALLOW);
  }

  @Test
  void theStrictProfileKnowsOpenFilesOnly() {
    Policy policy = profile("strict");
    for (String call : List.of("open", "openat", "openat2", "creat", "socket", "socketpair", "fork", "vfork", "clone3",
        "execveat", "stat", "newfstatat", "statx", "readlink", "unlink", "chdir", "fchdir", "memfd_create", "prctl",
        "io_uring_setup", "ptrace", "mount")) {
      Decision decision = PolicyTest.decision(policy, Arch.X86_64, call);
      assertThat(decision.unconditional() && decision.otherwise().action().denies()).as(call).isTrue();
    }
    for (String call : List.of("read", "write", "mmap", "brk", "exit_group", "execve", "futex", "rt_sigaction")) {
      assertThat(action(policy, call)).as(call).isEqualTo(Action.ALLOW);
    }
    assertThat(action(policy, "clone", 0x3D0F00)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "clone", 17)).isEqualTo(EPERM);
    assertThat(action(policy, "clone", 0x10000 | 0x10000000)).isEqualTo(EPERM);
    assertThat(action(policy, "prlimit64", 0, 3, 0, 1)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "prlimit64", 0, 3, 1L << 40, 1)).isEqualTo(EPERM);
  }
}
