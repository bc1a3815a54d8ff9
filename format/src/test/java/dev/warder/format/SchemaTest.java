package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.format.tree.Document;
import dev.warder.format.tree.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The published schema knows what the reader knows.
class SchemaTest {
  private static final Path SCHEMA = Path.of("..", "docs", "schema", "policy.schema.json");

  private static Node at(String... path) throws IOException {
    Node node = Document.read("schema", java.nio.file.Files.readAllBytes(SCHEMA)).orThrow().root();
    for (String key : path) {
      node = ((Node.Mapping) node).get(key);
    }
    return node;
  }

  private static List<String> keys(String... path) throws IOException {
    return ((Node.Mapping) at(path)).entries().stream().map(entry -> entry.key().text()).toList();
  }

  private static List<String> items(String... path) throws IOException {
    return ((Node.Sequence) at(path)).items().stream().map(item -> ((Node.Scalar) item).text()).toList();
  }

  @Test
  void keysAreThoseOfTheReader() throws IOException {
    assertThat(keys("properties")).containsExactlyElementsOf(PolicyReader.KEYS);
    assertThat(keys("$defs", "denied", "properties")).containsExactlyElementsOf(EntryReader.KEYS);
    var allowed = new ArrayList<String>(EntryReader.KEYS);
    allowed.remove("action");
    assertThat(keys("$defs", "allowed", "properties")).containsExactlyElementsOf(allowed);
    assertThat(keys("$defs", "file", "properties")).containsExactlyElementsOf(FilesReader.KEYS);
    assertThat(((Node.Scalar) at("properties", "files", "maxItems")).text()).isEqualTo(Integer.toString(FilesReader.MOST));
  }

  @Test
  void listedNamesAreThoseThereAre() throws IOException {
    assertThat(items("properties", "extends", "enum")).containsExactlyElementsOf(ShippedProfiles.names());
    assertThat(items("$defs", "architecture", "enum"))
        .containsExactlyElementsOf(Arrays.stream(Arch.values()).map(Arch::label).toList());
  }

  @Test
  void actionsOfTheSchemaAreUnderstood() throws IOException {
    String pattern = ((Node.Scalar) at("$defs", "action", "pattern")).text();
    for (String action : List.of(
        "allow", "log", "errno", "errno:EPERM", "EACCES", "kill", "kill-thread", "trap", "notify", "trace:7")) {
      assertThat(action).matches(pattern);
      assertThat(Files.problems("default-action: " + action)).as(action).isEmpty();
    }
  }
}
