package dev.warder.cli;

import dev.warder.jail.Landlock;
import dev.warder.jail.Network;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.Options;

/// The options that say what a jail has for a network.
record NetworkOptions(Arguments arguments) {
  private static final int NAME_BYTES = 255;
  private static final int MAX_PID = 1 << 22;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_PORTS = 64;

  /// A port is shown to nobody but the host itself unless told otherwise.
  private static final String LOOPBACK = "127.0.0.1";

  static void addTo(Options options) {
    Arguments.value(options, "network", "none|host|pasta|slirp4netns|ns:NAME|pid:N");
    Arguments.value(options, "network-namespace-path", "PATH");
    Arguments.value(options, "p", "port", "[tcp:|udp:][ADDRESS/]PORT[:JAIL-PORT]");
    Arguments.value(options, "landlock", "auto|require|off");
  }

  Network network() throws CommandException {
    Network network = chosen();
    List<Network.Port> ports = ports();
    if (ports.isEmpty()) {
      return network;
    }
    if (network instanceof Network.UserMode user && user.helper() == Network.Helper.PASTA) {
      return new Network.UserMode(user.helper(), ports);
    }
    throw new CommandException("--port is for --network pasta");
  }

  private Network chosen() throws CommandException {
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
    for (Network.Helper helper : Network.Helper.values()) {
      if (network.equals(helper.program())) {
        return new Network.UserMode(helper, List.of());
      }
    }
    if (network.startsWith("ns:")) {
      return new Network.Existing("/run/netns/" + name(network.substring("ns:".length())));
    }
    if (network.startsWith("pid:")) {
      int process = Values.whole("--network pid:", network.substring("pid:".length()), 1, MAX_PID);
      return new Network.Existing("/proc/" + process + "/ns/net");
    }
    throw new CommandException(
        "--network is none, host, pasta, slirp4netns, ns:NAME (as ip netns lists them) or pid:N, got '" + network + "'");
  }

  private static String name(String name) throws CommandException {
    if (name.isEmpty() || name.length() > NAME_BYTES || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
      throw new CommandException("--network ns: takes a name as ip netns lists them, got '" + name
          + "'; for a path: --network-namespace-path PATH");
    }
    return name;
  }

  private List<Network.Port> ports() throws CommandException {
    var ports = new ArrayList<Network.Port>();
    for (String text : arguments.values("port")) {
      Network.Port port = port(text);
      for (Network.Port other : ports) {
        if (other.udp() == port.udp() && other.outside() == port.outside() && other.address().equals(port.address())) {
          throw new CommandException("--port: two of " + port.address() + "/" + port.outside() + "; leave one out");
        }
      }
      ports.add(port);
    }
    if (ports.size() > MAX_PORTS) {
      throw new CommandException("--port: " + ports.size() + " of them; there may be " + MAX_PORTS);
    }
    return ports;
  }

  private static Network.Port port(String text) throws CommandException {
    boolean udp = text.startsWith("udp:");
    String rest = udp || text.startsWith("tcp:") ? text.substring("udp:".length()) : text;
    int slash = rest.lastIndexOf('/');
    String address = slash < 0 ? LOOPBACK : address(rest.substring(0, slash));
    String numbers = rest.substring(slash + 1);
    int colon = numbers.indexOf(':');
    int outside = Values.whole("--port", colon < 0 ? numbers : numbers.substring(0, colon), 1, MAX_PORT);
    int inside = colon < 0 ? outside : Values.whole("--port", numbers.substring(colon + 1), 1, MAX_PORT);
    return new Network.Port(udp, address, outside, inside);
  }

  private static String address(String text) throws CommandException {
    try {
      return InetAddress.ofLiteral(text).getHostAddress();
    } catch (IllegalArgumentException e) {
      throw new CommandException("--port: not an address: '" + text + "'; write 0.0.0.0/8080:80 or ::1/8080:80");
    }
  }

  Landlock landlock() throws CommandException {
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
    return Landlock.REQUIRE;
  }
}
