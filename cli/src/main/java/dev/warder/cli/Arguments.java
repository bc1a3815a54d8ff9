package dev.warder.cli;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/// Options of one command, parsed: they end at `--` or at the first word that is none.
final class Arguments {
  private final CommandLine line;
  private final List<String> rest;

  private Arguments(CommandLine line, List<String> rest) {
    this.line = line;
    this.rest = rest;
  }

  static Arguments parse(Options options, List<String> words) throws CommandException {
    for (String word : words) {
      if (word.indexOf('\uFFFD') >= 0) {
        throw new CommandException("an argument is not valid UTF-8: " + word);
      }
    }
    try {
      var parser = DefaultParser.builder().setAllowPartialMatching(false).setStripLeadingAndTrailingQuotes(false).get();
      CommandLine line = parser.parse(options, words.toArray(String[]::new), true);
      List<String> rest = line.getArgList();
      refuseUnknown(options, words, rest);
      return new Arguments(line, rest);
    } catch (MissingArgumentException e) {
      throw new CommandException(text(e.getOption()) + " needs a value: " + text(e.getOption()) + " "
          + e.getOption().getArgName());
    } catch (ParseException e) {
      throw new CommandException(e.getMessage());
    }
  }

  /// The parser stops at an unknown option as it does at a command; only after `--` is such a word meant.
  private static void refuseUnknown(Options options, List<String> words, List<String> rest) throws CommandException {
    int first = words.size() - rest.size();
    if (rest.isEmpty() || !rest.getFirst().startsWith("-") || rest.getFirst().equals("-")
        || first > 0 && words.get(first - 1).equals("--")) {
      return;
    }
    String wrong = rest.getFirst();
    int equals = wrong.indexOf('=');
    String name = equals < 0 ? wrong : wrong.substring(0, equals);
    for (Option option : options.getOptions()) {
      if (option.getLongOpt() != null && ("--" + option.getLongOpt()).equals(name)) {
        throw new CommandException(name + " takes no value");
      }
    }
    String nearest = nearest(options, name);
    throw new CommandException("there is no option " + name
        + (nearest == null ? "" : "; did you mean " + nearest + "?") + " See warder --help");
  }

  private static String nearest(Options options, String name) {
    String best = null;
    int least = 3;
    for (Option option : options.getOptions()) {
      if (option.getLongOpt() != null) {
        int distance = distance(name, "--" + option.getLongOpt());
        if (distance < least) {
          least = distance;
          best = "--" + option.getLongOpt();
        }
      }
    }
    return best;
  }

  /// Levenshtein distance.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static String text(Option option) {
    return option.getLongOpt() == null ? "-" + option.getOpt() : "--" + option.getLongOpt();
  }

  /// Words behind the options.
  List<String> rest() {
    return rest;
  }

  boolean has(String option) {
    return line.hasOption(option);
  }

  /// The last value given, or null.
  String value(String option) {
    String[] values = line.getOptionValues(option);
    return values == null ? null : values[values.length - 1];
  }

  /// All values given, in order.
  List<String> values(String option) {
    String[] values = line.getOptionValues(option);
    return values == null ? List.of() : List.of(values);
  }

  /// The options given, in order, each with one value at most.
  Option[] inOrder() {
    return line.getOptions();
  }

  static void flag(Options options, String name) {
    options.addOption(Option.builder().longOpt(name).get());
  }

  static void value(Options options, String name, String argument) {
    options.addOption(Option.builder().longOpt(name).hasArg().argName(argument).get());
  }

  static void value(Options options, String shortName, String name, String argument) {
    options.addOption(Option.builder(shortName).longOpt(name).hasArg().argName(argument).get());
  }
}
