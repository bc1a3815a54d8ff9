package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What bounds a jail, with the kernel's own files and answers as the oracle.
class LimitsIT {
  private static final Caller ROOT = Caller.self();

  /// More than any test asks for, in one process.
  private static final String EAT = "import sys; x = bytearray(int(sys.argv[1]) << 20); x[::4096] = b'x' * len(x[::4096])";

  private static void need(String... programs) {
    Tools.skipUnless(ROOT.isRoot(), "control groups are tested as root");
    ControlGroups.need();
    Tools.need(programs);
  }

  @ForEachCaller
  void everyLimitOfAProcessIsSetByItsName(Caller caller) {
    String[][] rows = {
        // name = value                 as /proc/self/limits shows it
        {"CPU=100:200", "Max cpu time 100 200 seconds"},
        {"fsize=1M", "Max file size 1048576 1048576 bytes"},
        {"DATA=1G:2G", "Max data size 1073741824 2147483648 bytes"},
        {"RLIMIT_STACK=4M", "Max stack size 4194304 4194304 bytes"},
        {"CORE=0", "Max core file size 0 0 bytes"},
        {"RSS=512m", "Max resident set 536870912 536870912 bytes"},
        {"NPROC=500", "Max processes 500 500 processes"},
        {"NOFILE=64:128", "Max open files 64 128 files"},
        {"MEMLOCK=64k", "Max locked memory 65536 65536 bytes"},
        {"AS=3G:infinity", "Max address space 3221225472 unlimited bytes"},
        {"LOCKS=7:unlimited", "Max file locks 7 unlimited locks"},
        {"SIGPENDING=99", "Max pending signals 99 99 signals"},
        {"MSGQUEUE=8192", "Max msgqueue size 8192 8192 bytes"},
        {"NICE=0", "Max nice priority 0 0"},
        {"RTPRIO=0", "Max realtime priority 0 0"},
        {"RTTIME=1000000:infinity", "Max realtime timeout 1000000 unlimited us"}};
    var words = new ArrayList<String>();
    var expected = new ArrayList<String>();
    for (String[] row : rows) {
      words.addAll(List.of("--rlimit", row[0]));
      expected.add(row[1]);
    }
    words.addAll(List.of("cat", "/proc/self/limits"));
    Caller.Result limits = caller.run(words.toArray(String[]::new));
    assertThat(limits.lines()).as(limits.err()).extracting(line -> line.replaceAll("\\s+", " ").strip())
        .containsAll(expected);
  }

  @ForEachCaller
  void aHardLimitIsRaisedByRootAlone(Caller caller) {
    String raise = "ulimit -l 64; exec \"$WARDER\" run --rlimit MEMLOCK=128K -- sh -c 'ulimit -l'";
    Caller.Result result = caller.sh(raise);
    boolean may = caller.isRoot() && caller.sh("ulimit -l 64; ulimit -H -l 128").status() == 0;
    if (may) {
      assertThat(result.out()).as(result.err()).isEqualTo("128\n");
    } else {
      assertThat(result.status()).isEqualTo(125);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("EPERM").contains(caller.isRoot() ? "CAP_SYS_RESOURCE" : "see ulimit -aH");
    }
  }

  @Test
  void limitsStandInTheGroupWhileTheJailRunsAndTheGroupGoesWithIt() {
    need();
    try (var jail = ROOT.startRun("--memory", "64M", "--pids", "5", "--cpus", "0.5", "--", "sh", "-c",
        "echo ready; read line; exit 3")) {
      jail.said("ready");
      boolean unified = ControlGroups.isUnified();
      assertThat(value(jail.pid(), "memory", unified ? "memory.max" : "memory.limit_in_bytes")).isEqualTo("67108864");
      assertThat(value(jail.pid(), "memory", unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes"))
          .isEqualTo(unified ? "0" : "67108864");
      assertThat(value(jail.pid(), "pids", "pids.max")).isEqualTo("6");
      assertThat(value(jail.pid(), "cpu", unified ? "cpu.max" : "cpu.cfs_quota_us"))
          .isEqualTo(unified ? "50000 100000" : "50000");
      assertThat(value(jail.pid(), "pids", "jail/cgroup.procs").lines()).hasSize(2);
      jail.say("go");
      assertThat(jail.end().status()).isEqualTo(3);
      assertThat(ControlGroups.left(jail.pid())).isEmpty();
    }
  }

  @Test
  void swapIsBeyondMemory() {
    need();
    boolean unified = ControlGroups.isUnified();
    String[][] rows = {{"16M", unified ? "16777216" : "83886080"}, {"infinity", unified ? "max" : "9223372036854771712"}};
    for (String[] row : rows) {
      try (var jail = ROOT.startRun("--memory", "64M", "--swap", row[0], "--", "sh", "-c", "echo ready; read line")) {
        jail.said("ready");
        assertThat(value(jail.pid(), "memory", unified ? "memory.max" : "memory.limit_in_bytes")).isEqualTo("67108864");
        assertThat(value(jail.pid(), "memory", unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes"))
            .isEqualTo(row[1]);
      }
    }
  }

  private static String value(long launcher, String controller, String file) {
    return ControlGroups.read(ControlGroups.ofJail(launcher, controller).resolve(file)).strip();
  }

  @Test
  void theJailSeesNoGroupAboveItsOwnAndNoFileOfALimit() {
    need();
    for (String pid : new String[] {"--as-pid1", "--as-pid2"}) {
      Caller.Result jail = ROOT.run("--memory", "64M", "--pids", "5", "--cpus", "1", pid, "--", "sh", "-c",
          "cut -d: -f3 /proc/self/cgroup | sort -u; ls /sys 2>&1; grep -c cgroup /proc/self/mountinfo");
      assertThat(jail.lines()).as(jail.err()).containsExactly("/", "ls: cannot access '/sys': No such file or directory", "0");
    }
  }

  @Test
  void memoryEndsAtTheLimit() {
    need("python3");
    assertThat(ROOT.run("--memory", "64M", "--", "python3", "-c", EAT, "8").status()).isEqualTo(0);
    assertThat(ROOT.run("--memory", "64M", "--", "python3", "-c", EAT, "200").status()).isEqualTo(137);
    // The private folders are memory, too.
    assertThat(ROOT.run("--memory", "32M", "--", "sh", "-c", "head -c 100M /dev/zero > /tmp/x && echo written").out())
        .isEmpty();
    // Another process of the jail may go on.
    assertThat(ROOT.run("--memory", "64M", "--", "sh", "-c", "python3 -c \"$0\" 200; echo $?", EAT).out())
        .isEqualTo("137\n");
  }

  @Test
  void processesEndAtTheLimit() {
    need();
    String three = "sleep 5 & sleep 5 & echo three; kill %1 %2";
    assertThat(ROOT.run("--pids", "3", "--", "sh", "-c", three).out()).isEqualTo("three\n");
    assertThat(ROOT.run("--pids", "3", "--as-pid1", "--", "sh", "-c", three).out()).isEqualTo("three\n");
    Caller.Result two = ROOT.run("--pids", "2", "--", "sh", "-c", three);
    assertThat(two.out()).isEmpty();
    assertThat(two.err()).containsIgnoringCase("cannot fork");
  }

  @Test
  void processorTimeIsShared() {
    need("python3");
    Caller.Result result = ROOT.run("--cpus", "0.1", "--", "python3", "-c", """
        import time
        end = time.monotonic() + 1
        while time.monotonic() < end: pass
        print(time.process_time())""");
    assertThat(Double.parseDouble(result.out())).isLessThan(0.4);
  }

  @Test
  void nothingIsLeftByAJailThatCouldNotBeMade() {
    need();
    try (var jail = ROOT.startRun("--pids", "5", "--chdir", "/nosuch", "--", "true")) {
      assertThat(jail.end().status()).isEqualTo(125);
      assertThat(ControlGroups.left(jail.pid())).isEmpty();
    }
  }

  @Test
  void whatAKilledLauncherLeavesTheNextOneRemoves() {
    need();
    try (var jail = ROOT.startRun("--memory", "64M", "--pids", "5", "--", "sh", "-c", "echo ready; exec sleep 20")) {
      jail.said("ready");
      jail.signal("KILL");
      jail.end();
      Tools.await(() -> {
        ROOT.run("--memory", "64M", "--pids", "5", "--", "true");
        return ControlGroups.left(jail.pid()).isEmpty();
      }, () -> "left behind: " + ControlGroups.left(jail.pid()));
    }
  }

  @Test
  void jailsSideBySideHaveGroupsOfTheirOwn() {
    need();
    var jails = new ArrayList<Caller.Running>();
    for (int i = 0; i < 8; i++) {
      jails.add(ROOT.startRun("--pids", "1", "--", "sh", "-c", "exit $0", Integer.toString(i)));
    }
    for (int i = 0; i < 8; i++) {
      try (var jail = jails.get(i)) {
        assertThat(jail.end().status()).isEqualTo(i);
        assertThat(ControlGroups.left(jail.pid())).isEmpty();
      }
    }
  }

  @Test
  void whoMayMakeNoGroupIsToldAndNothingRuns() {
    Caller ordinary = Caller.all().getLast();
    Tools.skipUnless(!ordinary.isRoot(), "there is no ordinary user to test with");
    for (String option : new String[] {"--memory=64M", "--pids=5", "--cpus=1"}) {
      Caller.Result result = ordinary.run(option, "--", "echo", "ran");
      if (result.status() != 0) {                         // a user may own a group, as in a session of systemd's
        assertThat(result.status()).as(option).isEqualTo(125);
        assertThat(result.out()).as(option).isEmpty();
        assertThat(result.err()).as(option).contains("control group").contains("systemd-run --user --scope -p Delegate=yes");
      }
    }
  }

  @Test
  void anOrdinaryUserLimitsAJailInAGroupOfTheirOwn() throws IOException {
    need();
    Caller ordinary = Caller.all().getLast();
    Tools.skipUnless(!ordinary.isRoot(), "there is no ordinary user to test with");
    var groups = new ArrayList<Path>();
    for (String controller : ControlGroups.isUnified() ? List.of("") : List.of("memory", "pids")) {
      groups.add(Files.createDirectory(
          ControlGroups.own(controller).resolve("given-" + ProcessHandle.current().pid())));
    }
    try {
      var enter = new StringBuilder();
      for (Path group : groups) {
        enter.append("chown -R ").append(ordinary.uid()).append(' ').append(group).append("; echo $$ > ").append(group)
            .append("/cgroup.procs; ");
      }
      String become = String.join(" ", ordinary.become());
      Caller.Result jail = ROOT.with("HOME", ordinary.home().toString())
          .sh(enter + "exec " + become + " \"$WARDER\" run --memory 64M --pids 2 -- sh -c 'id -u; sleep 5 & sleep 5 & '");
      assertThat(jail.out()).as(jail.err()).isEqualTo(ordinary.uid() + "\n");
      assertThat(jail.err()).containsIgnoringCase("cannot fork");
      for (Path group : groups) {
        try (var inner = Files.list(group)) {
          assertThat(inner.filter(Files::isDirectory)).isEmpty();
        }
      }
    } finally {
      for (Path group : groups) {
        Tools.await(() -> group.toFile().delete() || !Files.exists(group), () -> group + " is not removed");
      }
    }
  }

  @Test
  void aForkBombEndsAndTheHostStaysLive() {
    need("python3");
    String bomb = """
        import os, time
        print('ready', flush=True)
        end = time.monotonic() + 1
        while time.monotonic() < end:
          try: os.fork()
          except OSError: pass""";
    try (var jail = ROOT.startRun("--pids", "20", "--cpus", "0.3", "--timeout", "3s", "--", "python3", "-c", bomb)) {
      jail.said("ready");
      for (int i = 0; i < 10; i++) {
        assertThat(ROOT.sh("true").status()).isEqualTo(0);
      }
      assertThat(ControlGroups.read(ControlGroups.ofJail(jail.pid(), "pids").resolve("pids.max")).strip()).isEqualTo("21");
      assertThat(jail.end().status()).isIn(0, 124);
      assertThat(ControlGroups.left(jail.pid())).isEmpty();
    }
  }

  /// Descriptors, disk, pseudo-terminals and inotify watches: each ends at a bound of the jail's, none at the host's.
  @Test
  void otherExhaustionStaysInTheJail() {
    need("python3");
    Caller.Result jail = ROOT.run("--memory", "64M", "--pids", "20", "--rlimit", "NOFILE=100", "--tmpfs", "/full:size=1m,mode=0777",
        "--timeout", "10s", "--", "python3", "-c", """
        import os, ctypes, errno
        def until_refused(what, do):
          for i in range(5000):
            try: do(i)
            except OSError as e:
              print(what, errno.errorcode[e.errno]); return
          print(what, 'endless')
        def write(i):
          with open('/full/x', 'ab', buffering=0) as f:
            if f.write(b'x' * 4096) < 4096: raise OSError(errno.ENOSPC, '')
        libc = ctypes.CDLL(None, use_errno=True)
        def inotify(i):
          if libc.inotify_init1(0) < 0: raise OSError(ctypes.get_errno(), '')
        kept = []
        until_refused('disk', write)
        until_refused('pty', lambda i: kept.append(os.openpty()))
        for pair in kept: os.close(pair[0]); os.close(pair[1])
        until_refused('inotify', inotify)
        until_refused('files', lambda i: os.open('/dev/null', os.O_RDONLY))
        """);
    assertThat(jail.lines()).as(jail.err()).containsExactly("disk ENOSPC", "pty EMFILE", "inotify EMFILE", "files EMFILE");
    assertThat(ROOT.sh("exec 3</dev/ptmx; echo open").out()).isEqualTo("open\n");
  }
}
