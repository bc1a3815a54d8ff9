package dev.warder.cli;

import dev.warder.jail.Landlock;
import dev.warder.jail.Network;
import java.nio.file.Path;
import org.apache.commons.cli.Options;

/// The options that say what a jail has for a network.
record NetworkOptions(Arguments arguments) {
  private static final int NAME_BYTES = 255;
  private static final int MAX_PID = 1 << 22;

  static void addTo(Options options) {
    Arguments.value(options, "network", "none|host|ns:NAME|pid:N");
    Arguments.value(options, "network-namespace-path", "PATH");
    Arguments.value(options, "landlock", "auto|require|off");
  }

  Network network() throws CommandException {
    String path = arguments.value("network-namespace-path");
    String network = arguments.value("network");
    if (path == null) {
      return network == null ? Network.NONE : named(network);
    }
    if (network != null) {
      throw new CommandException("--network and --network-namespace-path exclude each other; leave one out");
    }
    if (path.isEmpty()) {
      throw new CommandException("--network-namespace-path needs a path; the one given is empty");
    }
    return new Network.Existing(Path.of("").toAbsolutePath().resolve(path).toString());
  }

  private static Network named(String network) throws CommandException {
    if (network.equals("none")) {
      return Network.NONE;
    }
    if (network.equals("host")) {
      return Network.HOST;
    }
    if (network.startsWith("ns:")) {
      return new Network.Existing("/run/netns/" + name(network.substring("ns:".length())));
    }
    if (network.startsWith("pid:")) {
      int process = Values.whole("--network pid:", network.substring("pid:".length()), 1, MAX_PID);
      return new Network.Existing("/proc/" + process + "/ns/net");
    }
    throw new CommandException("--network is none, host, ns:NAME (as ip netns lists them) or pid:N, got '" + network + "'");
  }

  private static String name(String name) throws CommandException {
    if (name.isEmpty() || name.length() > NAME_BYTES || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
      throw new CommandException("--network ns: takes a name as ip netns lists them, got '" + name
          + "'; for a path: --network-namespace-path PATH");
    }
    return name;
  }

  Landlock landlock(Network network) throws CommandException {
    String landlock = arguments.value("landlock");
    if (landlock == null || landlock.equals("auto")) {
      return Landlock.AUTO;
    }
    if (landlock.equals("off")) {
      return Landlock.OFF;
    }
    if (!landlock.equals("require")) {
      throw new CommandException("--landlock is auto, require or off, got '" + landlock + "'");
    }
    if (!network.isShared()) {
      throw new CommandException(
          "--landlock require is for a shared network, as of --network host: a jail's own has none of the host's sockets");
    }
    return Landlock.REQUIRE;
  }
}
