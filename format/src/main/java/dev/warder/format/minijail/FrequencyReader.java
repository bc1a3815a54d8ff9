package dev.warder.format.minijail;

import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Policy;
import java.util.Map;
import java.util.Optional;

/// Reads a file that `@frequency` names: a call and how often a program makes it in each line, `read: 120`.
///
/// A line for one architecture, `read[arch=arm64]: 120`, counts for all.
///
/// Source: `_parse_frequency_file` in `tools/parser.py` of minijail, 0d443e792ae9.
final class FrequencyReader {
  private final Reading reading;
  private final Map<String, Long> frequencies;
  private Tokens tokens;

  /// @param frequencies by call; takes what the file says, added to what it has
  FrequencyReader(Reading reading, Map<String, Long> frequencies) {
    this.reading = reading;
    this.frequencies = frequencies;
  }

  void read() {
    for (int line = 1; line <= reading.file().lines() && !reading.hopeless(); line = tokens.lastLine + 1) {
      tokens = new Tokens(reading, line);
      if (!tokens.atEnd()) {
        line();
      }
    }
  }

  private void line() {
    if (!tokens.atWord()) {
      tokens.missing("the name of a call");
      return;
    }
    Position place = tokens.place();
    String name = tokens.next();
    if (tokens.skip("[")) {
      while (!tokens.atEnd() && !tokens.skip("]")) {
        tokens.next();
      }
    }
    if (!tokens.expect(":")) {
      return;
    }
    Optional<Long> count = ArgumentParser.number(tokens.text());
    if (count.isEmpty() || count.get() < 0 || count.get() > Policy.MOST_FREQUENT) {
      tokens.missing("a number from 0 to " + Policy.MOST_FREQUENT);
      return;
    }
    tokens.next();
    if (!tokens.atEnd()) {
      tokens.missing("the end of the line");
    } else if (!Catalog.get().knows(name) && !Catalog.get().foreign().contains(name)) {
      reading.lose("unknown-syscall", place, "no system call named '" + name + "', so how often it is made is left out",
          false);
    } else {
      frequencies.merge(name, count.get(), (a, b) -> Math.min(Policy.MOST_FREQUENT, a + b));
    }
  }
}
