package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  @Test
  void profilesOfOtherToolsAreRead() throws IOException {
    record Page(String name, String language, Format format) {}
    for (Page page : List.of(
        new Page("oci.md", "json", Format.OCI), new Page("kubernetes.md", "yaml", Format.KUBERNETES),
        new Page("firecracker.md", "json", Format.FIRECRACKER))) {
      for (String block : blocks(page.name(), page.language())) {
        assertThat(Files.read("docs", block).orThrow().format()).isEqualTo(page.format());
        assertThat(Files.losses(block).stream().filter(loss -> !loss.startsWith("argument-width"))).isEmpty();
      }
    }
  }

  @Test
  void theWrittenProfileIsWhatIsWritten() throws IOException {
    Policy policy = Files.policy("allow: [read, socket(family == AF_UNIX)]");
    Written written = PolicyFiles.write(Format.OCI, policy, new Target(List.of(Arch.X86_64), Set.of())).orThrow();
    assertThat(written.text().replaceAll("\\s", "")).isEqualTo(blocks("oci.md", "json").getFirst().replaceAll("\\s", ""));
  }
}
