package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Networks by pasta and slirp4netns, beside a network of the test's own in the place of the host's: it has an address of
/// the world's, 198.51.100.1, a loopback, a resolver on that, and a route that leads nowhere.
class UserNetworkIT {
  /// Becomes the words behind it, in that network; `$TUN` is the mode of `/dev/net/tun`.
  private static final String HOST = """
      exec unshare -m -n sh -ec '
        mount -t tmpfs none /dev/net; mknod -m ${TUN:-666} /dev/net/tun c 10 200
        echo nameserver 127.0.0.1 > /dev/net/resolv; mount --bind /dev/net/resolv /etc/resolv.conf
        ip link set lo up; ip addr add 198.51.100.1/32 dev lo
        ip link add h0 type veth peer name h1; ip addr add 192.0.2.1/24 dev h0; ip link set h0 up; ip link set h1 up
        [ -n "$NO_ROUTE" ] || ip route add default via 192.0.2.2
        exec "$@"' sh "$@"
      """;

  /// Servers in that network; then becomes its arguments.
  private static final String SERVERS = """
      use IO::Socket::INET; use Socket; my @servers;
      sub serve { my ($from, $say) = @_; my $pid = fork; if ($pid) { push @servers, $pid; return } alarm 30;
        while (my $c = $from->accept) { print $c $say; close $c } exit }
      serve(IO::Socket::INET->new(Listen => 5, LocalAddr => '198.51.100.1:8001'), 'world');
      serve(IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1:8002'), 'loopback');
      socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("\\0of-the-host")) or die $!; listen($s, 5);
      my $dns = IO::Socket::INET->new(LocalAddr => '127.0.0.1:53', Proto => 'udp') or die $!;
      my $pid = fork; push @servers, $pid;
      if (!$pid) { alarm 30; my $q; while (my $from = recv($dns, $q, 512, 0)) { send($dns, "answer to $q", 0, $from) } exit }
      my $status = system { $ARGV[0] } @ARGV; kill 'KILL', @servers; exit($status >> 8);
      """;

  private static final String WORLD = """
      use IO::Socket::INET; use Socket;
      sub get {
        my $c = IO::Socket::INET->new(PeerAddr => "$_[0]", Timeout => 0.5) or return 'nothing'; my $l = <$c>; $l // '' }
      print '198.51.100.1: ', get('198.51.100.1:8001'), "\\n";
      """;

  private static final String LOOPBACK = """
      for my $h (qw(10.0.2.2 10.0.2.3 169.254.1.1 192.0.2.1 192.0.2.2 198.51.100.1 127.0.0.1)) {
        my $l = get("$h:8002"); print "$h: $l\\n" if $l ne 'nothing' }
      socket(my $s, AF_UNIX, SOCK_STREAM, 0); print "abstract\\n" if connect($s, pack_sockaddr_un("\\0of-the-host"));
      """;

  private static final String RESOLVER = """
      open(my $f, '<', '/etc/resolv.conf'); my ($ns) = map { /^nameserver (\\S+)/ } <$f>;
      my $d = IO::Socket::INET->new(PeerAddr => "$ns:53", Proto => 'udp'); send($d, 'q', 0);
      $SIG{ALRM} = sub { print "no answer\\n"; exit }; alarm 3; recv($d, my $a, 512, 0); print "resolver: $a\\n";
      """;

  @BeforeAll
  static void needs() {
    Tools.skipUnless(Caller.self().isRoot(), "you are not root, who alone can make a network to test networks in");
    Tools.need("pasta", "slirp4netns", "ip", "perl", "unshare");
    Tools.skipUnless(Files.exists(Path.of("/dev/net/tun")), "this machine has no /dev/net/tun");
  }

  /// `warder run WORDS` in the network of the test's own.
  private static Caller.Running start(Caller caller, String settings, List<String> before, List<String> words) {
    var all = new ArrayList<>(before);
    all.addAll(List.of("env", "HOME=" + caller.home()));
    all.addAll(caller.become());
    all.add(Program.WARDER.toString());
    all.add("run");
    all.addAll(words);
    return Caller.self().in(caller.folder()).startSh(settings + HOST, all.toArray(String[]::new));
  }

  private static Caller.Result runBesideServers(Caller caller, List<String> words) {
    return start(caller, "", List.of("perl", "-e", SERVERS), words).end();
  }

  private static Caller.Running startAlone(Caller caller, String... words) {
    return start(caller, "", List.of(), List.of(words));
  }

  @ForEachCaller
  void theWorldIsReachedAndTheHostsLoopbackIsNot(Caller caller) {
    for (String network : List.of("pasta", "slirp4netns")) {
      var jail = runBesideServers(caller, List.of("--network", network, "perl", "-e", WORLD + LOOPBACK + RESOLVER));
      assertThat(jail.lines()).as(network + jail.err()).containsExactly("198.51.100.1: world", "resolver: answer to q");
      assertThat(jail.status()).isZero();
    }
  }

  @ForEachCaller
  void itGoesWithCapabilitiesWithRangesOfIdsAndWithARootOfItsOwn(Caller caller) throws IOException {
    Path root = Program.folder("root");
    for (String folder : List.of("etc", "proc", "dev", "tmp", "run", "usr")) {
      Files.createDirectory(root.resolve(folder));
    }
    for (String link : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    Files.createSymbolicLink(root.resolve("etc/resolv.conf"), Path.of("../run/systemd/resolve/stub-resolv.conf"));
    for (List<String> options : List.of(List.of("--capability=CAP_SYS_ADMIN"),
        List.of("-D", root.toString(), "--bind-ro=/usr"), List.of("--private-users=200000:65536"))) {
      if (!caller.isRoot() && options.getFirst().startsWith("--private-users")) {
        continue;                                // the user whom the tests make has no ranges
      }
      var words = new ArrayList<>(List.of("--network=pasta"));
      words.addAll(options);
      words.addAll(List.of("perl", "-e", WORLD + RESOLVER));
      var jail = runBesideServers(caller, words);
      assertThat(jail.lines()).as(options + jail.err()).containsExactly("198.51.100.1: world", "resolver: answer to q");
    }
  }

  @ForEachCaller
  void portsAreShownWhereTheyAreAskedFor(Caller caller) {
    String serve = "use IO::Socket::INET; my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => '0.0.0.0:8086') or die $!; "
        + "my $c = $l->accept; print $c \"from the jail\\n\"; close $c";
    String connect = """
        use IO::Socket::INET; my $jail = fork; if (!$jail) { exec @ARGV }
        for (1 .. 100) {
          print "wrong\\n" if IO::Socket::INET->new(PeerAddr => '198.51.100.1:8085');
          my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1:8085'); my $l = $c ? <$c> : '';
          if ($l) { print $l; last } select undef, undef, undef, 0.1 }
        waitpid $jail, 0;
        """;
    var jail = start(caller, "", List.of("perl", "-e", connect),
        List.of("--network=pasta", "--port=8085:8086", "perl", "-e", serve)).end();
    assertThat(jail.out()).as(jail.err()).isEqualTo("from the jail\n");
  }

  @ForEachCaller
  void theHelperEndsWithTheLauncherHoweverThatEnds(Caller caller) {
    for (String network : List.of("pasta", "slirp4netns")) {
      for (String end : List.of("say", "KILL")) {
        String sleep = Tools.uniqueSleep();
        try (var jail = startAlone(caller, "--network", network, "sh", "-c", "echo up; read x; echo $x", sleep)) {
          jail.said("up");
          List<Long> helpers = helpersOf(jail.pid());
          assertThat(helpers).as(network).hasSize(1);
          if (end.equals("say")) {
            jail.say("down");
            assertThat(jail.end().out()).isEqualTo("up\ndown\n");
            assertThat(Files.exists(Path.of("/proc/" + helpers.getFirst()))).isFalse();
          } else {
            jail.signal(end);
          }
          Tools.await(() -> !Files.exists(Path.of("/proc/" + helpers.getFirst())),
              () -> network + " is still there after " + end);
        }
        Tools.awaitNoSurvivor(sleep);
      }
    }
  }

  @ForEachCaller
  void aJailWhoseHelperDiesGoesOn(Caller caller) {
    try (var jail = startAlone(caller, "--network=pasta", "sh", "-c", "echo up; read x; echo $x; exit 7")) {
      jail.said("up");
      ProcessHandle.of(helpersOf(jail.pid()).getFirst()).orElseThrow().destroyForcibly();
      jail.say("on");
      var end = jail.end();
      assertThat(end.out()).isEqualTo("up\non\n");
      assertThat(end.status()).isEqualTo(7);
    }
  }

  @ForEachCaller
  void aHelperThatFailsKeepsTheProgramFromStarting(Caller caller) throws IOException {
    var noRoute = start(caller, "export NO_ROUTE=1\n", List.of(), List.of("--network=pasta", "echo", "ran")).end();
    assertThat(noRoute.err()).contains("warder: pasta says:\n")
        .contains("\nwarder: cannot start pasta: EIO: it ended before the network was there; it needs /dev/net/tun");
    assertThat(noRoute.out()).isEmpty();
    assertThat(noRoute.status()).isEqualTo(125);
    Path result = caller.home().resolve("result" + System.nanoTime());
    var told = start(caller, "export NO_ROUTE=1\n", List.of(),
        List.of("--network=pasta", "--stats", result.toString(), "echo", "ran")).end();
    assertThat(told.status()).isEqualTo(125);
    assertThat(Files.readString(result)).contains("\"step\":\"start pasta\",\"errno\":5,");
    var noDevice = start(caller, "export TUN=600\n", List.of(), List.of("--network=slirp4netns", "echo", "ran")).end();
    assertThat(noDevice.err()).contains("warder: slirp4netns says:\n").contains("\nwarder: cannot start slirp4netns: EIO: ");
    assertThat(noDevice.out()).isEmpty();
    assertThat(noDevice.status()).isEqualTo(125);
  }

  /// A helper of the test's own that complains in numbers, and one that says what the right one says.
  @Test
  void aComplaintIsNotTakenForReadiness() throws IOException {
    Caller root = Caller.self();
    Path folder = Program.readableFolder("fake");
    CProgram.build("faults/says.c", folder.resolve("helper"));
    for (String network : List.of("pasta", "slirp4netns")) {
      Path image = folder.resolve(network);
      assertThat(root.warder("build", "-o", image.toString(), "--network=" + network, "--", "/bin/echo", "ran").err()).isEmpty();
      for (String says : List.of("1\\n", "12 is no address\\n", "0\\n", "\\n1", "PID is taken\\n", "see PID\\n", "PIDPID\\n", "PID",
          "18446744073709551616PID\\n")) {
        var complained = startFake(root, folder, image, network, says, "").end();
        assertThat(complained.err()).as(network + says).startsWith("warder: " + network + " says:\n")
            .contains("cannot start " + network + ": EIO: ");
        assertThat(complained.out()).isEmpty();
        assertThat(complained.status()).isEqualTo(125);
      }
      var ready = network.equals("pasta") ? startFake(root, folder, image, network, "2 hops\\nPID\\n", "")
          : startFake(root, folder, image, network, "2 hops\\n", "1");
      assertThat(ready.end()).isEqualTo(new Caller.Result(0, "ran\n", ""));
    }
    assertThat(startFake(root, folder, folder.resolve("slirp4netns"), "slirp4netns", "no\\n", "2").end().err())
        .contains("says:\nno\n", "EIO: ");
  }

  /// @param says to standard error, with `PID` for the helper's process id
  /// @param tells to file 3
  private static Caller.Running startFake(Caller root, Path folder, Path image, String network, String says, String tells) {
    return root.startSh("exec unshare -m sh -ec 'printf \"$3\\f$4\" > $0/says; mount --bind $0/says /etc/hosts; "
        + "mount --bind $0/helper /usr/bin/$2; exec $1' \"$@\"", folder.toString(), image.toString(), network, says, tells);
  }

  @Test
  void aHelperIsRootsOwnOrNone() throws IOException {
    Caller root = Caller.self();
    Path image = Program.readableFolder("image").resolve("image");
    assertThat(root.warder("build", "-o", image.toString(), "--network=pasta", "--", "/bin/true").err()).isEmpty();
    var missing = root.sh("exec unshare -m sh -ec 'mount -t tmpfs none /usr/bin; exec " + image + "'");
    assertThat(missing.err()).isEqualTo("warder: cannot start pasta: ENOENT: there is no /usr/bin/pasta; install it, "
        + "for example: apt-get install passt\n");
    assertThat(missing.status()).isEqualTo(125);
    Path own = Program.executable(Program.folder("own").resolve("pasta"), new byte[] {1});
    Files.setAttribute(own, "unix:uid", 65533);
    var foreign = root.sh("exec unshare -m sh -ec 'mount --bind $0 /usr/bin/pasta; exec $1' " + own + " " + image);
    assertThat(foreign.err()).isEqualTo("warder: cannot start pasta: EACCES: /usr/bin/pasta is not root's alone to write, so "
        + "it is not trusted\n");
    assertThat(foreign.status()).isEqualTo(125);
  }

  @ForEachCaller
  void withoutAUserNamespaceThereIsNone(Caller caller) {
    var jail = caller.run("--network=pasta", "--private-users=no", "echo", "ran");
    assertThat(jail.err()).startsWith("warder: --network pasta takes a user namespace, by which its helper has a right");
    assertThat(jail.status()).isEqualTo(125);
  }

  private static List<Long> helpersOf(long launcher) {
    List<Long> all = Tools.processesWith("/proc/self/fd/0");
    return ProcessHandle.of(launcher).orElseThrow().children().map(ProcessHandle::pid).filter(all::contains).toList();
  }
}
