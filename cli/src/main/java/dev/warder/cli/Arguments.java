package dev.warder.cli;

import dev.warder.catalog.Suggestions;
import java.util.ArrayList;
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

  /// The same for a command that runs no other: its options may stand behind its words, too.
  static Arguments anywhere(Options options, List<String> words) throws CommandException {
    var ordered = new ArrayList<String>();
    var others = new ArrayList<String>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--")) {
        others.addAll(words.subList(i + 1, words.size()));
        break;
      }
      boolean isOption = word.length() > 1 && word.charAt(0) == '-';
      (isOption ? ordered : others).add(word);
      if (isOption && i + 1 < words.size() && takesNext(options, word)) {
        ordered.add(words.get(++i));
      }
    }
    ordered.add("--");
    ordered.addAll(others);
    return parse(options, ordered);
  }

  private static boolean takesNext(Options options, String word) {
    boolean isLong = word.startsWith("--");
    Option option = options.getOption(isLong ? word : word.substring(1, 2));
    return option != null && option.hasArg() && (isLong || word.length() == 2);
  }

  static Arguments parse(Options options, List<String> words) throws CommandException {
    for (String word : words) {
      if (word.indexOf('\uFFFD') >= 0) {
        throw new CommandException("an argument is not valid UTF-8: " + word);
      }
    }
    try {
      var parser = DefaultParser.builder().setAllowPartialMatching(false).setStripLeadingAndTrailingQuotes(false).get();
      CommandLine line = parser.parse(options, spelled(options, words).toArray(String[]::new), true);
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
    throw unknown(options, name);
  }

  private static CommandException unknown(Options options, String name) {
    var names = new ArrayList<String>();
    for (Option option : options.getOptions()) {
      if (option.getLongOpt() != null) {
        names.add("--" + option.getLongOpt());
      }
    }
    List<String> nearest = Suggestions.nearest(name, names);
    return new CommandException("there is no option " + name + "; "
        + (nearest.isEmpty() ? "see warder --help" : "did you mean " + nearest.getFirst() + "?"));
  }

  /// The options in the spellings that the front script reads too: the parser would also take `-network` for
  /// `--network` and `-vu` for `-v -u`, and would not take `-EKEY=VALUE`.
  private static List<String> spelled(Options options, List<String> words) throws CommandException {
    var spelled = new ArrayList<>(words);
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.length() < 2 || word.charAt(0) != '-' || word.equals("--")) {
        break;
      }
      boolean isLong = word.startsWith("--");
      Option option = options.getOption(isLong ? word : word.substring(1, 2));
      if (option == null && !isLong) {
        throw unknown(options, word);
      }
      if (!isLong && word.length() > 2) {
        if (!option.hasArg()) {
          throw new CommandException(word + ": give -" + option.getOpt() + " as a word of its own");
        }
        spelled.set(i, "--" + option.getLongOpt() + "=" + word.substring(2));
      } else if (option != null && option.hasOptionalArg()) {
        if (word.indexOf('=') < 0) {
          spelled.set(i, word + "=" + option.getDescription());     // else the next word would be taken for it
        }
      } else if (option != null && option.hasArg()) {
        i++;                                      // its value
      }
    }
    return spelled;
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

  static void flag(Options options, String shortName, String name) {
    options.addOption(Option.builder(shortName).longOpt(name).get());
  }

  /// An option that stands for itself with a certain value where none is given behind an equals sign.
  static void optionalValue(Options options, String name, String argument, String otherwise) {
    options.addOption(Option.builder().longOpt(name).optionalArg(true).numberOfArgs(1).argName(argument).desc(otherwise).get());
  }

  static void value(Options options, String name, String argument) {
    options.addOption(Option.builder().longOpt(name).hasArg().argName(argument).get());
  }

  static void value(Options options, String shortName, String name, String argument) {
    options.addOption(Option.builder(shortName).longOpt(name).hasArg().argName(argument).get());
  }
}
