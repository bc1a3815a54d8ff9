package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Users, groups and ranges of ids. The accounts are in files that only the tests' own mount namespace shows in `/etc`, so
/// root has to run them.
class IdentityIT {
  private static final int UID = 54_321;
  private static final int GROUP = 54_400;
  private static final int START = 300_000;
  private static final String AS_TESTER = "setpriv --reuid " + UID + " --regid " + UID + " --init-groups ";

  private Path etc;
  private Path home;

  @BeforeEach
  void accounts() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can show other accounts");
    Tools.need("unshare", "mount", "setpriv");
    etc = Program.readableFolder("etc");
    home = Program.readableFolder("home");
    Files.setAttribute(home, "unix:uid", UID);
    write("passwd", Files.readString(Path.of("/etc/passwd")) + "warder-it:x:" + UID + ":" + UID + "::/nosuch:/bin/sh\n");
    write("group", Files.readString(Path.of("/etc/group")) + "warder-it:x:" + UID + ":\nwarder-a:x:" + GROUP
        + ":warder-it\nwarder-b:x:" + (GROUP + 1) + ":warder-it\nwarder-c:x:54500:other\n");
    write("subuid", "warder-it:" + START + ":65536\n");
    write("subgid", "warder-it:" + START + ":65536\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(etc.resolve(name), text);
  }

  /// A script that sees the accounts; `$RUN` is `warder run`.
  private Caller.Result sh(String script) throws IOException {
    for (String name : List.of("subuid", "subgid")) {
      if (Files.notExists(Path.of("/etc", name))) {
        Files.createFile(Path.of("/etc", name));
      }
    }
    var words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c",
        "for f in passwd group subuid subgid; do mount --bind \"$0/$f\" /etc/$f || exit 99; done; RUN=\"$WARDER run\"; cd /usr; "
            + script, etc.toString()));
    return Caller.self().with("HOME", home.toString()).start(words).end();
  }

  private static List<String> words(String line) {
    return List.of(line.strip().split("\\s+"));
  }

  @Test
  void rootsChoiceHasItsGroupsAndNoOthers() throws IOException {
    var jail = sh("$RUN -u warder-it -- sh -c 'id -u; id -g; id -G; cat /proc/self/setgroups; env | grep -E \"^(USER|LOGNAME)\"'");
    assertThat(jail.lines()).as(jail.err()).startsWith("" + UID, "" + UID, UID + " " + GROUP + " " + (GROUP + 1), "deny")
        .contains("USER=warder-it", "LOGNAME=warder-it");
    assertThat(sh("$RUN -u " + UID + " -- id -G").out()).isEqualTo(UID + " " + GROUP + " " + (GROUP + 1) + "\n");
    assertThat(sh("$RUN -u warder-it:54500 -- id -G").out()).as("a group that is given stands alone").isEqualTo("54500\n");
  }

  @Test
  void anOrdinaryCallerIsToldWhichGroupsAreLeftOut() throws IOException {
    var jail = sh(AS_TESTER + "$RUN -u warder-it -- id -u");
    assertThat(jail.out()).isEqualTo(UID + "\n");
    assertThat(jail.err()).contains("the supplementary groups of warder-it are left out", "--private-users=pick");
    var other = sh(AS_TESTER + "$RUN -u daemon -- id -u");
    assertThat(other.status()).isEqualTo(125);
    assertThat(other.err()).contains("only root may choose another user of the host", "--private-users=pick");
  }

  @Test
  void anOrdinaryCallersRangeIsMappedAroundTheOwnId() throws IOException {
    Tools.need("newuidmap", "newgidmap");
    var own = sh(AS_TESTER + "$RUN --private-users=pick -- sh -c 'id -u; id -g; cat /proc/self/setgroups /proc/self/uid_map'");
    assertThat(own.lines()).as(own.err()).startsWith("" + UID, "" + UID, "deny");
    assertThat(own.lines().subList(3, 6)).map(IdentityIT::words).containsExactly(
        List.of("0", "" + START, "" + UID), List.of("" + UID, "" + UID, "1"),
        List.of("" + (UID + 1), "" + (START + UID + 1), "" + (65_535 - UID)));
    var groups = sh(AS_TESTER + "$RUN --private-users=pick -u warder-it -- id -G");
    assertThat(groups.out()).as(groups.err()).isEqualTo(UID + " " + GROUP + " " + (GROUP + 1) + "\n");
  }

  @Test
  void asSomebodyElseNothingOfTheCallersIsLeft() throws IOException {
    Tools.need("newuidmap", "newgidmap");
    Path file = home.resolve("secret");
    Files.writeString(file, "x");
    Files.setAttribute(file, "unix:uid", UID);
    Files.setAttribute(file, "unix:mode", 0600);
    for (String ids : List.of("pick", START + "", START + ":65536")) {
      var jail = sh(AS_TESTER + "$RUN --private-users=" + ids + " --bind-ro " + home + ":/x -u daemon -- sh -c '"
          + "id -u; id -G; touch ~/new && stat -c %u:%g ~/new; cat /x/secret || echo closed; grep Cap /proc/self/status'");
      assertThat(jail.lines()).as(ids + jail.err()).startsWith("1", "1", "1:1", "closed");
      assertThat(jail.lines().subList(4, 9)).allMatch(line -> line.endsWith("\t0000000000000000"));
    }
    var seen = sh("mkfifo -m 666 \"$HOME/go\"; " + AS_TESTER + "$RUN --private-users=pick --bind-ro " + home + ":/x -u daemon -- "
        + "sh -c 'echo ready; read line < /x/go' & sleep 2; ps -o uid= -C sh | sort -u; echo > \"$HOME/go\"; wait $!");
    assertThat(seen.lines()).as(seen.err()).map(String::strip).contains("ready", Integer.toString(START + 1));
  }

  @Test
  void keptCapabilitiesReachTheMappedIdsOnly() throws IOException {
    Tools.need("newuidmap", "newgidmap");
    String change = "$RUN --private-users=" + START + ":1000 --capability CHOWN,SETUID,SETGID -u root -- sh -c '"
        + "id -u; touch /tmp/f; chown 33:33 /tmp/f && stat -c %u:%g /tmp/f; chown 1000 /tmp/f 2> /dev/null || echo unmapped; "
        + "setpriv --reuid 33 --regid 33 --clear-groups id -u'";
    for (String caller : List.of("", AS_TESTER)) {
      var jail = sh(caller + change);
      assertThat(jail.lines()).as(jail.err()).containsExactly("0", "33:33", "unmapped", "33");
    }
  }

  @Test
  void rangesOfOthersAreRefused() throws IOException {
    Tools.need("newuidmap", "newgidmap");
    for (String ignore : List.of("", "trap \"\" CHLD; ")) {
      var jail = sh(AS_TESTER + "sh -c '" + ignore + "exec \"$WARDER\" run --private-users=400000 -- echo ran'");
      assertThat(jail.status()).as(jail.err()).isEqualTo(125);
      assertThat(jail.out()).isEmpty();
    }
    write("subuid", "");
    var none = sh(AS_TESTER + "$RUN --private-users=pick -- echo ran");
    assertThat(none.status()).isEqualTo(125);
    assertThat(none.err()).contains("/etc/subuid has no range for warder-it", "usermod --add-subuids");
  }

  /// Ids of no account, as containers and build farms have them: newuidmap(1) serves none of them, listed or not.
  @Test
  void whoHasNoAccountIsToldSo() throws IOException {
    write("subuid", "54999:" + START + ":65536\n");
    write("subgid", "54999:" + START + ":65536\n");
    var jail = sh("setpriv --reuid 54999 --regid 54999 --clear-groups env XDG_CACHE_HOME=/tmp/warder-it-54999 sh -c 'mkdir $XDG_CACHE_HOME; "
        + "\"$WARDER\" run --private-users=pick -- echo ran; s=$?; rm -r $XDG_CACHE_HOME; exit $s'");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.out()).isEmpty();
    assertThat(jail.err()).contains("your user id 54999 has no account here", "useradd --uid 54999");
  }

  @Test
  void namesAreThoseOfTheJailsOwnRoot() throws IOException {
    Path root = Program.readableFolder("root");
    for (String folder : List.of("etc", "usr", "bin", "lib", "lib64", "proc", "dev", "tmp", "run")) {
      Files.createDirectory(root.resolve(folder));
    }
    Files.writeString(root.resolve("etc/passwd"), "inmate:x:54700:54701::/cell:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "yard:x:54702:inmate\n");
    String run = "$RUN -D " + root + " --bind-ro /usr --bind-ro /bin --bind-ro /lib --bind-ro /lib64 -u inmate ";
    String look = "-- sh -c 'id -u; id -G; echo $USER $LOGNAME $HOME'";
    var jail = sh(run + look);
    assertThat(jail.lines()).as(jail.err()).containsExactly("54700", "54701 54702", "inmate inmate /cell");
    var mapped = sh(run + "--private-users=" + START + " " + look);
    assertThat(mapped.lines()).as(mapped.err()).containsExactly("54700", "54701 54702", "inmate inmate /cell");
    Files.writeString(root.resolve("etc/passwd"), "inmate:x:54800:54801::/cell:/bin/sh\n");
    assertThat(sh(run + look).lines()).as("the image notices").startsWith("54800");
    Files.delete(root.resolve("etc/passwd"));
    Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/etc/passwd"));
    var link = sh(run + look);
    assertThat(link.status()).isEqualTo(125);
    assertThat(link.err()).contains("it must be a plain file without links");
  }

  @Test
  void hostRootIsNeverMapped() throws IOException {
    for (String options : List.of("--private-users=0", "--private-users=-1", "--private-users=5:0", "--private-users=x",
        "--private-users=4294967295", "--private-users=100000:1", "-u root", "-u 0", "-u 1000:0")) {
      var jail = sh("$RUN " + options + " -- echo ran");
      assertThat(jail.status()).as(options + jail.out()).isEqualTo(125);
      assertThat(jail.out()).isEmpty();
    }
  }
}
