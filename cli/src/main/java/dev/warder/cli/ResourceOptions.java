package dev.warder.cli;

import dev.warder.jail.GroupLimit;
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
    Arguments.value(options, "memory", "SIZE");
    Arguments.value(options, "swap", "SIZE");
    Arguments.value(options, "pids", "N");
    Arguments.value(options, "cpus", "N");
    Arguments.value(options, "io", "PATH:KEY=RATE[,KEY=RATE...]");
    Arguments.value(options, "timeout", "DURATION");
    Arguments.value(options, "stats", "FILE");
  }

  static Resources of(Arguments arguments) throws CommandException {
    return new Resources(limits(arguments), groupLimits(arguments), timeout(arguments),
        Optional.ofNullable(arguments.value("stats")));
  }

  private static List<Limit> limits(Arguments arguments) throws CommandException {
    var limits = new ArrayList<Limit>();
    for (String value : arguments.values("rlimit")) {
      limits.add(Values.limit(value));
    }
    return limits;
  }

  /// In the order of [GroupLimit.Controller].
  private static List<GroupLimit> groupLimits(Arguments arguments) throws CommandException {
    var limits = new ArrayList<GroupLimit>();
    if (arguments.has("memory")) {
      long swap = arguments.has("swap") ? Values.swap(arguments.value("swap")) : 0;
      limits.add(new GroupLimit.Memory(Values.memory(arguments.value("memory")), swap));
    } else if (arguments.has("swap")) {
      throw new CommandException("--swap is what the jail may have beyond --memory; give that too, as in --memory 64M");
    }
    if (arguments.has("pids")) {
      // Process 1 is none of the program's; --as-pid1 makes it so.
      long own = arguments.has("as-pid1") ? 0 : 1;
      limits.add(new GroupLimit.Pids(own + Values.pids(arguments.value("pids"))));
    }
    if (arguments.has("cpus")) {
      limits.add(new GroupLimit.Cpu(Values.cpus(arguments.value("cpus"))));
    }
    if (arguments.has("io")) {
      limits.addAll(DiskOption.of(arguments));
    }
    return limits;
  }

  private static Optional<Duration> timeout(Arguments arguments) throws CommandException {
    String timeout = arguments.value("timeout");
    return timeout == null ? Optional.empty() : Optional.of(Values.duration(timeout));
  }
}
