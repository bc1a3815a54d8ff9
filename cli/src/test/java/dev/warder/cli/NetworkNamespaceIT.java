package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Jails in a network namespace that is there already; another jail's, as a rule, for each caller may enter those.
class NetworkNamespaceIT {
  private static final String LINK = "readlink /proc/self/ns/net";

  private static final String SOCKETS = "use IO::Socket::INET; use Socket; my $a = pack_sockaddr_un(\"\\0of-a-jail\"); "
      + "socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!; ";

  /// Prints the link of its network namespace and the port at which it listens, then waits for the end of stdin.
  private static final String LISTEN = SOCKETS + "bind($s, $a) or die $!; listen($s, 5); "
      + "my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!; "
      + "$| = 1; print readlink('/proc/self/ns/net'), ' ', $l->sockport, \" ready\\n\"; <STDIN>";

  private static final String CONNECT = SOCKETS
      + "print IO::Socket::INET->new(PeerAddr => \"127.0.0.1:$ARGV[0]\") ? 'port' : '', connect($s, $a) ? ' socket' : ''";

  @ForEachCaller
  void aJailEntersTheNetworkOfAnotherOne(Caller caller) throws IOException {
    Tools.need("perl");
    try (var holder = caller.startRun("perl", "-e", LISTEN)) {
      String[] words = holder.said("ready").output().split(" ");
      String path = "/proc/" + processIn(words[0]) + "/ns/net";
      for (List<String> options : List.of(List.of("--network", path.replace("/proc/", "pid:").replace("/ns/net", "")),
          List.of("--network-namespace-path", path), List.of("--network-namespace-path=" + path, "--landlock=off"),
          List.of("--network-namespace-path=" + path, "--capability=CAP_SYS_ADMIN"))) {
        assertThat(run(caller, options, "sh", "-c", LINK).out().strip()).isEqualTo(words[0]);
        var there = run(caller, options, "perl", "-e", CONNECT, words[1]);
        boolean socket = options.contains("--landlock=off") || there.err().contains("cannot cut the jail off");
        assertThat(there.out()).as(options + there.err()).isEqualTo(socket ? "port socket" : "port");
      }
      assertThat(caller.run("perl", "-e", CONNECT, words[1]).out()).isEmpty();
    }
  }

  @ForEachCaller
  void itsUserGainsNothingThere(Caller caller) throws IOException {
    Tools.need("perl");
    try (var holder = caller.startRun("perl", "-e", LISTEN)) {
      String network = "pid:" + processIn(holder.said("ready").output().split(" ")[0]);
      var jail = caller.run("--network", network, "sh", "-c",
          "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; tr -s ' ' < /proc/self/uid_map | cut -d' ' -f 2,4");
      assertThat(jail.lines()).as(jail.err()).containsExactly(Integer.toString(caller.jailUid()), "CapEff:\t0000000000000000",
          "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", caller.jailUid() + " 1");
    }
  }

  @Test
  void rootEntersANamedOne() {
    Caller root = Caller.self();
    Tools.skipUnless(root.isRoot(), "you are not root, who alone may name network namespaces");
    Tools.need("unshare");
    var jail = root.sh("""
        exec unshare -m sh -ec '
          mount -t tmpfs none /run; mkdir /run/netns; touch /run/netns/a
          unshare -n sh -c "mount --bind /proc/self/ns/net /run/netns/a"
          nsenter --net=/run/netns/a $1
          "$WARDER" run --network ns:a -- $1
          cd /run/netns
          "$WARDER" run --network-namespace-path=a -- $1 2> /dev/null'
        """.replace("$1", LINK));
    assertThat(jail.lines()).as(jail.err()).hasSize(3).containsOnly(jail.lines().getFirst());
    assertThat(jail.lines().getFirst()).isNotEqualTo(root.sh(LINK).out().strip());
  }

  @ForEachCaller
  void whatIsNoneOrNotTheCallersIsRefused(Caller caller) throws IOException {
    record Row(String path, String message) {}
    Path pipe = caller.home().resolve("pipe" + System.nanoTime());
    assertThat(caller.sh("mkfifo $1", pipe.toString()).status()).isZero();
    for (Row row : List.of(
        new Row("/nosuch", "ENOENT: there is no such namespace; ip netns list"),
        new Row("/etc/passwd/a", "ENOTDIR: there is no such namespace"),
        new Row("/etc/passwd", "EINVAL: it is no network namespace; give a file"),
        new Row("/etc", "EINVAL: it is no network namespace"),
        new Row(pipe.toString(), "EINVAL: it is no network namespace"),
        new Row("/proc/self/ns/mnt", "EINVAL: it is no network namespace"))) {
      assertRefused(caller, row.path, row.message);
    }
    if (!caller.isRoot()) {
      assertRefused(caller, "/proc/self/ns/net", "EPERM: only root may enter it, or who made the user namespace");
    }
  }

  private static void assertRefused(Caller caller, String path, String message) {
    var jail = caller.run("--network-namespace-path", path, "echo", "ran");
    assertThat(jail.out()).isEmpty();
    assertThat(jail.err()).startsWith("warder: cannot enter the network namespace " + path + ": " + message);
    assertThat(jail.status()).isEqualTo(125);
  }

  private static Caller.Result run(Caller caller, List<String> options, String... command) {
    var words = new ArrayList<>(options);
    words.addAll(List.of(command));
    return caller.run(words.toArray(String[]::new));
  }

  /// The program of the jail that has this network; process 1 is closed to its user.
  private static String processIn(String network) throws IOException {
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (isProgramIn(process, network)) {
          return process.getFileName().toString();
        }
      }
    }
    throw new AssertionError("no process in " + network);
  }

  private static boolean isProgramIn(Path process, String network) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/net")).toString().equals(network)
          && Files.readString(process.resolve("cmdline")).startsWith("perl\0");
    } catch (IOException e) {
      return false;                              // it has ended, or is somebody else's
    }
  }
}
