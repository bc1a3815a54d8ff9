package dev.warder.cli;

import dev.warder.jail.GroupLimit;
import dev.warder.jail.Limit;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Numbers with units, as people write them.
final class Values {
  private static final int MAX_LENGTH = 24;
  private static final long MIN_MEMORY_BYTES = 1L << 20;

  /// The kernel's PID_MAX_LIMIT.
  private static final int MAX_PIDS = 4_194_304;

  /// More than any kernel is built for.
  private static final int MAX_CPUS = 8192;

  /// From 1 on.
  private static final List<String> SIGNALS = List.of(
      "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
      "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
      "PWR", "SYS");

  /// What glibc leaves of the real-time signals.
  private static final int RTMIN = 34;
  private static final int RTMAX = 64;

  private Values() {}

  /// `90`, `1.5s`, `500ms`, `2m`, `1h`, `1d`; seconds without a unit; above zero.
  static Duration duration(String text) throws CommandException {
    int unitAt = text.length();
    while (unitAt > 0 && Character.isLetter(text.charAt(unitAt - 1))) {
      unitAt--;
    }
    String scale = switch (text.substring(unitAt)) {
      case "ms" -> "0.001";
      case "", "s", "sec" -> "1";
      case "m", "min" -> "60";
      case "h" -> "3600";
      case "d" -> "86400";
      default -> null;
    };
    try {
      if (scale != null && text.length() <= MAX_LENGTH && isDecimal(text, unitAt)) {
        BigDecimal nanos = new BigDecimal(text.substring(0, unitAt)).multiply(new BigDecimal(scale)).movePointRight(9);
        long value = nanos.longValue();
        if (nanos.signum() > 0 && value > 0 && nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0) {
          return Duration.ofNanos(value);
        }
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new CommandException("not a duration: '" + text + "'; write one as 30s, 500ms, 2m or 1h");
  }

  /// Without sign and exponent, so that a short text is no huge number.
  private static boolean isDecimal(String text, int to) {
    for (int i = 0; i < to; i++) {
      char c = text.charAt(i);
      if (c != '.' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }

  /// `NOFILE=1024:4096`, `RLIMIT_AS=1G`, `CORE=0`, `STACK=unlimited`.
  static Limit limit(String text) throws CommandException {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new CommandException("--rlimit takes NAME=SOFT or NAME=SOFT:HARD, got '" + text + "'");
    }
    Limit.Resource resource = resource(text.substring(0, equals));
    String values = text.substring(equals + 1);
    int colon = values.indexOf(':');
    long soft = amount(colon < 0 ? values : values.substring(0, colon));
    long hard = colon < 0 ? hardFor(resource, soft) : amount(values.substring(colon + 1));
    if (Long.compareUnsigned(soft, hard) > 0) {
      throw new CommandException("--rlimit " + text + ": the soft limit is above the hard one");
    }
    return new Limit(resource, soft, hard);
  }

  /// At a hard limit of processor time the kernel sends SIGKILL, which tells nobody why; a second earlier, SIGXCPU does.
  private static long hardFor(Limit.Resource resource, long soft) {
    return resource == Limit.Resource.CPU && soft != Limit.UNLIMITED && soft < Long.MAX_VALUE ? soft + 1 : soft;
  }

  private static Limit.Resource resource(String text) throws CommandException {
    String name = text.toUpperCase(Locale.ROOT);
    if (name.startsWith("RLIMIT_")) {
      name = name.substring("RLIMIT_".length());
    }
    var names = new StringBuilder();
    for (Limit.Resource resource : Limit.Resource.values()) {
      if (resource.name().equals(name)) {
        return resource;
      }
      names.append(names.isEmpty() ? "" : ", ").append(resource.name());
    }
    throw new CommandException("--rlimit: there is no limit '" + text + "'; there are " + names);
  }

  private static long amount(String text) throws CommandException {
    if (text.equals("unlimited") || text.equals("infinity")) {
      return Limit.UNLIMITED;
    }
    long value = count(text);
    if (value < 0) {
      throw new CommandException("--rlimit: not a number: '" + text + "'; write 1024, 64M, 2G or unlimited");
    }
    return value;
  }

  /// Bytes for a control group; with less than the least not even process 1 can start.
  static long memory(String text) throws CommandException {
    long bytes = count(text);
    if (bytes < MIN_MEMORY_BYTES) {
      throw new CommandException("--memory takes a size from 1M on, got '" + text + "'; write 64M, 1500K or 2G");
    }
    return bytes;
  }

  /// Bytes, or [GroupLimit#UNBOUNDED].
  static long swap(String text) throws CommandException {
    if (text.equals("infinity") || text.equals("max")) {
      return GroupLimit.UNBOUNDED;
    }
    long bytes = count(text);
    if (bytes < 0) {
      throw new CommandException("--swap takes a size or infinity, got '" + text + "'; write 0, 64M or 2G");
    }
    return bytes;
  }

  static long pids(String text) throws CommandException {
    long count = count(text);
    if (count < 1 || count > MAX_PIDS) {
      throw new CommandException("--pids takes a number of processes from 1 to " + MAX_PIDS + ", got '" + text + "'");
    }
    return count;
  }

  /// Microseconds in each period.
  static long cpus(String text) throws CommandException {
    if (text.length() <= MAX_LENGTH && isDecimal(text, text.length())) {
      try {
        BigDecimal micros = new BigDecimal(text).multiply(BigDecimal.valueOf(GroupLimit.PERIOD_MICROS));
        if (micros.compareTo(BigDecimal.valueOf(GroupLimit.MIN_CPU_MICROS)) >= 0
            && micros.compareTo(BigDecimal.valueOf((long) MAX_CPUS * GroupLimit.PERIOD_MICROS)) <= 0) {
          return micros.longValue();
        }
      } catch (NumberFormatException e) {
        // told below
      }
    }
    throw new CommandException("--cpus takes a number of processors from 0.01 to " + MAX_CPUS + ", got '" + text
        + "'; write 0.5 or 2");
  }

  /// `1024`, `64K`, `64M`, `2G`, `1T`, or -1 if it is none of these.
  static long count(String text) {
    int shift = text.isEmpty() ? -1 : switch (text.charAt(text.length() - 1)) {
      case 'k', 'K' -> 10;
      case 'm', 'M' -> 20;
      case 'g', 'G' -> 30;
      case 't', 'T' -> 40;
      default -> 0;
    };
    try {
      if (shift >= 0 && text.length() <= MAX_LENGTH) {
        long value = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
        if (value >= 0 && value <= Long.MAX_VALUE >> shift) {
          return value << shift;
        }
      }
    } catch (NumberFormatException e) {
      // told below
    }
    return -1;
  }

  /// A decimal number.
  static int whole(String option, String text, int least, int most) throws CommandException {
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return (int) value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new CommandException(option + " takes a number from " + least + " to " + most + ", got '" + text + "'");
  }

  /// The number of `TERM`, `SIGTERM`, `15`, `RTMIN+3` or `RTMAX-1`, as signal(7) has it on most architectures.
  static int signal(String text) throws CommandException {
    String name = text.toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring("SIG".length());
    }
    for (int i = 0; i < SIGNALS.size(); i++) {
      if (SIGNALS.get(i).equals(name)) {
        return i + 1;
      }
    }
    try {
      int number = name.startsWith("RTMIN") ? RTMIN + offset(name) : name.startsWith("RTMAX") ? RTMAX + offset(name)
          : Integer.parseInt(name);
      boolean known = number >= 1 && number <= SIGNALS.size() || number >= RTMIN && number <= RTMAX;
      if (known) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new CommandException("there is no signal '" + text + "'; kill -l lists them, as in TERM, INT or RTMIN+3");
  }

  private static int offset(String realTimeName) {
    String offset = realTimeName.substring("RTMIN".length());
    return offset.isEmpty() ? 0 : Integer.parseInt(offset);
  }
}
