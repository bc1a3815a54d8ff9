package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.filter.Filter;
import dev.warder.jail.JailSpec;
import dev.warder.jail.Mount;
import dev.warder.jail.Network;
import dev.warder.jail.Origin;
import dev.warder.jail.Privileges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.cli.Options;

/// The options that describe a jail.
final class JailOptions {
  private static final int HOSTNAME_BYTES = 64;

  private final Arguments arguments;
  private List<Origin.Stamp> included = List.of();

  JailOptions(Arguments arguments) {
    this.arguments = arguments;
  }

  static Options all() {
    var options = new Options();
    PolicyOptions.addTo(options);
    FileSystemOptions.addTo(options);
    PrivilegeOptions.addTo(options);
    Arguments.value(options, "E", "setenv", "KEY[=VALUE]");
    Arguments.value(options, "hostname", "NAME");
    NetworkOptions.addTo(options);
    ResourceOptions.addTo(options);
    Arguments.value(options, "console", "autopipe|pipe");
    Arguments.flag(options, "as-pid1");
    Arguments.flag(options, "as-pid2");
    ProcessOptions.addTo(options);
    return options;
  }

  /// @param command the program and its first arguments; empty for an image that is told at start
  static JailSpec spec(Arguments arguments, List<String> command) throws CommandException {
    return new JailOptions(arguments).spec(command);
  }

  /// What was looked at of the files that the policy of the jail names, each before it was read.
  List<Origin.Stamp> included() {
    return included;
  }

  /// @param command the program and its first arguments; empty for an image that is told at start
  JailSpec spec(List<String> command) throws CommandException {
    Optional<Filter> ready = ReadyFilters.find(arguments);
    Optional<Filter> raw = arguments.has("policy") ? RawFilter.find(arguments) : Optional.empty();
    if (raw.isPresent()) {
      return spec(RawFilter.forJail(arguments.value("policy"), raw.get(), Arch.X86_64), PolicyOptions.kept(arguments),
          List.of(), command);
    }
    if (ready.isPresent()) {
      return spec(ready.get(), Set.of(), List.of(), command);
    }
    PolicyOptions policy = PolicyOptions.of(arguments);
    included = policy.included();
    return spec(policy.filter(Arch.X86_64), policy.kept(), policy.files(), command);
  }

  private JailSpec spec(Filter filter, Set<Capability> kept, List<Mount.Content> files, List<String> command)
      throws CommandException {
    var networkOptions = new NetworkOptions(arguments);
    Network network = networkOptions.network();
    Privileges privileges = new PrivilegeOptions(arguments).privileges(kept);
    if (network instanceof Network.UserMode user && !privileges.userNamespace()) {
      throw new CommandException("--network " + user.helper().program() + " takes a user namespace, by which its helper has a "
          + "right to the jail's network; leave --private-users=no out, or make a network as root and give --network ns:NAME");
    }
    return new JailSpec(
        FileSystemOptions.read(arguments, files),
        privileges,
        new ProcessOptions(arguments).attributes(environment(), asPid1(), ownTerminal()),
        hostname(),
        network,
        networkOptions.landlock(),
        ResourceOptions.of(arguments),
        filter,
        Origin.NONE,
        command);
  }

  private boolean asPid1() throws CommandException {
    if (arguments.has("as-pid1") && arguments.has("as-pid2")) {
      throw new CommandException("--as-pid1 and --as-pid2 exclude each other; leave one out");
    }
    return arguments.has("as-pid1");
  }

  private boolean ownTerminal() throws CommandException {
    String console = arguments.value("console");
    if (console == null || console.equals("autopipe")) {
      return true;
    }
    if (console.equals("pipe")) {
      return false;
    }
    throw new CommandException("--console is autopipe or pipe, got '" + console
        + "'; autopipe gives the jail a terminal of its own where you sit at one");
  }

  private List<String> environment() throws CommandException {
    for (String setting : arguments.values("setenv")) {
      if (setting.isEmpty() || setting.startsWith("=") || setting.startsWith("-")) {
        throw new CommandException("-E takes KEY or KEY=VALUE, got '" + setting + "'");
      }
    }
    return arguments.values("setenv");
  }

  private String hostname() throws CommandException {
    String hostname = arguments.value("hostname");
    if (hostname == null) {
      return "warder";
    }
    if (hostname.isEmpty() || hostname.length() > HOSTNAME_BYTES || !isHostname(hostname)) {
      throw new CommandException("--hostname takes 1 to 64 letters, digits, dots and dashes, got '" + hostname + "'");
    }
    return hostname;
  }

  private static boolean isHostname(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && "._-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}
