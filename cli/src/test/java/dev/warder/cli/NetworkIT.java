package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/// The private loopback, and the host's network where it is asked for.
class NetworkIT {
  private static final String CONNECT =
      "use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr => $ARGV[0]) ? 'yes' : 'no'";

  @ForEachCaller
  void onlyTheLoopbackIsThere(Caller caller) {
    var jail = caller.run("grep", ":", "/proc/net/dev");
    assertThat(jail.lines()).hasSize(1).first().asString().startsWith("    lo:");
  }

  @ForEachCaller
  void theLoopbackIsUp(Caller caller) {
    Tools.need("perl");
    var jail = caller.run("perl", "-MIO::Socket::INET", "-e", """
        my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "listen: $!";
        my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $listener->sockport) or die "connect: $!";
        print $client "through\n"; close $client; my $server = $listener->accept; print <$server>;
        """);
    assertThat(jail.out()).as(jail.err()).isEqualTo("through\n");
  }

  @ForEachCaller
  void theHostsLoopbackIsReachedOnlyWithTheHostsNetwork(Caller caller) throws IOException {
    Tools.need("perl");
    try (var listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + listener.getLocalPort();
      assertThat(caller.run("perl", "-e", CONNECT, address).out()).isEqualTo("no");
      assertThat(caller.run("--network=none", "perl", "-e", CONNECT, address).out()).isEqualTo("no");
      assertThat(caller.run("--network", "host", "perl", "-e", CONNECT, address).out()).isEqualTo("yes");
    }
  }

  @ForEachCaller
  void abstractSocketsOfTheHostAreOutOfReach(Caller caller) {
    Tools.need("perl");
    String name = "warder-test-" + System.nanoTime();
    String socket = "use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!; "
        + "my $a = pack_sockaddr_un(\"\\0$ARGV[0]\"); ";
    String connect = socket + "print connect($s, $a) ? 'yes' : 'no'";
    try (var listener = caller.startSh("exec perl -e '" + socket
        + "$| = 1; bind($s, $a) or die $!; listen($s, 5) or die $!; print \"ready\"; <STDIN>' $1", name)) {
      listener.said("ready");
      assertThat(caller.sh("exec perl -e \"$1\" $2", connect, name).out()).isEqualTo("yes");
      assertThat(caller.run("perl", "-e", connect, name).out()).isEqualTo("no");
      assertThat(caller.run("--network=host", "--landlock", "off", "perl", "-e", connect, name).out()).isEqualTo("yes");
      var scoped = caller.run("--network=host", "perl", "-e", connect, name);
      if (scoped.err().contains("cannot cut the jail off")) {
        System.out.println("skipped: abstract sockets with the host's network, since Landlock here is too old");
        assertThat(caller.run("--network=host", "--landlock=require", "true").status()).isEqualTo(125);
        return;
      }
      assertThat(scoped.out()).as(scoped.err()).isEqualTo("no");
      assertThat(caller.run("--network=host", "--landlock=require", "perl", "-e", connect, name).out()).isEqualTo("no");
    }
  }

  @ForEachCaller
  void abstractSocketsOfTheJailItselfWork(Caller caller) {
    Tools.need("perl");
    for (String network : new String[] {"none", "host"}) {
      var jail = caller.run("--network", network, "perl", "-e", "use Socket; my $a = pack_sockaddr_un(\"\\0of-the-jail-$$\");"
          + "socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, $a) or die $!; listen($s, 1);"
          + "socket(my $c, AF_UNIX, SOCK_STREAM, 0); print connect($c, $a) ? 'yes' : 'no'");
      assertThat(jail.out()).as(network + jail.err()).isEqualTo("yes");
    }
  }

  @ForEachCaller
  void socketsWithANameAreReachedWhereTheirFolderIsBound(Caller caller) throws IOException {
    Tools.need("perl");
    Path folder = Program.folder("socket");
    Path path = folder.resolve("s");
    String connect = "use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); "
        + "print connect($s, pack_sockaddr_un($ARGV[0])) ? 'yes' : 'no'";
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      Program.openToAll(path);
      assertThat(caller.run("perl", "-e", connect, path.toString()).out()).isEqualTo("no");
      assertThat(caller.run("--bind-ro", folder.toString(), "perl", "-e", connect, path.toString()).out())
          .isEqualTo("yes");
    }
  }
}
