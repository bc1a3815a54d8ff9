package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The examples of the documentation are read without problems, as what they are said to be.
class DocumentedFilesTest {
  private static final Path DOCS = Path.of("..", "docs", "formats");

  private static List<String> blocks(String page, String language) throws IOException {
    var blocks = new ArrayList<String>();
    String text = java.nio.file.Files.readString(DOCS.resolve(page));
    var matcher = Pattern.compile("(?m)^```" + language + "\\n((?s).*?)^```$").matcher(text);
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    assertThat(blocks).as(page).isNotEmpty();
    return blocks;
  }

  @Test
  void unitsAreRead() throws IOException {
    for (String block : blocks("systemd.md", "ini")) {
      assertThat(Files.read("docs", block).orThrow().format()).isEqualTo(Format.SYSTEMD);
      assertThat(Files.losses(block)).isEmpty();
    }
  }

  @Test
  void minijailPoliciesAreRead() throws IOException {
    for (String block : blocks("minijail.md", "minijail")) {
      assertThat(Files.read("docs", block).orThrow().format()).isEqualTo(Format.MINIJAIL);
      assertThat(Files.losses(block)).isEmpty();
    }
  }

  @Test
  void policiesAreRead() throws IOException {
    for (String block : blocks("policy.md", "yaml")) {
      assertThat(Files.read("docs", block).orThrow().format()).isEqualTo(Format.WARDER);
    }
  }
}
