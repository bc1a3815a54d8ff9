package dev.warder.jail;

import java.util.ArrayList;
import java.util.List;

/// What a jail has for a network.
public sealed interface Network {
  /// A loopback device of its own and nothing else.
  Network NONE = new None();

  /// The caller's.
  Network HOST = new Host();

  record None() implements Network {}

  record Host() implements Network {}

  /// A network namespace that is there already.
  ///
  /// @param path absolute, of a file such as ip-netns(8) makes or `/proc/PID/ns/net` is
  record Existing(String path) implements Network {
    public Existing {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("not an absolute path: " + path);
      }
    }
  }

  /// A namespace of its own, connected to the caller's by a program in user space.
  record UserMode(Helper helper, List<Port> ports) implements Network {
    public UserMode {
      ports = List.copyOf(ports);
      if (helper != Helper.PASTA && !ports.isEmpty()) {
        throw new IllegalArgumentException("ports, which " + helper.program() + " is not asked for");
      }
    }

    /// What is executed. Its standard input is the network namespace, its standard output the user namespace, and it tells
    /// that it is ready by a line on standard error, or file 3, that begins with a digit.
    ///
    /// No port of the host's loopback is reached, none of the jail's is shown but those listed, and names are resolved by
    /// the caller's resolver, also where that is on the loopback.
    public List<String> command() {
      if (helper == Helper.SLIRP4NETNS) {
        return List.of(helper.path(), "--configure", "--mtu=65520", "--disable-host-loopback", "--enable-seccomp",
            "--netns-type=path", "--userns-path=/proc/self/fd/1", "--ready-fd=3", "/proc/self/fd/0", "tap0");
      }
      var words = new ArrayList<>(List.of(helper.path(), "--foreground", "--quiet", "--config-net", "--no-map-gw",
          "--no-netns-quit", "--dns-forward", helper.resolver(), "-T", "none", "-U", "none"));
      forward(words, "-t", false);
      forward(words, "-u", true);
      words.addAll(List.of("--pid", "/proc/self/fd/2", "--userns", "/proc/self/fd/1", "--netns", "/proc/self/fd/0"));
      return words;
    }

    private void forward(List<String> words, String option, boolean udp) {
      int before = words.size();
      for (Port port : ports) {
        if (port.udp() == udp) {
          words.addAll(List.of(option, port.address() + "/" + port.outside() + ":" + port.inside()));
        }
      }
      if (words.size() == before) {
        words.addAll(List.of(option, "none"));
      }
    }
  }

  /// A port of the host's that is one of the jail's.
  ///
  /// @param address an IPv4 or IPv6 address of the host's, to listen at
  /// @param outside from 1 to 65535, on the host
  /// @param inside from 1 to 65535, in the jail
  record Port(boolean udp, String address, int outside, int inside) {}

  /// A program that connects networks.
  enum Helper {
    PASTA("pasta", "169.254.1.1", "passt"),
    SLIRP4NETNS("slirp4netns", "10.0.2.3", "slirp4netns");

    private final String program;
    private final String resolver;
    private final String debianPackage;

    Helper(String program, String resolver, String debianPackage) {
      this.program = program;
      this.resolver = resolver;
      this.debianPackage = debianPackage;
    }

    public String program() {
      return program;
    }

    /// The one place where it is looked for.
    public String path() {
      return "/usr/bin/" + program;
    }

    /// Address in the jail's network that answers for the caller's resolver.
    public String resolver() {
      return resolver;
    }

    public String debianPackage() {
      return debianPackage;
    }
  }

  /// Whether others have it too, and with it the abstract sockets made there.
  default boolean isShared() {
    return this instanceof Host || this instanceof Existing;
  }
}
