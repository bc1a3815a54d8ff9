package dev.warder.cli;

import dev.warder.jail.Attribute;
import dev.warder.jail.ClockOffsets;
import dev.warder.jail.ProcessAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.apache.commons.cli.Options;

/// The options that say what the program finds set when it starts.
record ProcessOptions(Arguments arguments) {
  /// The highest that the kernel's `fs.nr_open` can be set to, rounded up.
  private static final int MAX_FILE = 1 << 30;

  private static final int MAX_CPU = 8191;
  private static final int SIGCHLD = 17;
  private static final int SIGSTOP = 19;

  static void addTo(Options options) {
    Arguments.value(options, "keep-fd", "N");
    Arguments.value(options, "kill-signal", "SIGNAL");
    Arguments.value(options, "umask", "MODE");
    Arguments.value(options, "nice", "N");
    Arguments.value(options, "oom-score-adjust", "N");
    Arguments.value(options, "cpu-affinity", "LIST");
    Arguments.value(options, "personality", "x86|x86-64");
    Arguments.value(options, "monotonic", "OFFSET");
    Arguments.value(options, "boottime", "OFFSET");
  }

  ProcessAttributes attributes(List<String> environment, boolean asPid1, boolean ownTerminal) throws CommandException {
    Optional<ClockOffsets> clocks = clocks();
    if (asPid1 && clocks.isPresent()) {
      throw new CommandException("--monotonic and --boottime are for the children of process 1; leave --as-pid1 out");
    }
    return new ProcessAttributes(environment, asPid1, ownTerminal, keptFiles(), killSignal(), umask(), clocks, inherited());
  }

  private List<Integer> keptFiles() throws CommandException {
    var files = new TreeSet<Integer>();
    for (String value : arguments.values("keep-fd")) {
      int file = Values.whole("--keep-fd", value, 0, MAX_FILE);
      if (file <= 2) {
        throw new CommandException("--keep-fd " + file + ": standard input, output and error are kept anyway");
      }
      files.add(file);
    }
    return new ArrayList<>(files);
  }

  /// Some mean something else to the reaper, which is to pass it on.
  private int killSignal() throws CommandException {
    String name = arguments.value("kill-signal");
    int signal = name == null ? ProcessAttributes.SIGTERM : Values.signal(name);
    if (signal == SIGSTOP || signal == SIGCHLD) {
      throw new CommandException("--kill-signal: " + name + " ends nothing; it is one such as TERM, INT, KILL or RTMIN+3");
    }
    return signal;
  }

  private OptionalInt umask() throws CommandException {
    String mode = arguments.value("umask");
    if (mode == null) {
      return OptionalInt.empty();
    }
    if (mode.length() > 4 || !mode.matches("0?[0-7]{1,3}")) {
      throw new CommandException("--umask takes an octal number up to 0777, got '" + mode + "'");
    }
    return OptionalInt.of(Integer.parseInt(mode, 8));
  }

  private Optional<ClockOffsets> clocks() throws CommandException {
    if (!arguments.has("monotonic") && !arguments.has("boottime")) {
      return Optional.empty();
    }
    return Optional.of(new ClockOffsets(offset("monotonic"), offset("boottime")));
  }

  private Duration offset(String option) throws CommandException {
    String text = arguments.value(option);
    if (text == null) {
      return Duration.ZERO;
    }
    boolean back = text.startsWith("-");
    Duration amount = text.equals("0") ? Duration.ZERO : Values.duration(back ? text.substring(1) : text);
    return back ? amount.negated() : amount;
  }

  private List<Attribute> inherited() throws CommandException {
    var attributes = new ArrayList<Attribute>();
    if (arguments.has("nice")) {
      attributes.add(new Attribute.Nice(Values.whole("--nice", arguments.value("nice"), -20, 19)));
    }
    if (arguments.has("oom-score-adjust")) {
      attributes.add(new Attribute.OomScore(
          Values.whole("--oom-score-adjust", arguments.value("oom-score-adjust"), -1000, 1000)));
    }
    if (arguments.has("cpu-affinity")) {
      attributes.add(new Attribute.CpuAffinity(cpus(arguments.value("cpu-affinity"))));
    }
    if (arguments.has("personality")) {
      attributes.add(new Attribute.Personality(personality(arguments.value("personality"))));
    }
    return attributes;
  }

  /// `0-3,5`, or with spaces.
  private static List<Long> cpus(String list) throws CommandException {
    var mask = new ArrayList<Long>();
    for (String range : list.trim().split("[, ]+")) {
      int dash = range.indexOf('-');
      int first = Values.whole("--cpu-affinity", dash < 0 ? range : range.substring(0, dash), 0, MAX_CPU);
      int last = dash < 0 ? first : Values.whole("--cpu-affinity", range.substring(dash + 1), 0, MAX_CPU);
      if (last < first) {
        throw new CommandException("--cpu-affinity: " + range + " ends before it begins");
      }
      for (int cpu = first; cpu <= last; cpu++) {
        while (mask.size() <= cpu / 64) {
          mask.add(0L);
        }
        mask.set(cpu / 64, mask.get(cpu / 64) | 1L << cpu);
      }
    }
    return mask;
  }

  private static long personality(String name) throws CommandException {
    return switch (name) {
      case "x86-64", "x86_64" -> 0;
      case "x86", "i686" -> Attribute.Personality.PER_LINUX32;
      default -> throw new CommandException("--personality is x86 or x86-64, got '" + name + "'");
    };
  }
}
