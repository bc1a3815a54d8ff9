package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// What the program may no longer do.
class PrivilegesIT {
  private static final String NONE = "0000000000000000";

  @ForEachCaller
  void theProgramHasNoPrivileges(Caller caller) {
    var jail = caller.run("--", "grep", "-E", "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups)", "/proc/self/status");
    String id = Integer.toString(caller.jailUid());
    assertThat(jail.lines()).as(jail.err()).map(line -> line.replaceAll("\\s+", " ").strip()).containsExactlyInAnyOrder(
        "Uid: " + String.join(" ", id, id, id, id), "Gid: " + String.join(" ", id, id, id, id), groups(id, caller),
        "CapInh: " + NONE, "CapPrm: " + NONE, "CapEff: " + NONE, "CapBnd: " + NONE, "CapAmb: " + NONE,
        "NoNewPrivs: 1", "Seccomp: 2");
  }

  /// The ids of a user other than [Caller#jailUid] are only known to the one who runs the tests.
  private static String groups(String id, Caller caller) {
    boolean none = caller.isRoot() || caller.sh("grep Groups /proc/self/status").out().strip().equals("Groups:");
    return none ? "Groups:" : "Groups: " + id;
  }

  @ForEachCaller
  void aKeptCapabilityIsInAllSets(Caller caller) {
    var jail = caller.run("--capability", "CAP_NET_BIND_SERVICE", "--", "grep", "^Cap", "/proc/self/status");
    assertThat(jail.lines()).as(jail.err()).hasSize(5).allMatch(line -> line.endsWith("\t0000000000000400"));
  }

  @ForEachCaller
  void aCapabilityBothGivenAndDroppedIsDropped(Caller caller) {
    var jail = caller.run("--capability=all", "--drop-capability=all", "--", "grep", "CapBnd", "/proc/self/status");
    assertThat(jail.out()).as(jail.err()).isEqualTo("CapBnd:\t" + NONE + "\n");
  }

  @ForEachCaller
  void noFileAboveTwoIsOpen(Caller caller) {
    var jail = caller.sh("exec 3</ 7</ 9</etc/passwd; exec \"$WARDER\" run -- sh -c "
        + "'for i in $(seq 0 40); do [ -e /proc/self/fd/$i ] && echo $i; done; true'");
    assertThat(jail.lines()).as(jail.err()).containsExactly("0", "1", "2");
  }

  /// By it the program could leave the jail.
  @ForEachCaller
  void aFolderIsNoStandardFile(Caller caller) {
    var jail = caller.sh("exec \"$WARDER\" run -- true < /");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.err()).contains("a folder as standard input");
  }

  @ForEachCaller
  void process1CannotUntieItselfFromTheLauncher(Caller caller) {
    Tools.need("perl");
    String untie = "perl -e 'exit(syscall(157, 1, 0, 0, 0, 0) == -1 ? 5 : 0)'";
    assertThat(caller.run("--as-pid1", "sh", "-c", untie).status()).isEqualTo(5);
    assertThat(caller.run("sh", "-c", untie).status()).isZero();
  }

  @ForEachCaller
  void nothingStandsInForAClosedStandardFile(Caller caller) {
    for (String closed : List.of("0<&-", "2>&-", "0<&- 2>&-")) {
      var jail = caller.sh("exec \"$WARDER\" run -- sh -c 'for i in 0 2 3 4 5 6; do "
          + "[ -d /proc/self/fd/$i/ ] && echo folder $i; "
          + "readlink /proc/self/fd/$i; done; true' " + closed);
      assertThat(jail.out().replace("/dev/null\n", "").replaceAll("/.*\\.?(err|in)[^/]*\n", "")).as(closed)
          .doesNotContain("folder", "launch", "anon_inode", "warder-");
    }
  }

  @ForEachCaller
  void processOneIsClosed(Caller caller) {
    var jail = caller.run("--", "sh", "-c", """
        cat /proc/1/exe > /dev/null && echo exe
        readlink /proc/1/exe && echo link
        head -c 1 /proc/1/mem && echo mem
        ls /proc/1/root/ && echo root
        ls /proc/1/cwd/ && echo cwd
        ls /proc/1/fd/ && echo fd
        cat /proc/1/environ | grep . && echo environ
        cat /proc/1/maps | grep . && echo maps
        (: > /proc/1/exe) && echo written
        true""");
    assertThat(jail.status()).isZero();
    assertThat(jail.out()).isEmpty();
  }

  @ForEachCaller
  void processOneIsAsConfinedAsTheProgram(Caller caller) {
    // Its filter would stop the program from being started, so it comes right after that.
    var jail = caller.run("--", "sh", "-c", """
        until grep -q 'Seccomp:.*2' /proc/1/status || [ $((tries += 1)) -gt 200 ]; do sleep 0.01; done
        grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/1/status""");
    assertThat(jail.lines()).as(jail.err()).map(line -> line.replaceAll(".*\t", "")).containsExactly(
        NONE, NONE, NONE, NONE, NONE, "1", "2");
  }

  @ForEachCaller
  void mountsAndNamespacesAreRefused(Caller caller) {
    Tools.need("mount", "umount", "unshare", "chroot");
    var jail = caller.run("--", "sh", "-c", """
        mount -t tmpfs none /tmp && echo mount
        mount -o remount,rw,bind /usr && echo remount
        umount /tmp && echo umount
        umount -l /proc && echo lazy
        unshare -r true && echo user
        unshare -m true && echo mounts
        chroot / true && echo chroot
        mknod /tmp/mem c 1 1 && echo device
        true""");
    assertThat(jail.status()).isZero();
    assertThat(jail.out()).isEmpty();
  }

  @ForEachCaller
  void aSetUserIdProgramGivesNothing(Caller caller) throws IOException {
    Path folder = Program.readableFolder("setuid");
    Path id = folder.resolve("id");
    Files.copy(Path.of("/usr/bin/id"), id, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(id, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(id, "unix:mode", 06755);
    var outside = caller.sh(id + " -u");
    assertThat(outside.lines()).as("the program is set-user-ID of whoever tests")
        .containsExactly(Integer.toString(Caller.self().uid()));
    for (List<String> options : List.of(List.of("--bind", folder + ":/tool"),
        List.of("--bind-ro", folder + ":/tool"))) {
      var jail = caller.run(options.get(0), options.get(1), "--", "sh", "-c", "/tool/id -u; /tool/id -g");
      String jailed = Integer.toString(caller.jailUid());
      assertThat(jail.lines()).as(jail.err()).containsExactly(jailed, jailed);
    }
  }

  @ForEachCaller
  void theCallersTerminalIsNotTheJails(Caller caller) {
    var jail = caller.run("--", "sh", "-c", "cut -d ' ' -f 5-7 /proc/$$/stat; echo $$");
    assertThat(jail.lines()).as(jail.err()).containsExactly("2 2 0", "2");
  }
}
