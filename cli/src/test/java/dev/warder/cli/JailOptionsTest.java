package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Capability;
import dev.warder.jail.FileSystem;
import dev.warder.jail.GroupLimit;
import dev.warder.jail.JailSpec;
import dev.warder.jail.Mount;
import dev.warder.jail.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class JailOptionsTest {
  private static JailSpec spec(String... words) throws CommandException {
    return JailOptions.spec(Arguments.parse(JailOptions.all(), List.of(words)), List.of("true"));
  }

  @Test
  void withoutOptionsTheJailIsTheUsualOne() throws CommandException {
    JailSpec spec = spec();
    assertThat(spec.files().root()).isEmpty();
    assertThat(spec.files().mounts()).isEmpty();
    assertThat(spec.privileges().identity()).isEmpty();
    assertThat(spec.privileges().capabilities()).isEmpty();
    assertThat(spec.network()).isEqualTo(Network.NONE);
    assertThat(spec.files().rootMode()).isEqualTo(FileSystem.RootMode.READ_ONLY);
    assertThat(spec.process().asPid1()).isFalse();
    assertThat(spec.hostname()).isEqualTo("warder");
    assertThat(spec.resources().timeout()).isEmpty();
  }

  @Test
  void optionsFillTheSpec() throws CommandException {
    String here = Path.of("").toAbsolutePath().toString();
    JailSpec spec = spec("-D", "root", "--read-only", "--chdir=/tmp", "-u54321", "-EA=b", "--setenv", "C", "--as-pid1",
        "--hostname=a.b", "--network", "host", "--rlimit=NOFILE=64", "--timeout=2m", "--capability=CAP_KILL,chown",
        "--drop-capability", "kill");
    assertThat(spec.files().root()).contains(here + "/root");
    assertThat(spec.files().rootMode()).isEqualTo(FileSystem.RootMode.READ_ONLY);
    assertThat(spec.files().workingFolder()).contains("/tmp");
    assertThat(spec.privileges().identity().orElseThrow().uid()).isEqualTo(54321);
    assertThat(spec.process().environment()).containsExactly("A=b", "C");
    assertThat(spec.process().asPid1()).isTrue();
    assertThat(spec.hostname()).isEqualTo("a.b");
    assertThat(spec.network()).isEqualTo(Network.HOST);
    assertThat(spec.resources().limits()).containsExactly(Values.limit("NOFILE=64"));
    assertThat(spec.resources().timeout()).contains(Duration.ofMinutes(2));
    assertThat(spec.privileges().capabilities()).containsExactly(Capability.CAP_CHOWN);
  }

  @Test
  void networksAreNamedInSeveralWays() throws CommandException {
    String here = Path.of("").toAbsolutePath().toString();
    assertThat(spec("--network=none").network()).isEqualTo(Network.NONE);
    assertThat(spec("--network=ns:a.b").network()).isEqualTo(new Network.Existing("/run/netns/a.b"));
    assertThat(spec("--network=pid:77").network()).isEqualTo(new Network.Existing("/proc/77/ns/net"));
    assertThat(spec("--network-namespace-path=/a").network()).isEqualTo(new Network.Existing("/a"));
    assertThat(spec("--network-namespace-path=a").network()).isEqualTo(new Network.Existing(here + "/a"));
    assertThat(spec("--network=slirp4netns").network()).isEqualTo(new Network.UserMode(Network.Helper.SLIRP4NETNS, List.of()));
    assertThat(spec("--network=pasta", "-p80", "-p", "udp:0.0.0.0/53:5353", "--port=tcp:::1/8080:80").network())
        .isEqualTo(new Network.UserMode(Network.Helper.PASTA, List.of(new Network.Port(false, "127.0.0.1", 80, 80),
            new Network.Port(true, "0.0.0.0", 53, 5353), new Network.Port(false, "0:0:0:0:0:0:0:1", 8080, 80))));
    assertThatThrownBy(() -> spec("--network=pasta", "-p80:1", "-p80:2")).hasMessage("--port: two of 127.0.0.1/80; leave one out");
    assertThatThrownBy(() -> spec("--network=none", "--network-namespace-path=/a"))
        .hasMessageStartingWith("--network and --network-namespace-path exclude each other");
  }

  @Test
  void boundsOfAllProcessesComeInOneOrderAndCountTheReaper() throws CommandException {
    assertThat(spec("--cpus=0.5", "--pids", "4", "--memory=64M").resources().groupLimits()).containsExactly(
        new GroupLimit.Memory(64 << 20, 0), new GroupLimit.Pids(5), new GroupLimit.Cpu(50_000));
    assertThat(spec("--pids=4", "--as-pid1").resources().groupLimits()).containsExactly(new GroupLimit.Pids(4));
    assertThat(spec("--memory=64M", "--swap=1M").resources().groupLimits())
        .containsExactly(new GroupLimit.Memory(64 << 20, 1 << 20));
    assertThatThrownBy(() -> spec("--swap=1M")).hasMessageStartingWith("--swap is what the jail may have beyond --memory");
    assertThat(spec("--io=/a:rbps=1M", "--pids=1", "--io=b:wiops=3").resources().groupLimits()).containsExactly(
        new GroupLimit.Pids(2), new GroupLimit.Disk("/a", List.of(new GroupLimit.Rate(GroupLimit.Rate.Kind.RBPS, 1 << 20))),
        new GroupLimit.Disk(Path.of("b").toAbsolutePath().toString(),
            List.of(new GroupLimit.Rate(GroupLimit.Rate.Kind.WIOPS, 3))));
    assertThat(spec().resources().groupLimits()).isEmpty();
  }

  @Test
  void mountsAreReadWithEscapesAndOptions() throws CommandException {
    String here = Path.of("").toAbsolutePath().toString();
    record Row(String option, Mount mount) {}
    for (Row row : List.of(
        new Row("--bind=/a", new Mount.Bind("/a", "/a", false)),
        new Row("--bind-ro=/a:/b/", new Mount.Bind("/a", "/b", true)),
        new Row("--bind-ro=a\\:b:/c", new Mount.Bind(here + "/a:b", "/c", true)),
        new Row("--bind=/a:/c\\:d", new Mount.Bind("/a", "/c:d", false)),
        new Row("--bind=/a:/b:ro", new Mount.Bind("/a", "/b", true)),
        new Row("--bind=/a::rw,rbind,noidmap,exec,nosuid,nodev", new Mount.Bind("/a", "/a", false)),
        new Row("--bind-ro=/a:/b:noexec,norbind,ro", new Mount.Bind("/a", "/b", true, true, false, false)),
        new Row("--bind=/a:/b:idmap", new Mount.Bind("/a", "/b", false, false, true, true)),
        new Row("--overlay=/a:/b:/c", new Mount.Overlay(List.of("/a"), new Mount.Changes.Into("/b"), "/c")),
        new Row("--overlay=/a:b:/c\\:d:/e",
            new Mount.Overlay(List.of("/a", here + "/b"), new Mount.Changes.Into("/c:d"), "/e")),
        new Row("--overlay=/a:/b/", new Mount.Overlay(List.of("/a"), new Mount.Changes.Into("/b"), "/b")),
        new Row("--overlay=/a::/a", new Mount.Overlay(List.of("/a"), new Mount.Changes.InMemory(), "/a")),
        new Row("--overlay-ro=/a:/b:/c", new Mount.Overlay(List.of("/a", "/b"), new Mount.Changes.None(), "/c")),
        new Row("--file=3:/a", new Mount.Data(3, "/a", 0444)),
        new Row("--file=0:/a\\:b:0600", new Mount.Data(0, "/a:b", 0600)),
        new Row("--tmpfs=/a", new Mount.Tmpfs("/a", List.of("mode=0755"))),
        new Row("--tmpfs=/a:size=1m,mode=1777", new Mount.Tmpfs("/a", List.of("size=1m", "mode=1777"))),
        new Row("--inaccessible=/a/b", new Mount.Inaccessible("/a/b")))) {
      assertThat(spec(row.option).files().mounts()).as(row.option).containsExactly(row.mount);
    }
  }

  @Test
  void parentsAreMountedBeforeTheirChildren() throws CommandException {
    assertThat(spec("--tmpfs=/a/b", "--bind=/x:/c", "--inaccessible=/a", "--tmpfs=/a/b/c").files().mounts())
        .extracting(Mount::target).containsExactly("/a", "/a/b", "/c", "/a/b/c");
  }

  @Test
  void mistakesAreToldWithTheRemedy() {
    record Row(String option, String message) {}
    for (Row row : List.of(
        new Row("--bind=/a:/b::/c", "--bind takes SRC, SRC:DST or SRC:DST:OPTIONS, got /a:/b::/c; write a colon"),
        new Row("--bind=/a:/b:", "a bind has no option ''; there are ro, rw, noexec"),
        new Row("--bind=/a:/b:/c", "a bind has no option '/c'"),
        new Row("--network=ns:", "--network ns: takes a name as ip netns lists them, got ''; for a path"),
        new Row("--network=ns:../a", "--network ns: takes a name"),
        new Row("--network=ns:..", "--network ns: takes a name"),
        new Row("--network=pid:0", "--network pid: takes a number from 1 to 4194304, got '0'"),
        new Row("--network=bridge", "--network is none, host, pasta, slirp4netns, ns:NAME (as ip netns lists them) or pid:N, got 'bridge'"),
        new Row("--port=80", "--port is for --network pasta"),
        new Row("--port=0", "--port takes a number from 1 to 65535, got '0'"),
        new Row("--port=80:", "--port takes a number from 1 to 65535, got ''"),
        new Row("--port=1-65535", "--port takes a number from 1 to 65535, got '1-65535'"),
        new Row("--port=localhost/80", "--port: not an address: 'localhost'; write 0.0.0.0/8080:80 or ::1/8080:80"),
        new Row("--network-namespace-path=", "--network-namespace-path needs a path; the one given is empty"),
        new Row("--bind=/a:/b:suid", "a bind has no option 'suid'"),
        new Row("--bind=/a:/b:rw,ro", "bind options 'ro' and 'rw' exclude each other; leave one out"),
        new Row("--bind=/a:/b:norbind,rbind", "bind options 'rbind' and 'norbind' exclude each other"),
        new Row("--bind-ro=/a:/b:rw", "--bind-ro is read-only; for 'rw' write --bind"),
        new Row("--bind=", "--bind needs a source"),
        new Row("--bind-ro=/a:b", "--bind-ro: b is not an absolute path of the jail; begin it with /"),
        new Row("--bind=/a:/", "--bind: cannot mount on /; write a path below /"),
        new Row("--overlay=/a", "--overlay takes LOWER:UPPER:DST with up to 12 folders before DST, got /a"),
        new Row("--overlay=" + "/a:".repeat(13) + "/b", "--overlay takes LOWER:UPPER:DST with up to 12 folders"),
        new Row("--overlay-ro=/a::/b", "--overlay-ro: a layer of /a::/b is empty or /"),
        new Row("--overlay=:/a:/b", "--overlay: a layer of :/a:/b is empty or /"),
        new Row("--overlay=/a:/:/b", "--overlay: a layer of /a:/:/b is empty or /"),
        new Row("--overlay=+/a::/b", "--overlay: layers are folders of the host; for a name with + write ./+/a"),
        new Row("--volatile", "--volatile keeps changes to a root in memory and needs one: -D DIR"),
        new Row("--volatile=maybe", "--volatile is overlay, state, yes or no, got 'maybe'"),
        new Row("--volatile=state", "--volatile keeps changes to a root in memory and needs one: -D DIR"),
        new Row("--file=/a", "--file takes FD:DST or FD:DST:MODE, got /a, as in --file 3:/run/key 3< KEY"),
        new Row("--file=1:/a", "--file reads from file descriptor 0, or 3 and above, got '1'"),
        new Row("--file=+3:/a", "--file reads from file descriptor 0, or 3 and above, got '+3'"),
        new Row("--file=99999:/a", "--file reads from file descriptor 0, or 3 and above"),
        new Row("--file=3:/a:999", "--file: not a mode: '999'; write one as 0400"),
        new Row("--file=3:/a:4755", "--file: not a mode: '4755'"),
        new Row("--file=3:a", "--file: a is not an absolute path of the jail"),
        new Row("--tmpfs=/a/../b", "--tmpfs: cannot mount on /a/../b; write a path below / without ., .."),
        new Row("--tmpfs=/a//b", "--tmpfs: cannot mount on /a//b"),
        new Row("--tmpfs=/a:uid=0", "--tmpfs has no option 'uid=0'; there are size=, mode=, nr_inodes=, nr_blocks="),
        new Row("--tmpfs=/a:size", "--tmpfs size needs a value, as in size=64m"),
        new Row("--tmpfs=/a:size=", "--tmpfs size needs a value"),
        new Row("--inaccessible=x", "--inaccessible: x is not an absolute path"),
        new Row("--chdir=tmp", "--chdir takes an absolute path of the jail, got tmp"),
        new Row("--directory=", "-D needs a folder"),
        new Row("-E=x", "-E takes KEY or KEY=VALUE, got '=x'"),
        new Row("--hostname=a b", "--hostname takes 1 to 64 letters, digits, dots and dashes, got 'a b'"),
        new Row("--hostname=" + "a".repeat(65), "--hostname takes 1 to 64 letters"),
        new Row("--timeout=0", "not a duration: '0'"),
        new Row("--capability=SYS_ADMN", "there is no capability 'SYS_ADMN'"),
        new Row("--system-call-filter=~execve", "the policy denies execve, by which the program itself is started"))) {
      assertThatThrownBy(() -> spec(row.option)).as(row.option).isInstanceOf(CommandException.class)
          .hasMessageStartingWith(row.message);
    }
    assertThatThrownBy(() -> spec("--tmpfs=/a", "--inaccessible=/a/")).hasMessage("two mounts on /a; leave one out");
    assertThatThrownBy(() -> spec("-D", "/a", "--volatile", "--read-only"))
        .hasMessage("--volatile lets the root be changed, --read-only does not; leave one out");
    assertThatThrownBy(() -> spec("-D", "/a", "--volatile=yes", "--read-only"))
        .hasMessageStartingWith("--volatile lets the root be changed");
    assertThatThrownBy(() -> spec("--file=3:/a", "--file", "3:/b"))
        .hasMessage("two files of descriptor 3; a descriptor can be read once");
    assertThatThrownBy(() -> spec("--as-pid1", "--as-pid2"))
        .hasMessage("--as-pid1 and --as-pid2 exclude each other; leave one out");
  }

  @Test
  void filesOfThePolicyComeInTheOrderOfTheTreeAndGiveWayToOptions() throws CommandException {
    var policy = List.of(new Mount.Content("/a/b/c", new byte[1], 0444), new Mount.Content("/d", new byte[0], 0400));
    var words = List.of("--tmpfs=/a", "--file=3:/x", "--bind-ro=/e:/a/b/c/", "--inaccessible=/d/z");
    FileSystem files = FileSystemOptions.read(Arguments.parse(JailOptions.all(), words), policy);
    assertThat(files.mounts()).extracting(Mount::target).containsExactly("/a", "/x", "/a/b/c", "/d", "/d/z");
    assertThat(files.mounts().get(2)).isInstanceOf(Mount.Bind.class);
    assertThat(files.mounts().get(3)).isEqualTo(policy.getLast());
  }

  @Test
  void volatileTakesNspawnsWordsBehindAnEqualsSignOnly() throws CommandException {
    var modes = new LinkedHashMap<String, FileSystem.RootMode>();
    modes.put("--volatile", FileSystem.RootMode.VOLATILE);
    modes.put("--volatile=overlay", FileSystem.RootMode.VOLATILE);
    modes.put("--volatile=state", FileSystem.RootMode.READ_ONLY);
    modes.put("--volatile=yes", FileSystem.RootMode.USR_ALONE);
    modes.put("--volatile=no", FileSystem.RootMode.WRITABLE);
    for (var mode : modes.entrySet()) {
      Arguments arguments = Arguments.parse(JailOptions.all(), List.of("-D", "/a", mode.getKey(), "state", "x"));
      assertThat(arguments.rest()).containsExactly("state", "x");
      assertThat(FileSystemOptions.read(arguments, List.of()).rootMode()).as(mode.getKey()).isEqualTo(mode.getValue());
    }
    FileSystem state = FileSystemOptions.read(
        Arguments.parse(JailOptions.all(), List.of("-D", "/a", "--volatile=state", "--bind=/b:/var/b")), List.of());
    assertThat(state.mounts()).extracting(Mount::target).containsExactly("/var", "/var/b");
  }
}
