package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the program inherits, and where it starts.
class EnvironmentIT {
  private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  @ForEachCaller
  void theEnvironmentIsTheFixedOne(Caller caller) {
    var jail = withTroublemakers(caller).run("env");
    assertThat(jail.lines()).as(jail.err()).containsExactlyInAnyOrder(PATH, "TERM=dumb", "LANG=C.UTF-8", "LC_ALL=C",
        "LC_TIME=C", "TZ=UTC", "HOME=/home/warder", "TMPDIR=/tmp", "USER=" + (caller.isRoot() ? "nobody" : "somebody"));
  }

  private static Caller withTroublemakers(Caller caller) {
    return caller.with("LD_PRELOAD", "/nosuch.so").with("LD_AUDIT", "/nosuch.so").with("BASH_ENV", "/nosuch")
        .with("GCONV_PATH", "/nosuch").with("JAVA_TOOL_OPTIONS", "-Dnosuch").with("PYTHONSTARTUP", "/nosuch")
        .with("LC_ALL", "C").with("LC_TIME", "C").with("TZ", "UTC").with("USER", "somebody").with("SECRET", "x");
  }

  @ForEachCaller
  void settingsArePassed(Caller caller) {
    var jail = caller.with("FROM_CALLER", "its value").run("-E", "A=b c", "--setenv=EMPTY=", "-EB=1=2", "--setenv",
        "FROM_CALLER", "-E", "NOT_SET", "-E", "LINES=one\ntwo", "-E", "TERM=other", "-E", "A=again", "-E", "GLOB=*",
        "--", "env", "-0");
    assertThat(List.of(jail.out().split("\0"))).as(jail.err())
        .contains("A=again", "EMPTY=", "B=1=2", "FROM_CALLER=its value", "LINES=one\ntwo", "TERM=other", "GLOB=*")
        .noneMatch(entry -> entry.startsWith("NOT_SET") || entry.equals("A=b c"));
  }

  @ForEachCaller
  void settingsReachTheProgramWhoseArgumentsStayAsTheyAre(Caller caller) {
    var jail = caller.run("-E", "A=b", "--", "sh", "-c", "printf '<%s>' \"$A\" \"$@\"", "sh", "", "-E", "two words",
        "--", "*", "x=y", "\n");
    assertThat(jail.out()).as(jail.err()).isEqualTo("<b><><-E><two words><--><*><x=y><\n>");
  }

  @ForEachCaller
  void secretsDoNotReachTheDisk(Caller caller) throws IOException {
    String secret = "secret" + System.nanoTime();
    assertThat(caller.run("-E", "TOKEN=" + secret, "--rlimit=CORE=0", "--", "true").status()).isZero();
    Path cache = caller.isRoot() ? Path.of("/var/cache/warder") : caller.home().resolve(".cache/warder");
    // Root's is shared with whoever else runs jails meanwhile.
    var found = caller.sh("ls \"$2\" | grep -c . ; { ls \"$2\"; cat \"$2\"/*; } | grep -aF \"$1\"", secret, cache.toString());
    assertThat(found.out()).matches("[1-9][0-9]*\n");
  }

  @ForEachCaller
  void theCurrentFolderIsShownReadOnly(Caller caller) throws IOException {
    Path folder = Program.folder("here");
    Files.writeString(folder.resolve("file"), "content");
    var jail = caller.in(folder).run("--", "sh", "-c",
        "pwd; cat file; echo x > new || echo refused; echo x >> file || echo refused");
    assertThat(jail.out()).isEqualTo(folder + "\ncontentrefused\nrefused\n");
    assertThat(jail.err()).contains("Read-only file system").doesNotContain("warder:");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @ForEachCaller
  void aFolderBelowSystemFoldersOrTmpIsTheCurrentOneToo(Caller caller) {
    var jail = caller.in(Path.of("/usr/bin")).run("pwd");
    assertThat(jail.out()).as(jail.err()).isEqualTo("/usr/bin\n");
    assertThat(jail.err()).isEmpty();
  }

  @ForEachCaller
  void someCurrentFoldersAreNotShown(Caller caller) {
    for (Path hidden : List.of(Path.of("/"), Path.of("/tmp"), Path.of("/proc"), Path.of("/proc/self"), Path.of("/sys"),
        Path.of("/dev"), Path.of("/run"), Path.of("/var"), caller.home(), caller.home().getParent())) {
      var jail = caller.in(hidden).run("sh", "-c", "pwd; ls -A");
      assertThat(jail.out()).as("in " + hidden + jail.err()).isEqualTo("/home/warder\n");
      assertThat(jail.err()).contains("is not shown in the jail", "--bind-ro");
      assertThat(jail.err().lines()).hasSize(1);
    }
  }

  @ForEachCaller
  void theHomeFolderIsNotShownUnderAnotherName(Caller caller) throws IOException {
    Path link = Program.readableFolder("link").resolve("home");
    Files.createSymbolicLink(link, caller.home());
    var jail = caller.with("HOME", link.toString()).in(caller.home()).run("pwd");
    assertThat(jail.out()).isEqualTo("/home/warder\n");
  }

  @ForEachCaller
  void limitsMaskNicenessAndSignalsAreTheCallers(Caller caller) {
    String look = "ulimit -n; ulimit -Hn; ulimit -f; ulimit -c; umask; nice; grep SigIgn /proc/self/status";
    var seen = caller.sh("ulimit -n 123; ulimit -f 4096; ulimit -c 0; umask 027; trap '' PIPE USR2; " + look
        + "; exec nice -n 5 \"$WARDER\" run -- sh -c '" + look + "'");
    List<String> lines = seen.lines();
    assertThat(lines).as(seen.err()).hasSize(14);
    var outside = new ArrayList<>(lines.subList(0, 7));
    assertThat(outside).startsWith("123", "123", "4096").element(5).isEqualTo("0");
    outside.set(5, "5");
    assertThat(lines.subList(7, 14)).isEqualTo(outside);
  }

  @ForEachCaller
  void blockedSignalsAreTheCallers(Caller caller) {
    Tools.need("perl");
    var seen = caller.sh("exec perl -MPOSIX -e '$| = 1; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR2, SIGCHLD)); "
        + "system(\"grep\", \"SigBlk\", \"/proc/self/status\"); exec @ARGV' "
        + "\"$WARDER\" run -- grep SigBlk /proc/self/status");
    assertThat(seen.lines()).as(seen.err()).containsExactly("SigBlk:\t0000000000010800", "SigBlk:\t0000000000010800");
  }

  @ForEachCaller
  void limitsCanBeSet(Caller caller) {
    var jail = caller.run("--rlimit", "NOFILE=64:128", "--rlimit=CORE=0", "--rlimit", "AS=1G", "--", "sh", "-c",
        "ulimit -n; ulimit -Hn; ulimit -c; ulimit -v");
    assertThat(jail.lines()).as(jail.err()).containsExactly("64", "128", "0", "1048576");
  }

  @ForEachCaller
  void theHostnameIsTheJails(Caller caller) {
    assertThat(caller.run("uname", "-n").out()).isEqualTo("warder\n");
    assertThat(caller.run("--hostname=cell-7.example", "uname", "-n").out()).isEqualTo("cell-7.example\n");
  }

  @ForEachCaller
  void stdinAndStdoutAreTheCallers(Caller caller) {
    var jail = caller.sh("printf 'one\\ntwo\\n' | \"$WARDER\" run -- sh -c 'cat; echo three >&2' | tr a-z A-Z");
    assertThat(jail.out()).isEqualTo("ONE\nTWO\n");
    assertThat(jail.err()).isEqualTo("three\n");
  }
}
