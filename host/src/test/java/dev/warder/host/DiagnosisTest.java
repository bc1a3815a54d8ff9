package dev.warder.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.host.Finding.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On trees of files that hosts of other kinds would show.
class DiagnosisTest {
  private static final Trial PASSED = new Trial(0, "", "");
  private static final Trial FAILED = new Trial(125, "cannot enter new namespaces: EPERM", "all that may help");

  @TempDir
  private Path root;

  private Host host;

  @BeforeEach
  void aHealthyHost() throws IOException {
    host = new Host(root, 1000, "ada");
    for (String kind : List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")) {
      put("/proc/self/ns/" + kind, "");
      put("/proc/sys/user/max_" + kind + "_namespaces", "9000\n");
    }
    put("/proc/sys/kernel/osrelease", "6.1.0-37-amd64\n");
    put("/proc/sys/kernel/seccomp/actions_avail", "kill_process kill_thread trap errno user_notif trace log allow\n");
    put("/proc/sys/net/core/bpf_jit_enable", "1\n");
    put("/proc/sys/kernel/pty/max", "4096\n");
    put("/proc/sys/kernel/pty/reserve", "1024\n");
    put("/proc/sys/kernel/pty/nr", "3\n");
    put("/usr/bin/pasta", "");
    put("/dev/net/tun", "");
    Files.setPosixFilePermissions(host.path("/dev/net/tun"), PosixFilePermissions.fromString("rw-rw-rw-"));
    put("/proc/self/status", "Name:\tjava\nSeccomp:\t0\n");
    put("/proc/self/mountinfo", mounts("/ ext4", "/proc proc", "/proc/sys/fs/binfmt_misc autofs"));
    put("/proc/self/cgroup", "0::/user.slice/own\n");
    group("/user.slice/own", "cpuset cpu io memory pids", "");
    put("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    put("/sys/fs/cgroup/user.slice/own/cgroup.procs", ProcessHandle.current().pid() + "\n");
  }

  private void put(String path, String text) throws IOException {
    Path file = host.path(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void group(String own, String controllers, String handedDown) throws IOException {
    put("/sys/fs/cgroup" + own + "/cgroup.controllers", controllers + "\n");
    put("/sys/fs/cgroup" + own + "/cgroup.subtree_control", handedDown + "\n");
  }

  private static String mounts(String... pointsAndTypes) {
    var lines = new StringBuilder();
    for (String mount : pointsAndTypes) {
      String[] words = mount.split(" ");
      lines.append("22 27 0:21 / ").append(words[0]).append(" rw,relatime shared:1 - ").append(words[1]).append(" x rw\n");
    }
    return lines.toString();
  }

  private Finding find(Trial jail, String name) {
    Trials trials = jail.passed() ? new Trials(PASSED, PASSED, PASSED, PASSED) : Trials.none(jail);
    return new Diagnosis(trials, PASSED, new Trial(6, "", ""), root.resolve("cache/warder")).of(host).stream()
        .filter(finding -> finding.name().equals(name)).findFirst().orElseThrow();
  }

  private void assertMissing(Trial jail, String name, String detail, String remedy) {
    Finding finding = find(jail, name);
    assertThat(finding.state()).as(finding.toString()).isEqualTo(State.MISSING);
    assertThat(finding.detail()).contains(detail);
    assertThat(finding.remedy()).contains(remedy);
  }

  @Test
  void nothingIsMissingOnAHealthyHost() {
    var trials = new Trials(PASSED, PASSED, PASSED, PASSED);
    List<Finding> all = new Diagnosis(trials, PASSED, new Trial(6, "", ""), root.resolve("cache/warder")).of(host);
    assertThat(all).noneMatch(finding -> finding.state() == State.MISSING).noneMatch(finding -> !finding.remedy().isEmpty());
    assertThat(all).hasSizeLessThanOrEqualTo(24);
    assertThat(find(PASSED, "Landlock").detail()).startsWith("ABI 6:");
  }

  @Test
  void aSettingThatRefusesNamespacesIsNamedWithItsCommand() throws IOException {
    record Row(String setting, String value, String remedy) {}
    for (Row row : List.of(
        new Row("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1;"),
        new Row("kernel/apparmor_restrict_unprivileged_userns", "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0;"),
        new Row("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=65536;"),
        new Row("user/max_cgroup_namespaces", "0", "sysctl -w user.max_cgroup_namespaces=65536;"))) {
      aHealthyHost();
      put("/proc/sys/" + row.setting, row.value + "\n");
      String name = row.setting.replace('/', '.');
      assertMissing(FAILED, "namespaces", name + "=" + row.value, row.remedy);
      assertThat(find(FAILED, "default jail").remedy()).isEmpty();
      Finding inSpite = find(PASSED, "namespaces");
      assertThat(inSpite.state()).isEqualTo(State.OK);
      assertThat(inSpite.detail()).contains("in spite of " + name);
      host = new Host(root, 0, "root");
      assertThat(find(FAILED, "namespaces").remedy().contains("--private-users=no")).isEqualTo(!name.contains("cgroup"));
      host = new Host(root, 1000, "ada");
      assertThat(find(FAILED, "namespaces").remedy()).doesNotContain("--private-users=no");
      Files.delete(host.path("/proc/sys/" + row.setting));
    }
  }

  @Test
  void whatTheImageSaysIsToldWhereNoCauseIsFound() {
    Finding jail = find(FAILED, "default jail");
    assertThat(jail.detail()).isEqualTo("cannot enter new namespaces: EPERM");
    assertThat(jail.remedy()).isEqualTo("all that may help");
    assertThat(find(FAILED, "namespaces").state()).isEqualTo(State.NOTE);
    assertThat(find(FAILED, "overlays").state()).isEqualTo(State.NOTE);
  }

  @Test
  void aCoveredProcIsToldUnlessAnotherIsFullyVisible() throws IOException {
    put("/proc/self/mountinfo", mounts("/ overlay", "/proc proc", "/proc/kcore tmpfs", "/proc/a\\040b tmpfs"));
    assertMissing(FAILED, "/proc", "/proc/kcore /proc/a b", "systempaths=unconfined");
    put("/proc/self/mountinfo", mounts("/ overlay", "/proc proc", "/proc/kcore tmpfs", "/other proc"));
    assertThat(find(FAILED, "/proc").state()).isEqualTo(State.OK);
    put("/proc/self/mountinfo", mounts("/ overlay"));
    assertThat(find(FAILED, "/proc").state()).isEqualTo(State.MISSING);
  }

  @Test
  void whatIsAroundTheProcessIsTold() throws IOException {
    put("/proc/self/status", "Seccomp:\t2\nSeccomp_filters:\t1\n");
    assertMissing(FAILED, "surroundings", "a seccomp filter", "seccomp=unconfined");
    assertThat(find(PASSED, "surroundings").state()).isEqualTo(State.OK);
    put("/sys/module/apparmor/parameters/enabled", "Y\n");
    put("/proc/self/attr/current", "docker-default (enforce)\n");
    assertMissing(FAILED, "surroundings", "docker-default", "apparmor=unconfined");
    aHealthyHost();
    put("/proc/self/attr/current", "unconfined\n");
    put("/proc/self/mountinfo", mounts("/proc proc"));
    assertMissing(FAILED, "surroundings", "a chroot", "leave the chroot");
  }

  @Test
  void anOldKernelIsTold() throws IOException {
    for (var row : Map.of("5.13.19", State.MISSING, "4.19.0-27", State.MISSING, "5.14.0-503.el9", State.OK, "6.0-rc1", State.OK,
        "7.3", State.OK).entrySet()) {
      put("/proc/sys/kernel/osrelease", row.getKey() + "\n");
      assertThat(new KernelFindings(host).version("amd64").state()).as(row.getKey()).isEqualTo(row.getValue());
    }
    assertThat(new KernelFindings(host).version("aarch64").state()).isEqualTo(State.MISSING);
    Files.delete(host.path("/proc/sys/kernel/seccomp/actions_avail"));
    assertMissing(FAILED, "seccomp", "no filters", "CONFIG_SECCOMP_FILTER");
  }

  @Test
  void landlockIsTooOldOrOff() {
    var kernel = new KernelFindings(host);
    assertThat(kernel.landlock(5).remedy()).contains("6.12");
    assertThat(kernel.landlock(2).detail()).startsWith("ABI 2: a second wall for files, but");
    assertThat(kernel.landlock(1).detail()).startsWith("ABI 1: no second wall");
    for (int off : new int[] {256 - 38, 256 - 95, -1, 0}) {
      assertThat(kernel.landlock(off).remedy()).as("" + off).contains("lsm=");
    }
  }

  @Test
  void groupsOfVersion2() throws IOException {
    put("/sys/fs/cgroup/user.slice/own/cgroup.procs", "1\n2\n");
    Files.createDirectories(host.path("/run/user/1000/systemd"));
    assertMissing(PASSED, "control groups", "has other processes", "systemd-run --user --scope -p Delegate=yes");
    group("/user.slice/own", "cpu memory pids", "cpu memory pids");
    assertThat(find(PASSED, "control groups").state()).isEqualTo(State.OK);
    group("/user.slice/own", "memory pids", "");
    assertMissing(PASSED, "control groups", "not all of", "Delegate=yes");
    Files.delete(host.path("/sys/fs/cgroup/user.slice/own/cgroup.subtree_control"));
    assertMissing(PASSED, "control groups", "is not yours", "systemd-run");
    put("/proc/self/cgroup", "0::/../elsewhere\n");
    assertMissing(PASSED, "control groups", "not below /sys/fs/cgroup", "cgroup2");
  }

  @Test
  void groupsOfSystemdsMaking() throws IOException {
    put("/sys/fs/cgroup/user.slice/own/cgroup.procs", "1\n2\n");
    put("/run/user/1000/systemd/private", "");
    String manager = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";
    put(manager + "/cgroup.controllers", "memory pids\n");
    assertMissing(PASSED, "control groups", "not all of", "Delegate=yes");
    put(manager + "/cgroup.controllers", "cpu memory pids\n");
    assertThat(find(PASSED, "control groups").detail())
        .isEqualTo("v2; systemd gives each jail that is bounded a scope: --memory --pids --cpus; io is not handed down: no --io");
    put(manager + "/cgroup.controllers", "cpu io memory pids\n");
    assertThat(find(PASSED, "control groups").detail()).endsWith("a scope: --memory --pids --cpus --io");
    put("/sys/fs/cgroup/user.slice/own/memory.max", "max\n");
    put("/sys/fs/cgroup/user.slice/own/cpu.max", "max 100000\n");
    assertThat(find(PASSED, "control groups").state()).isEqualTo(State.OK);
    put("/sys/fs/cgroup/user.slice/own/cpu.max", "50000 100000\n");
    assertMissing(PASSED, "control groups", "has other processes", "systemd-run --user --scope");
    put("/sys/fs/cgroup/user.slice/own/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/user.slice/memory.max", "1000000\n");
    assertMissing(PASSED, "control groups", "has other processes", "systemd-run --user --scope");
  }

  @Test
  void groupsOfVersion1() throws IOException {
    Files.delete(host.path("/sys/fs/cgroup/cgroup.controllers"));
    put("/proc/self/cgroup", "4:memory:/a\n3:pids:/\n2:cpu,cpuacct:/b\n0::/\n");
    put("/sys/fs/cgroup/memory/a/memory.memsw.limit_in_bytes", "1\n");
    Files.createDirectories(host.path("/sys/fs/cgroup/pids"));
    assertMissing(PASSED, "control groups", "no group for cpu:", "mount");
    Files.createDirectories(host.path("/sys/fs/cgroup/cpu/b"));
    assertThat(find(PASSED, "control groups").state()).isEqualTo(State.OK);
    Files.delete(host.path("/sys/fs/cgroup/memory/a/memory.memsw.limit_in_bytes"));
    assertMissing(PASSED, "control groups", "swap is not counted", "swapaccount=1");
  }

  @Test
  void terminalsRunOut() throws IOException {
    put("/proc/sys/kernel/pty/nr", "3072\n");
    assertMissing(PASSED, "terminals", "none of 4096", "kernel.pty.max=5120");
  }

  @Test
  void userNetworksTakeAHelperAndADevice() throws IOException {
    assertThat(find(PASSED, "user networks").detail()).isEqualTo("--network pasta");
    Files.setPosixFilePermissions(host.path("/dev/net/tun"), PosixFilePermissions.fromString("rw-rw----"));
    host = new Host(root, 0, "root");
    assertMissing(PASSED, "user networks", "/dev/net/tun is closed", "chmod 666 /dev/net/tun");
    Files.delete(host.path("/dev/net/tun"));
    assertMissing(PASSED, "user networks", "there is no /dev/net/tun", "modprobe tun");
    Files.delete(host.path("/usr/bin/pasta"));
    assertMissing(PASSED, "user networks", "neither pasta nor slirp4netns", "apt-get install passt");
  }

  @Test
  void helpersForRangesAreMissedOnlyWhereTheTrialFailed() {
    var failed = new Trials(PASSED, new Trial(125, "cannot write the id maps: ENOENT", ""), PASSED, PASSED);
    Finding ranges = new HostFindings(host).ranges(failed);
    assertThat(ranges.state()).isEqualTo(State.MISSING);
    assertThat(ranges.remedy()).contains("apt-get install uidmap");
    assertThat(find(PASSED, "id ranges").state()).isEqualTo(State.OK);
  }

  @Test
  void theCacheMustBeTheCallersAloneAndExecute() throws IOException {
    int uid = (Integer) Files.getAttribute(root, "unix:uid");
    host = new Host(root, uid, "ada");
    Path cache = Files.createDirectories(root.resolve("cache/warder"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    assertThat(find(PASSED, "image cache").state()).isEqualTo(State.OK);
    put("/proc/self/mountinfo", mounts("/ ext4") + "1 2 0:3 / " + root.toRealPath() + " rw,noexec - tmpfs x rw\n");
    assertMissing(PASSED, "image cache", "noexec", "");
    put("/proc/self/mountinfo", mounts("/ ext4"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertMissing(PASSED, "image cache", "not yours alone", "");
    host = new Host(root, uid + 1, "eve");
    assertMissing(PASSED, "image cache", "not yours alone", "XDG_CACHE_HOME");
  }

  @Test
  void aTrialTellsTheStepAndTheRemedyApart() {
    assertThat(Trial.ended(125, "warder: shown: nothing\nwarder: cannot mount /proc: EPERM: it is covered: do so\n"))
        .isEqualTo(new Trial(125, "cannot mount /proc: EPERM", "it is covered: do so"));
    assertThat(Trial.ended(139, "")).isEqualTo(new Trial(139, "status 139", ""));
    assertThat(Trial.ended(0, "warder: a notice\n").passed()).isTrue();
  }

  @Test
  void aTrialTriesFoldersInTurnAndLeavesNothing() {
    Trial nowhere = Trial.of(new byte[] {1}, List.of(root.resolve("nosuch")));
    assertThat(nowhere.status()).isEqualTo(-1);
    assertThat(nowhere.why()).startsWith("no image can be started: ");
    Trial garbage = Trial.of(new byte[] {1}, List.of(root.resolve("nosuch"), root));
    assertThat(garbage.passed()).isFalse();
    assertThat(root.toFile().list()).noneMatch(name -> name.startsWith("warder"));
  }
}
