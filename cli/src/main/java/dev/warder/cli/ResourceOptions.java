package dev.warder.cli;

import dev.warder.jail.Limit;
import dev.warder.jail.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Options;

/// The options that bound a jail.
final class ResourceOptions {
  private ResourceOptions() {}

  static void addTo(Options options) {
    Arguments.value(options, "rlimit", "NAME=SOFT[:HARD]");
    Arguments.value(options, "timeout", "DURATION");
  }

  static Resources of(Arguments arguments) throws CommandException {
    return new Resources(limits(arguments), timeout(arguments));
  }

  private static List<Limit> limits(Arguments arguments) throws CommandException {
    var limits = new ArrayList<Limit>();
    for (String value : arguments.values("rlimit")) {
      limits.add(Values.limit(value));
    }
    return limits;
  }

  private static Optional<Duration> timeout(Arguments arguments) throws CommandException {
    String timeout = arguments.value("timeout");
    return timeout == null ? Optional.empty() : Optional.of(Values.duration(timeout));
  }
}
