package dev.warder.format.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.warder.policy.Parsed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Our JSON reader accepts and understands what Jackson does.
class JsonReaderTest {
  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// The tokens by Jackson, or null if it refuses or finds several values.
  private static String jackson(String text) {
    StringBuilder out = new StringBuilder();
    int depth = 0;
    try (JsonParser parser = JACKSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (depth == 0 && !out.isEmpty()) {
          return null;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        boolean word = token.isScalarValue() || token == JsonToken.FIELD_NAME;
        out.append(word ? parser.getText() : token.asString()).append('\n');
      }
      return out.toString();
    } catch (IOException e) {
      return null;
    }
  }

  private static String ours(String text) {
    Parsed<Document> parsed = Document.read("test", text.getBytes(StandardCharsets.UTF_8));
    if (!(parsed instanceof Parsed.Accepted<Document>(Document document))
        || !document.reading().problems().isEmpty()) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    append(out, document.root());
    return out.toString();
  }

  private static void append(StringBuilder out, Node node) {
    switch (node) {
      case Node.Scalar scalar -> out.append(scalar.text()).append('\n');
      case Node.Sequence(List<Node> items, var _) -> {
        out.append("[\n");
        items.forEach(item -> append(out, item));
        out.append("]\n");
      }
      case Node.Mapping(List<Node.Entry> entries, var _) -> {
        out.append("{\n");
        entries.forEach(entry -> {
          append(out, entry.key());
          append(out, entry.value());
        });
        out.append("}\n");
      }
    }
  }

  @Test
  void agreesWithJackson() {
    var values = List.of(
        "1", "-1", "0", "-0", "01", "-", "1.", ".5", "1.5", "1e3", "1E+3", "1e", "1.e3", "+1", "0x1", "NaN", "true",
        "True", "nul", "null", "\"\"", "\"a", "\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"", "\"\\u00e9\"", "\"\\u00E9\"",
        "\"\\ug000\"",
        "\"\\x\"", "\"\t\"", "\"\n\"", "\"\u007f\u2028\"", "[]", "[1]", "[1,]", "[,1]", "[1 2]", "[1", "{}", 
        "{\"a\":1}",
        "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":[{}]}}", "'a'", "1//x", "/*x*/1",
        "", ",",
        "1 ]", "\"\uD83D\uDC27\"", "18446744073709551616", "[1]x", "\u00a01");
    for (String value : values) {
      String text = "{\"k\": " + value + "}";
      assertThat(ours(text)).as(text).isEqualTo(jackson(text));
    }
  }

  @Test
  void agreesWithJacksonOnRandomTexts() {
    var parts = List.of(
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-2.5e3", "true", "null", " ", "\n", "\"\\u0041\"", "x",
        "\\");
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder("{\"k\":");
      for (int j = random.nextInt(9); j >= 0; j--) {
        text.append(parts.get(random.nextInt(parts.size())));
      }
      text.append('}');
      assertThat(ours(text.toString())).as("seed %d: %s", seed, text).isEqualTo(jackson(text.toString()));
    }
  }
}
