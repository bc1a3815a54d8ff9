package dev.warder.catalog;

import java.util.List;
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
}
