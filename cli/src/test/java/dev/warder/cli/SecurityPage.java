package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// The table of attacks in `docs/security.md`.
final class SecurityPage {
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+(?:Test|IT))\\.([A-Za-z0-9_]+)`");
  private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

  private SecurityPage() {}

  /// By number, the cells of each row; the number is cell 1.
  static Map<String, String[]> rows() throws IOException {
    var rows = new LinkedHashMap<String, String[]>();
    String page = Files.readString(CHECKOUT.resolve("docs/security.md"));
    for (String line : page.substring(page.indexOf("## Attacks"), page.indexOf("## Beside")).lines().toList()) {
      String[] cells = line.split("\\|");
      if (cells.length > 6 && cells[1].strip().matches("[0-9]+")) {
        rows.put(cells[1].strip(), cells);
      }
    }
    return rows;
  }

  /// A row without a probe names a test, which is there.
  static void assertNamesATest(String[] row) throws IOException {
    var test = TEST.matcher(String.join("|", row));
    assertThat(test.find()).as(String.join("|", row)).isTrue();
    do {
      try (var files = Files.walk(CHECKOUT)) {
        Path file = files.filter(path -> path.endsWith(test.group(1) + ".java")).findFirst().orElseThrow();
        assertThat(Files.readString(file)).contains(" " + test.group(2) + "(");
      }
    } while (test.find());
  }
}
