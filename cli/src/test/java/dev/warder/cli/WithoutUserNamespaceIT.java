package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `--private-users=no`: a jail of root's without a user namespace.
class WithoutUserNamespaceIT {
  private static final String NONE = "0000000000000000";

  private final Caller root = Caller.self();

  @BeforeEach
  void asRoot() {
    Tools.skipUnless(root.isRoot(), "only root can do without a user namespace");
  }

  private Caller.Result run(String... words) {
    var all = new ArrayList<>(List.of("--private-users=no"));
    all.addAll(List.of(words));
    return root.run(all.toArray(String[]::new));
  }

  @Test
  void nothingOfRootIsLeftToTheProgramOrToProcess1() {
    String look = "grep -hE '^(Cap|NoNewPrivs|Uid|Gid|Groups)' /proc/self/status /proc/1/status; readlink /proc/self/ns/*; "
        + "cat /proc/1/environ /proc/1/maps; ls /proc/1/fd/ /proc/1/root/; cat /proc/self/uid_map";
    var jail = run("--", "sh", "-c", look);
    var ids = List.of("Uid: 65534 65534 65534 65534", "Gid: 65534 65534 65534 65534", "Groups:");
    var caps = List.of("CapInh: " + NONE, "CapPrm: " + NONE, "CapEff: " + NONE, "CapBnd: " + NONE, "CapAmb: " + NONE,
        "NoNewPrivs: 1");
    var lines = jail.lines().stream().map(line -> line.replaceAll("\\s+", " ").strip()).toList();
    for (int process = 0; process < 2; process++) {
      assertThat(lines.subList(9 * process, 9 * process + 3)).isEqualTo(ids);
      assertThat(lines.subList(9 * process + 3, 9 * process + 9)).isEqualTo(caps);
    }
    var outside = root.sh("readlink /proc/self/ns/*").lines();
    var shared = lines.subList(18, lines.size() - 1).stream().filter(outside::contains).map(ns -> ns.replaceAll(":.*", "")).distinct();
    assertThat(shared).containsExactlyInAnyOrder("time", "user");
    assertThat(lines.getLast()).as("nothing of process 1 was readable").isEqualTo("0 0 4294967295");
    assertThat(jail.err()).contains("/proc/1/environ: Permission denied", "/proc/1/maps: Permission denied")
        .doesNotContain("warder:");
  }

  /// In a mount namespace of the test's own that shares its mounts, as hosts do.
  @Test
  void theHostsMountsStayAsTheyAre() throws IOException {
    Tools.need("unshare", "mount");
    Path file = Files.writeString(Program.readableFolder("shown").resolve("file"), "canary");
    Path folder = Program.readableFolder("tree");
    for (String options : List.of("--tmpfs /mnt/x --bind-ro " + file + ":/dev/null", "-D " + folder + " --bind-ro /usr",
        "-D " + folder + " --volatile --bind-ro /usr", "--overlay /usr::/mnt/o")) {
      var jail = root.sh("exec unshare -m --propagation private sh -c 'mount --make-rshared / && cat /proc/self/mountinfo > $1/a "
          + "&& { \"$WARDER\" run --private-users=no " + options + " -- /usr/bin/env -i true; cat /proc/self/mountinfo > $1/b; "
          + "cmp $1/a $1/b && grep -c shared: $1/b; }' sh \"$1\"", Program.folder("tables").toString());
      assertThat(jail.status()).as(options + jail.err() + jail.out()).isZero();
      assertThat(Integer.parseInt(jail.out().strip())).as("shared mounts").isPositive();
    }
  }

  @Test
  void itWorksWhereUserNamespacesAreRefused() throws IOException {
    Tools.need("unshare");
    Path folder = Program.readableFolder("nested");
    // Root of a user namespace of the test's own, in which no further one may be made.
    String inside = "echo 0 > /proc/sys/user/max_user_namespaces && cd / && "
        + "for option; do XDG_CACHE_HOME=$0 \"$WARDER\" run $option -- id -u; echo $?; done";
    try (var nested = root.startSh("exec unshare -Um --propagation private sh -c 'echo $$ && read go && "
        + "exec sh -c \"$1\" \"$0\" --hostname=x --private-users=no' \"$1\" \"$2\"", folder.toString(), inside)) {
      nested.said("\n");
      for (String map : List.of("uid_map", "gid_map")) {
        Files.writeString(Path.of("/proc/" + nested.pid() + "/" + map), "0 0 100000\n");
      }
      nested.say("go");
      var result = nested.end();
      assertThat(result.lines()).as(result.err()).endsWith("125", "65534", "0");
      assertThat(result.err()).contains("cannot make namespaces: ENOSPC", "--private-users=no");
    }
  }

  @Test
  void anOrdinaryCallerIsToldThatOnlyRootCan() {
    Caller ordinary = Caller.all().getLast();
    Tools.skipUnless(!ordinary.isRoot(), "no ordinary user");
    var jail = ordinary.run("--private-users=no", "--", "echo", "ran");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.out()).isEmpty();
    assertThat(jail.err()).contains("cannot do without a user namespace: EPERM: only root can");
  }

  /// Root owns much of `/proc`: without a capability it could write kernel settings and read the kernel's addresses.
  @Test
  void procIsGuardedEvenFromRoot() {
    var jail = run("-u", "0:0", "--", "sh", "-c", """
        id -u; grep CapEff /proc/self/status
        find /proc -xdev -path '/proc/[0-9]*' -prune -o -type f -print > /tmp/files
        find /proc/sys /proc/irq /proc/bus /proc/fs -type f >> /tmp/files
        while read -r file; do true >> "$file" && echo "written: $file"; done < /tmp/files 2> /dev/null
        find /proc -maxdepth 1 -type f -perm 0400 > /tmp/files
        while read -r file; do head -c 1 "$file" > /dev/null && echo "read: $file"; done < /tmp/files 2> /dev/null
        wc -l < /tmp/files; head -c 1 /proc/meminfo; (mknod /tmp/x c 1 1 || true) 2>&1 | grep -o 'not permitted'""");
    assertThat(jail.lines()).as(jail.err()).startsWith("0", "CapEff:\t" + NONE).endsWith("Mnot permitted").hasSize(4);
    assertThat(jail.err()).startsWith("warder: without a user namespace (--private-users=no) the program is root of this host");
  }

  @Test
  void keptCapabilitiesAreTheHostsAndSaidAloud() throws IOException {
    Path folder = Program.readableFolder("kept");
    Files.setAttribute(folder, "unix:uid", 65534);
    var jail = run("--capability", "CAP_CHOWN", "--bind", folder + ":/x", "--", "sh", "-c",
        "touch /x/file && chown 1234 /x/file; grep -h ^Cap /proc/self/status /proc/1/status");
    assertThat(Files.getAttribute(folder.resolve("file"), "unix:uid")).as(jail.err()).isEqualTo(1234);
    assertThat(jail.lines()).hasSize(10).allMatch(line -> line.endsWith("\t0000000000000001"));
    assertThat(jail.err()).contains("keeps CAP_CHOWN over this host");
    assertThat(root.warder("plan", "--private-users=no", "--capability", "CAP_CHOWN", "true").out())
        .contains("keeps CAP_CHOWN over this host");
    var admin = run("--capability", "CAP_SYS_ADMIN", "--", "echo", "ran");
    assertThat(admin.status()).isEqualTo(125);
    assertThat(admin.err()).contains("cannot keep CAP_SYS_ADMIN", "--drop-capability CAP_SYS_ADMIN");
  }

  @Test
  void whatJailsCanDoOtherwiseTheyCanDoSo() throws IOException {
    Path folder = Program.readableFolder("bound");
    Files.setAttribute(folder, "unix:uid", 1234);
    Files.setAttribute(folder, "unix:gid", 1235);
    var jail = run("--memory", "200M", "--pids", "20", "--rlimit", "NOFILE=99", "--boottime", "9000000", "--network", "host",
        "--overlay", "/usr::/mnt/o", "--bind", folder + ":/x:idmap", "--stats", folder + "/result", "-u", "daemon", "--", "sh", "-c",
        "id -un; ulimit -n; stat -c %U /x; echo new > /x/file; [ $(cut -d. -f1 /proc/uptime) -gt 9000000 ] && echo later; "
            + "ls /mnt/o | grep -c '^bin$'");
    assertThat(jail.lines()).as(jail.err()).containsExactly("daemon", "99", "daemon", "later", "1");
    assertThat(Files.getAttribute(folder.resolve("file"), "unix:uid")).isEqualTo(1234);
    assertThat(folder.resolve("result")).content().contains("\"exit_code\":0");
    var file = root.sh("echo secret | \"$WARDER\" run --private-users=no --file 0:/run/key:0400 -- sh -c 'cat /run/key; stat -c %U /run/key'");
    assertThat(file.lines()).as(file.err()).containsExactly("secret", "nobody");
    assertThat(run("--as-pid1", "--", "sh", "-c", "echo $$").out()).isEqualTo("1\n");
  }

  @Test
  void itEndsInTimeAndWithItsLauncher() throws IOException {
    assertThat(run("--timeout", "0.3s", "--", "sleep", "20").status()).isEqualTo(124);
    for (String user : List.of("nobody", "0:0")) {
      String sleep = "sleep 61." + ProcessHandle.current().pid() + user.length();
      try (var jail = root.startRun("--private-users=no", "-u", user, "--", "sh", "-c", "echo ready; " + sleep + "; true")) {
        jail.said("ready");
        Tools.await(() -> lives(sleep), () -> "not begun");
        root.sh("kill -KILL $1", Long.toString(jail.pid()));
        Tools.await(() -> !lives(sleep), () -> user + " outlives the launcher");
      }
    }
  }

  private boolean lives(String command) {
    return root.sh("pgrep -fx \"$1\"", command).status() == 0;
  }
}
