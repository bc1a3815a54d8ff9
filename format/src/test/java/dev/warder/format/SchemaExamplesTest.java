package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.warder.format.tree.Document;
import dev.warder.format.tree.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The published schema, by a validator of others, takes what the reader takes.
class SchemaExamplesTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final JsonSchema SCHEMA = schema();

  private static JsonSchema schema() {
    try {
      String text = java.nio.file.Files.readString(DOCS.resolve("schema").resolve("policy.schema.json"));
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean valid(String yaml) {
    Node root = Document.read("schema", yaml.getBytes(StandardCharsets.UTF_8)).orThrow().root();
    return SCHEMA.validate(json(root), InputFormat.JSON).isEmpty();
  }

  /// The tree as JSON, so that the validator needs no reader of YAML.
  private static String json(Node node) {
    return switch (node) {
      case Node.Scalar scalar when scalar.kind() == Node.Kind.TEXT -> quoted(scalar.text());
      case Node.Scalar scalar -> scalar.kind() == Node.Kind.NULL ? "null" : scalar.text();
      case Node.Sequence(List<Node> items, var _) ->
        "[" + String.join(",", items.stream().map(SchemaExamplesTest::json).toList()) + "]";
      case Node.Mapping(List<Node.Entry> entries, var _) -> "{" + String.join(",", entries.stream()
          .map(entry -> quoted(entry.key().text()) + ":" + json(entry.value())).toList()) + "}";
    };
  }

  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    text.chars().forEach(c -> out.append(String.format("\\u%04x", c)));
    return out.append('"').toString();
  }

  private static List<String> documented() throws IOException {
    var examples = new ArrayList<String>();
    for (Path page : List.of(DOCS.resolve("formats").resolve("policy.md"), Path.of("..", "README.md"))) {
      var blocks = Pattern.compile("(?m)^```yaml\\n((?s).*?)^```$").matcher(java.nio.file.Files.readString(page));
      while (blocks.find()) {
        examples.add(blocks.group(1));
      }
    }
    assertThat(examples).isNotEmpty();
    return examples;
  }

  @Test
  void whatIsDocumentedAndWrittenIsValid() throws IOException {
    for (String example : documented()) {
      assertThat(Files.problems(example)).as(example).isEmpty();
      assertThat(valid(example)).as(example).isTrue();
    }
    for (String name : ShippedProfiles.names()) {
      assertThat(valid(PolicyFiles.write(ShippedProfiles.named(name).orElseThrow()))).as(name).isTrue();
    }
  }

  @Test
  void whatTheReaderTakesIsValid() {
    for (String policy : List.of(
        "allow: [read]", "allow:", "deny: ['#451', '@mount', 'clone(flags & CLONE_NEWUSER)']", "extends: docker",
        "default-action: trace:7", "allow: [read]\nfrequencies: {read: 0, ioctl: 1000000000000}", "allow: [read]\nfrequencies:", "architectures: [x86_64, x32]\nallow: []", "architectures: x86\ndeny: [read]",
        "sets: {'@x': [read], '@y': write}\nallow: ['@x']", "newer-action: EACCES\nallow: [read]",
        "allow:\n  - {calls: read, with: CAP_CHOWN, without: [CAP_BPF], architectures: arm, reason: why, dangerous: true}",
        "deny:\n  - {calls: [read, '@ipc'], action: kill-thread}", "allow:\nfiles:", "allow:\nfiles: []",
        "allow:\nfiles:\n  - {target: /a/..b/.c, content: '', mode: '0'}\n  - {target: /b, base64: 'AA ==', mode: '0777'}")) {
      assertThat(Files.problems(policy)).as(policy).isEmpty();
      assertThat(valid(policy)).as(policy).isTrue();
    }
  }

  @Test
  void whatTheReaderRefusesIsInvalid() {
    for (String policy : List.of(
        "name: x", "allow: [read]\nfrequencies: [read]", "allow: [read]\nfrequencies: {read: -1}",
        "allow: [read]\nfrequencies: {read: often}", "allow: [read]\nfrequencies: {read: 1000000000001}",
        "allow: [read]\nfrequencies: {read: }", "allow: read", "allow: [1]", "allow: [[read]]", "alow: [read]", "extends: nosuch", "extends: [strict]",
        "default-action: maybe", "default-action: trace", "allow: [read]\nunassigned-action: 1", "architectures: []\nallow: [read]",
        "architectures: vax\nallow: [read]", "sets: {x: [read]}\nallow: [read]", "sets: []\nallow: [read]",
        "allow:\n  - {with: CAP_CHOWN}", "allow:\n  - {calls: []}", "allow:\n  - {calls: read, action: kill}",
        "deny:\n  - {calls: read, dangerous: true}", "deny:\n  - {calls: read, dangerous: 'yes', reason: x}",
        "deny:\n  - {calls: read, because: x}", "allow:\nfiles: {}", "allow:\nfiles: [/a]", "allow:\nfiles: [{content: x}]",
        "allow:\nfiles: [{target: /a}]", "allow:\nfiles: [{target: a, content: x}]",
        "allow:\nfiles: [{target: /, content: x}]", "allow:\nfiles: [{target: /a/, content: x}]",
        "allow:\nfiles: [{target: /a/../b, content: x}]", "allow:\nfiles: [{target: /a/.., content: x}]",
        "allow:\nfiles: [{target: /a//b, content: x}]", "allow:\nfiles: [{target: /a, content: x, base64: AA==}]",
        "allow:\nfiles: [{target: /a, content: 1}]", "allow:\nfiles: [{target: /a, base64: 'A*=='}]",
        "allow:\nfiles: [{target: /a, content: x, mode: '1777'}]", "allow:\nfiles: [{target: /a, content: x, mode: 444}]",
        "allow:\nfiles: [{target: /a, content: x, mode: rw}]", "allow:\nfiles: [{target: /a, content: x, owner: root}]", "notes: [1]\nallow: [read]", "$schema: 1\nallow: [read]")) {
      assertThat(Files.problems(policy)).as(policy).isNotEmpty();
      assertThat(valid(policy)).as(policy).isFalse();
    }
  }
}
