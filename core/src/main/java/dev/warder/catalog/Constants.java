package dev.warder.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Looks constants up in `constants.csv`, which is searched in place: a policy names a handful of its 2,430.
final class Constants {
  private static final int VALUE = 2;
  private static final int DIFFERS = 3;
  private static final int ABSENT = 4;

  private static final Text ROWS = Text.resource("constants.csv");

  private Constants() {}

  static OptionalLong value(String name, Arch arch) {
    int line = ROWS.find(name);
    if (line < 0) {
      return OptionalLong.empty();
    }
    List<String> row = ROWS.fields(line);
    if (Text.words(row.get(ABSENT)).contains(arch.table())) {
      return OptionalLong.empty();
    }
    String prefix = arch.table().concat("=");
    for (String pair : Text.words(row.get(DIFFERS))) {
      if (pair.startsWith(prefix)) {
        return OptionalLong.of(Long.parseLong(pair.substring(prefix.length())));
      }
    }
    return OptionalLong.of(Long.parseLong(row.get(VALUE)));
  }

  /// The constants that an argument takes, in the order of the file; empty for an argument of which none is known.
  static List<String> takenBy(String syscall, String argument) {
    return Users.BY_ARGUMENT.getOrDefault(syscall + ":" + argument, List.of());
  }

  static List<String> names() {
    return Users.NAMES;
  }

  /// Loaded only where people are told of values.
  private static final class Users {
    private static final int NAME = 0;
    private static final int USED_BY = 5;

    static final List<String> NAMES = new ArrayList<>();
    static final Map<String, List<String>> BY_ARGUMENT = new HashMap<>();

    static {
      for (int line = ROWS.nextLine(ROWS.start); line < ROWS.bytes.length; line = ROWS.nextLine(line)) {
        List<String> row = ROWS.fields(line);
        NAMES.add(row.get(NAME));
        for (String user : Text.words(row.get(USED_BY))) {
          BY_ARGUMENT.computeIfAbsent(user, _ -> new ArrayList<>()).add(row.get(NAME));
        }
      }
    }
  }
}
