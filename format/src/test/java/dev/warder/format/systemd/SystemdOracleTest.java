package dev.warder.format.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.ReturnValue;
import dev.warder.format.Files;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Units mean here what they mean to systemd, by systemd's own code.
class SystemdOracleTest {
  private static final long[] VALUES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17, 38, 40, 45, 0x11, 0x80, 0x20000,
      0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x7e020080, 0x40, 0x42, 0x241, 0x400, 0x800,
      0xc00, 0x1ff, 0x8000, 0xFFFFFFFFL};
  private static final int MIXED = 30;

  @TempDir
  private static Path folder;
  private static SystemdOracle oracle;
  /// Calls whose sets are others in this systemd, or that its libseccomp does not know.
  private static final Set<String> MOVED = new TreeSet<>();

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    oracle = new SystemdOracle(folder);
    Map<String, Set<String>> theirs = oracle.sets(Catalog.get().sets().keySet().toArray(String[]::new));
    Catalog.get().sets().forEach((name, set) -> {
      var ours = new TreeSet<>(Catalog.get().expand(set));
      var other = new TreeSet<>(theirs.getOrDefault(name, Set.of()));
      var common = new TreeSet<>(ours);
      common.retainAll(other);
      ours.addAll(other);
      ours.removeAll(common);
      MOVED.addAll(ours);
    });
    assertThat(MOVED).as("what this test leaves out").hasSizeLessThan(120);
  }

  private static void assertSame(String settings) throws IOException, InterruptedException {
    List<Filter> filters = oracle.filters(settings);
    assertThat(filters).as(settings).isNotEmpty();
    Policy policy = Files.policy("[Service]\n" + settings);
    for (Arch arch : List.of(Arch.X86_64, Arch.X32)) {
      if (policy.architectures().of(Arch.X86_64).contains(arch)) {
        compare(settings, filters, policy.resolve(arch, Set.of()));
      }
    }
  }

  private static void compare(String settings, List<Filter> filters, Resolution ours) {
    SortedMap<Integer, String> names = Catalog.get().table(ours.arch()).names();
    var random = new Random(settings.hashCode());
    names.forEach((number, name) -> {
      if (!MOVED.contains(name)) {
        for (int i = 0; i < MIXED + VALUES.length; i++) {
          long[] args = args(random, i);
          int expected = SystemdOracle.answer(filters, ours.arch(), number, args);
          int actual = ReturnValue.of(ours.decide(number).decide(args).action(), ours.arch());
          assertThat(Integer.toHexString(actual)).as("%s\n%s on %s of %s", settings, name, ours.arch(),
              Arrays.toString(args)).isEqualTo(Integer.toHexString(expected));
        }
      }
    });
  }

  private static long[] args(Random random, int round) {
    var args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = round < VALUES.length && (round + i) % 2 == 0 ? VALUES[round] : VALUES[random.nextInt(VALUES.length)];
    }
    return args;
  }

  @Test
  void listsOfCalls() throws IOException, InterruptedException {
    for (String settings : List.of(
        "SystemCallFilter=@system-service\n",
        "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n",
        "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n",
        "SystemCallFilter=@system-service\nSystemCallFilter=~@mount ptrace:EACCES uname:EBADF\n",
        "SystemCallFilter=@system-service\nSystemCallFilter=~@file-system\nSystemCallFilter=openat read:EPERM close\n",
        "SystemCallFilter=~@mount\n",
        "SystemCallFilter=~@mount @debug:EPERM ptrace:kill\nSystemCallErrorNumber=EACCES\n",
        "SystemCallFilter=~@mount\nSystemCallFilter=mount umount2\n",
        "SystemCallFilter=~@mount:EPERM\nSystemCallFilter=~mount\nSystemCallErrorNumber=ENOENT\n",
        "SystemCallFilter=~execve:7\nSystemCallFilter=read\nSystemCallFilter=\nSystemCallFilter=write\n",
        "SystemCallFilter=~\nSystemCallFilter=ptrace\nSystemCallFilter=~kill\n",
        "SystemCallFilter=read write\nSystemCallFilter=~write\nSystemCallFilter=write\nSystemCallFilter=~exit\n")) {
      assertSame(settings);
    }
  }

  @Test
  void logs() throws IOException, InterruptedException {
    for (String settings : List.of(
        "SystemCallLog=@mount ptrace\n",
        "SystemCallLog=~@basic-io\n",
        "SystemCallLog=@file-system\nSystemCallLog=~openat\nSystemCallFilter=@system-service\nSystemCallFilter=~stat\n",
        "SystemCallLog=~@file-system\nSystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n",
        "SystemCallLog=~@file-system\nSystemCallFilter=~@mount\nRestrictRealtime=yes\n",
        "SystemCallLog=clone socket chmod\nRestrictNamespaces=yes\nRestrictAddressFamilies=AF_UNIX\n"
            + "RestrictSUIDSGID=yes\n")) {
      assertSame(settings);
    }
  }

  @Test
  void restrictions() throws IOException, InterruptedException {
    for (String setting : List.of("MemoryDenyWriteExecute", "RestrictRealtime", "RestrictSUIDSGID",
        "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock", "PrivateDevices",
        "ProtectHostname", "LockPersonality", "RestrictNamespaces")) {
      assertSame(setting + "=yes\n");
      assertSame(setting + "=yes\nSystemCallFilter=@system-service\n");
      assertSame(setting + "=yes\nSystemCallFilter=~@privileged\nSystemCallErrorNumber=EACCES\n");
    }
    assertSame("LockPersonality=yes\nPersonality=x86\n");
  }

  @Test
  void namespacesAndFamilies() throws IOException, InterruptedException {
    for (String settings : List.of(
        "RestrictNamespaces=cgroup ipc\nRestrictNamespaces=cgroup net\n",
        "RestrictNamespaces=cgroup ipc\nRestrictNamespaces=~cgroup net\n",
        "RestrictNamespaces=~user\n",
        "RestrictNamespaces=~user mnt\nRestrictNamespaces=user\n",
        "RestrictNamespaces=yes\nRestrictNamespaces=user\n",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n",
        "RestrictAddressFamilies=~AF_PACKET AF_ALG\n",
        "RestrictAddressFamilies=none\n",
        "RestrictAddressFamilies=AF_NETLINK\nSystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n")) {
      assertSame(settings);
    }
  }

  @Test
  void architectures() throws IOException, InterruptedException {
    for (String list : List.of("native", "x86", "x86-64", "x32", "x86 x32", "arm64", "native arm")) {
      String settings = "SystemCallArchitectures=" + list + "\n";
      List<Filter> filters = oracle.filters(settings);
      Policy policy = Files.policy("[Service]\n" + settings);
      for (Arch arch : List.of(Arch.X86_64, Arch.X86, Arch.X32)) {
        int number = Catalog.get().table(arch).number("read").orElseThrow();
        boolean passed = SystemdOracle.answer(filters, arch, number, new long[6]) == 0x7FFF0000;
        // Without an architecture filter for x32, the one for x86_64 takes its numbers too.
        boolean expected = arch == Arch.X32 ? list.contains("x32") : passed;
        assertThat(policy.architectures().of(Arch.X86_64).contains(arch)).as("%s: %s", list, arch).isEqualTo(expected);
      }
    }
  }
}
