package dev.warder.format.systemd;

import dev.warder.catalog.Suggestions;
import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import java.util.ArrayList;
import java.util.List;

/// Cuts a unit file into settings.
///
/// What systemd leaves out with a warning is an error here: it may be a filter that is not in force.
///
/// Source: systemd.syntax(7), systemd 252.
final class UnitFile {
  /// Sections whose settings can restrict calls: of the unit types that run programs, and of `.nspawn` files.
  static final List<String> OF_UNITS = List.of("Service", "Socket", "Mount", "Swap");
  static final String OF_NSPAWN = "Exec";

  private static final List<String> SECTIONS = List.of(
      "Service", "Socket", "Mount", "Swap", "Exec", "Unit", "Install", "Timer", "Path", "Automount", "Slice", "Scope",
      "Target", "Device", "Files", "Network");
  /// Words of all settings together.
  private static final int WORDS = 10_000;

  private final Reading reading;
  private final List<Setting> settings = new ArrayList<>();
  private String section = "";
  private int line;
  private int count;

  private UnitFile(Reading reading) {
    this.reading = reading;
  }

  /// The settings in the order of the file.
  static List<Setting> read(Reading reading) {
    return new UnitFile(reading).read();
  }

  private List<Setting> read() {
    for (line = 1; line <= reading.file().lines() && !reading.hopeless() && count <= WORDS; line++) {
      String text = text();
      int start = blanksEnd(text, 0);
      if (start == text.length() || isComment(text)) {
        continue;
      }
      if (text.charAt(start) == '[') {
        section(text, start);
      } else {
        setting(text, start);
      }
    }
    return settings;
  }

  private String text() {
    return reading.file().line(line).text();
  }

  static int blanksEnd(String text, int from) {
    int at = from;
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  static boolean isComment(String text) {
    int start = blanksEnd(text, 0);
    return start < text.length() && (text.charAt(start) == '#' || text.charAt(start) == ';');
  }

  private void section(String text, int start) {
    String trimmed = text.substring(start).strip();
    var at = new Position(line, start, start + trimmed.length());
    if (!trimmed.endsWith("]") || trimmed.length() < 3) {
      reading.fail("unit-syntax", at, "this heading of a section has no end", "write it as [Service]");
      return;
    }
    section = trimmed.substring(1, trimmed.length() - 1);
    if (!SECTIONS.contains(section) && !section.startsWith("X-")) {
      List<String> near = Suggestions.nearest("[" + section + "]", headings());
      String fix = near.isEmpty() ? "call filters stand in [Service]" : "did you mean " + near.getFirst() + "?";
      reading.fail("unknown-section", at, "systemd knows no section '" + section + "'", fix);
    }
  }

  private static List<String> headings() {
    var names = new ArrayList<String>();
    for (String name : SECTIONS) {
      names.add("[" + name + "]");
    }
    return names;
  }

  private void setting(String text, int start) {
    int equals = text.indexOf('=', start);
    String key = text.substring(start, Math.max(start, equals)).strip();
    var words = new ArrayList<Word>();
    int first = line;
    addWords(text, equals + 1, words);
    while (isContinued(text) && line < reading.file().lines()) {
      line++;
      String next = text();
      if (!isComment(next)) {
        text = next;
        addWords(text, 0, words);
      }
    }
    var at = new Position(first, start, start + Math.max(1, key.length()));
    if (key.isEmpty()) {
      reading.fail("unit-syntax", at, "this is no setting", "write Key=value, or # before a comment");
    } else if (section.isEmpty()) {
      reading.fail("unit-syntax", at, "no section holds this setting", "write [Service] above it");
    } else {
      add(key, at, words);
    }
  }

  private void add(String key, Position at, List<Word> words) {
    boolean inverted = !words.isEmpty() && words.getFirst().text().startsWith("~");
    if (inverted) {
      Word first = words.removeFirst();
      if (first.text().length() > 1) {
        Position where = new Position(first.at().line(), first.at().from() + 1, first.at().to());
        words.addFirst(new Word(first.text().substring(1), where));
      }
    }
    settings.add(new Setting(section, key, at, words, inverted));
  }

  /// Whether the line ends in a backslash that no other takes back.
  private static boolean isContinued(String text) {
    int backslashes = 0;
    while (backslashes < text.length() && text.charAt(text.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private void addWords(String text, int from, List<Word> words) {
    int end = isContinued(text) ? text.length() - 1 : text.length();
    int at = blanksEnd(text, from);
    while (at < end && count <= WORDS) {
      int start = at;
      while (at < end && !isBlank(text.charAt(at))) {
        at++;
      }
      var where = new Position(line, start, at);
      if (++count > WORDS) {
        reading.fail("too-many-values", where, "more than " + WORDS + " words", "check that it is a unit, or split it");
      }
      words.add(new Word(text.substring(start, at), where));
      at = blanksEnd(text, at);
    }
  }
}
