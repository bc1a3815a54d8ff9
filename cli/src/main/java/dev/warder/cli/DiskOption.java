package dev.warder.cli;

import dev.warder.jail.GroupLimit;
import dev.warder.jail.GroupLimit.Rate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `--io PATH:rbps=SIZE,wbps=SIZE,riops=N,wiops=N`: how much the jail may read from and write to a disk in a second.
final class DiskOption {
  /// Each is compared with those before.
  private static final int MAX_DISKS = 32;

  private static final String USE = "--io takes PATH:rbps=SIZE,wbps=SIZE,riops=N,wiops=N or some of these, got '";

  private DiskOption() {}

  static List<GroupLimit> of(Arguments arguments) throws CommandException {
    var limits = new ArrayList<GroupLimit>();
    for (String value : arguments.values("io")) {
      limits.add(disk(value));
    }
    if (limits.size() > MAX_DISKS) {
      throw new CommandException("--io is given " + limits.size() + " times; up to " + MAX_DISKS + " disks can be bounded");
    }
    return limits;
  }

  /// The last colon ends the path: rates have none, and the names of disks do.
  static GroupLimit.Disk disk(String value) throws CommandException {
    int colon = value.lastIndexOf(':');
    if (colon < 1) {
      throw new CommandException(USE + value + "'");
    }
    var rates = new ArrayList<Rate>();
    for (String word : value.substring(colon + 1).split(",", -1)) {
      Rate rate = rate(word, value);
      for (Rate earlier : rates) {
        if (earlier.kind() == rate.kind()) {
          throw new CommandException("--io " + value + ": two of " + rate.kind().key() + "; leave one out");
        }
      }
      rates.add(rate);
    }
    return new GroupLimit.Disk(Path.of("").toAbsolutePath().resolve(value.substring(0, colon)).toString(), rates);
  }

  private static Rate rate(String word, String value) throws CommandException {
    int equals = word.indexOf('=');
    for (Rate.Kind kind : Rate.Kind.values()) {
      if (equals > 0 && kind.key().equals(word.substring(0, equals))) {
        return new Rate(kind, amount(kind, word.substring(equals + 1)));
      }
    }
    throw new CommandException(USE + value + "'");
  }

  private static long amount(Rate.Kind kind, String text) throws CommandException {
    long amount = Values.count(text);
    if (amount < Rate.LEAST || !kind.ofBytes() && amount > Rate.MOST_OPERATIONS) {
      throw new CommandException("--io: " + kind.key() + " takes " + (kind.ofBytes() ? "bytes" : "operations")
          + " a second, from " + Rate.LEAST + " on, got '" + text + "'; write 500, 64K or 10M");
    }
    return amount;
  }
}
