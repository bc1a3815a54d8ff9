package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.commons.cli.Option;
import org.junit.jupiter.api.Test;

/// The script tells options from the command by itself, so it must know them all, and which take a value.
class FrontScriptTest {
  /// `PATTERNS) ... take=N ;;`, where N words are the option's.
  private static final Pattern ARM = Pattern.compile("\\s(-[^()\\n]*)\\)(?:[^;]|;(?!;))*?take=([12]) ;;");

  @Test
  void readsExactlyTheOptionsOfRun() throws IOException {
    String script = Files.readString(Path.of(System.getProperty("basedir", "."), "..", "warder"));
    int start = script.indexOf("read_options() {");
    String body = script.substring(start, script.indexOf("\n}", start)).replaceAll("\\\\\\n *", "");
    var found = new TreeSet<String>();
    var arms = ARM.matcher(body);
    while (arms.find()) {
      for (String pattern : arms.group(1).split("\\|")) {
        found.add(pattern.strip() + " " + arms.group(2));
      }
    }
    assertThat(found).containsExactlyElementsOf(expected());
  }

  /// A JVM without such a file starts all the same, and takes three times as long.
  @Test
  void namesNoStartFileThatTheBuildDoesNotMake() throws IOException {
    Path base = Path.of(System.getProperty("basedir", "."));
    String build = Files.readString(base.resolve("pom.xml"));
    var named = Pattern.compile("trained=(\\w+)").matcher(Files.readString(base.resolve("../warder"))).results()
        .map(match -> match.group(1)).distinct().toList();
    assertThat(named).hasSize(3).allSatisfy(name ->
        assertThat(build).contains("<argument>-XX:AOTCacheOutput=${stage}/" + name + ".aot</argument>"));
  }

  private static TreeSet<String> expected() {
    var expected = new TreeSet<String>();
    for (Option option : JailOptions.all().getOptions()) {
      String words = option.hasArg() && !option.hasOptionalArg() ? " 2" : " 1";
      expected.add("--" + option.getLongOpt() + words);
      if (option.hasArg()) {
        expected.add("--" + option.getLongOpt() + "=* 1");
      }
      if (option.getOpt() != null) {
        expected.add("-" + option.getOpt() + words);
      }
      if (option.getOpt() != null && option.hasArg()) {
        expected.add("-" + option.getOpt() + "?* 1");
      }
    }
    return expected;
  }
}
