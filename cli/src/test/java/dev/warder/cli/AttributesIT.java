package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the program finds set: files, priorities, clocks, keyrings.
class AttributesIT {
  @ForEachCaller
  void keptFilesAreTheCallersAndNoOthersAre(Caller caller) throws IOException {
    Path file = Program.readableFolder("kept").resolve("file");
    Files.writeString(file, "content\n");
    Program.openToAll(file);
    var jail = caller.sh("exec 3< /etc/passwd 4< \"$1\" 5< /etc/group 9>> \"$1\"; "
        + "exec \"$WARDER\" run --keep-fd 9 --keep-fd=4 --keep-fd 4 -- sh -c 'cat <&4; echo more >&9; "
        + "for i in $(seq 0 40); do [ -e /proc/self/fd/$i ] && echo $i; done; true'", file.toString());
    assertThat(jail.lines()).as(jail.err()).containsExactly("content", "0", "1", "2", "4", "9");
    assertThat(Files.readString(file)).isEqualTo("content\nmore\n");
  }

  @ForEachCaller
  void aFolderOrAClosedFileIsNotKept(Caller caller) {
    var folder = caller.sh("exec 7< /; exec \"$WARDER\" run --keep-fd 7 -- echo ran");
    assertThat(folder.status()).isEqualTo(125);
    assertThat(folder.out()).isEmpty();
    assertThat(folder.err()).contains("cannot keep file descriptor 7", "a folder, by which the program could leave");
    var closed = caller.run("--keep-fd=33", "echo", "ran");
    assertThat(closed.status()).isEqualTo(125);
    assertThat(closed.out()).isEmpty();
    assertThat(closed.err()).contains("cannot keep file descriptor 33: EBADF: it is not open", "33< FILE");
    var standard = caller.run("--keep-fd=1", "echo", "ran");
    assertThat(standard.err()).contains("are kept anyway");
  }

  /// Whoever reads the other end waits for its end: neither launcher nor reaper may hold it open.
  @ForEachCaller
  void aPipeEndsWhenTheProgramClosesIt(Caller caller) {
    var jail = caller.sh("""
        mkfifo "$HOME/fifo$$"; exec 6<> "$HOME/fifo$$"
        { "$WARDER" run --keep-fd 8 -- sh -c 'echo ready >&8; exec 8>&-; read line; echo over' 8>&1 >&2 <&6 6<&- 7<&- |
          (cat; echo ended >&2; echo go >&6); } 2>&1""");
    assertThat(jail.lines()).as(jail.err()).containsExactly("ready", "ended", "over");
  }

  @ForEachCaller
  void theKillSignalStandsInForTerm(Caller caller) {
    for (String signal : new String[] {"INT", "RTMIN+3", "SIGUSR1"}) {
      String number = signal.equals("RTMIN+3") ? "37" : signal.replace("SIG", "");
      try (var jail = caller.startRun("--kill-signal", signal, "--", "bash", "-c",
          "trap 'echo got $0; exit 9' $0; echo ready; while :; do sleep 0.02; done", number)) {
        jail.said("ready");
        jail.signal("TERM");
        var result = jail.end();
        assertThat(result.out()).as(signal + result.err()).isEqualTo("ready\ngot " + number + "\n");
        assertThat(result.status()).isEqualTo(9);
      }
    }
  }

  @ForEachCaller
  void otherSignalsAreStillThemselves(Caller caller) {
    try (var jail = caller.startRun("--kill-signal=KILL", "--", "sh", "-c",
        "trap 'echo got HUP; exit 9' HUP; echo ready; while :; do sleep 0.02; done")) {
      jail.said("ready");
      jail.signal("HUP");
      assertThat(jail.end().status()).isEqualTo(9);
    }
    try (var jail = caller.startRun("--kill-signal=KILL", "--", "sh", "-c", "trap '' TERM; echo ready; exec sleep 20")) {
      jail.said("ready");
      jail.signal("TERM");
      assertThat(jail.end().status()).isEqualTo(137);
    }
  }

  @ForEachCaller
  void prioritiesMaskAndMachineAreAsAsked(Caller caller) {
    var jail = caller.run("--nice", "7", "--oom-score-adjust=600", "--cpu-affinity=0", "--umask", "0027", "--personality=x86",
        "sh", "-c", "nice; cat /proc/self/oom_score_adj; grep Cpus_allowed_list /proc/self/status; umask; uname -m");
    assertThat(jail.lines()).as(jail.err()).containsExactly("7", "600", "Cpus_allowed_list:\t0", "0027", "i686");
    assertThat(caller.run("--personality=x86-64", "uname", "-m").out()).isEqualTo("x86_64\n");
  }

  /// A container's root may not do it either.
  @ForEachCaller
  void whoeverMayNotGoBelowWhatItHasIsTold(Caller caller) {
    boolean may = caller.sh("echo -300 > /proc/self/oom_score_adj").status() == 0;
    for (String option : new String[] {"--nice=-3", "--oom-score-adjust=-300"}) {
      var jail = caller.run(option, "sh", "-c", "nice; cat /proc/self/oom_score_adj");
      if (caller.isRoot() && (may || option.startsWith("--nice"))) {
        assertThat(jail.lines()).as(jail.err()).contains(option.substring(option.indexOf('=') + 1));
      } else {
        assertThat(jail.status()).isEqualTo(125);
        assertThat(jail.err()).contains("only root may go below the present value");
      }
    }
  }

  @ForEachCaller
  void processorsThatAreNotThereAreSaid(Caller caller) {
    var jail = caller.run("--cpu-affinity=8000-8191", "true");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.err()).contains("cannot choose the processors: EINVAL: none of them is here");
  }

  @ForEachCaller
  void clocksAreOffset(Caller caller) throws IOException {
    Tools.skipUnless(Files.exists(Path.of("/proc/self/ns/time")), "this kernel has no time namespaces");
    Tools.need("perl");
    String clocks = "use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC); "
        + "printf \"%d %d\", clock_gettime(CLOCK_MONOTONIC), clock_gettime(7)";
    String[] outside = caller.sh("exec perl -e '" + clocks + "'").out().split(" ");
    String[] inside = caller.run("--monotonic=10d", "--boottime=-1.5s", "perl", "-e", clocks).out().split(" ");
    assertThat(Long.parseLong(inside[0]) - Long.parseLong(outside[0])).isBetween(864_000L, 864_030L);
    assertThat(Long.parseLong(inside[1]) - Long.parseLong(outside[1])).isBetween(-2L, 28L);
    var jail = caller.run("--boottime=-36500d", "true");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.err()).contains("cannot offset the clocks", "a clock cannot be set before zero");
  }

  /// KEYCTL_SEARCH is 10, KEY_SPEC_SESSION_KEYRING -3. Keys go by the session, which no namespace divides.
  @ForEachCaller
  void theCallersKeysAreNotThePrograms(Caller caller) {
    Tools.need("perl");
    String key = "warder-it-" + System.nanoTime();
    String add = "my ($t, $k, $p) = (\"user\", \"" + key + "\", \"x\"); my $r = syscall(248, $t, $k, $p, 1, -3); "
        + "print $r > 0 ? \"added\" : \"refused $!\", \"\\n\"; ";
    String search = "my ($u, $d) = (\"user\", \"" + key + "\"); "
        + "print syscall(250, 10, -3, $u, $d, 0) > 0 ? \"found\" : $!{ENOKEY} ? \"none\" : \"refused $!\", \"\\n\"; ";
    String join = "syscall(250, 1, 0); ";
    var seen = caller.sh("exec perl -e '" + join + add + search + "$| = 1; system(\"$ENV{WARDER}\", \"run\", "
        + "\"--profile=nspawn\", \"perl\", \"-e\", $ARGV[0]) for 1, 2; system(\"perl\", \"-e\", $ARGV[1])' \"$@\"",
        search + add + search.replace("my ", ""), search);
    assertThat(seen.lines()).as(seen.err()).containsExactly(
        "added", "found", "none", "added", "found", "none", "added", "found", "found");
  }

  /// It ends while the front script still compiles, so the image finds another parent than the script had.
  @ForEachCaller
  void aCallerThatEndedBeforeTheImageBeganIsNoticed(Caller caller) {
    Tools.need("pgrep");
    String sleep = Tools.uniqueSleep();
    caller.sh("\"$WARDER\" run --hostname=early$$ -- sleep $1 2> \"$HOME/early\" & "
        + "until pgrep -f \"[M]ain image .*$1\"; do sleep 0.01; done; exit 0", sleep);
    Tools.awaitNoSurvivor(sleep);
    assertThat(caller.sh("cat \"$HOME/early\"").out()).contains("cannot watch the caller: ESRCH");
  }

  @ForEachCaller
  void aFoldersNameIsNoCommandToTheTerminal(Caller caller) throws IOException {
    Path folder = Program.folder("name").resolve("a\u001b[31m\nb\u009bc\u007fé");
    Files.createDirectory(folder);
    var jail = caller.with("HOME", folder.toString()).with("XDG_CACHE_HOME", caller.home() + "/.cache").in(folder).run("true");
    assertThat(jail.err().getBytes(StandardCharsets.UTF_8)).as(jail.err()).doesNotContain((byte) 0x1b, (byte) 0x7f, (byte) 0xc2);
    assertThat(jail.err().lines()).hasSize(1);
    assertThat(jail.err()).contains("/a?[31m?bÛc?é is not shown");
  }
}
