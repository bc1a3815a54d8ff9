package dev.warder.format.tree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.warder.format.tree.Node.Kind;
import dev.warder.format.tree.Node.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Reads JSON, as strict as RFC 8259 has it.
///
/// The library reads what [FlawlessJson] does not. [TreeBuilder] bounds levels, values and numbers and finds double keys, as it does for YAML: its problems name the
/// place, and a double key does not hide what else is wrong. The parser's own limits stand behind.
final class JsonReader {
  private final TextFile file;
  private final TreeBuilder builder;
  private JsonParser parser;

  JsonReader(Reading reading) {
    this.file = reading.file();
    this.builder = new TreeBuilder(reading);
  }

  Node read() {
    Node flawless = FlawlessJson.read(file);
    return flawless != null ? flawless : byLibrary();
  }

  /// The same for any file.
  Node byLibrary() {
    try (JsonParser opened = factory().createParser(file.text().toCharArray())) {
      parser = opened;
      return document();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxDocumentLength(Limits.BYTES)
                .maxNestingDepth(Limits.DEPTH + 1)
                .maxNameLength(Limits.BYTES)
                .maxStringLength(Limits.BYTES)
                .maxNumberLength(Limits.BYTES)
                .build())
        .build();
  }

  private Node document() throws IOException {
    try {
      Node root = value(parser.nextToken());
      if (parser.nextToken() != null) {
        throw JsonMistakes.secondValue(place(1));
      }
      return root;
    } catch (JsonProcessingException e) {
      throw JsonMistakes.explain(e, parser, file);
    }
  }

  private Node value(JsonToken first) throws IOException {
    return switch (first) {
      case START_OBJECT -> mapping();
      case START_ARRAY -> sequence();
      case VALUE_STRING -> text();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> word(Kind.NUMBER);
      case VALUE_TRUE, VALUE_FALSE -> word(Kind.BOOLEAN);
      default -> word(Kind.NULL);
    };
  }

  private Node mapping() throws IOException {
    Position start = place(1);
    builder.enter(start);
    TreeBuilder.Entries entries = builder.new Entries();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Node.Scalar key = text();
      entries.add(key, value(parser.nextToken()));
    }
    builder.leave();
    return new Node.Mapping(entries.list(), start);
  }

  private Node sequence() throws IOException {
    Position start = place(1);
    builder.enter(start);
    List<Node> items = new ArrayList<>();
    for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
      items.add(value(next));
    }
    builder.leave();
    return new Node.Sequence(items, start);
  }

  /// A key or text. Its place has the quotes, and ends early where there are escapes.
  private Node.Scalar text() throws IOException {
    String text = parser.getText();
    return builder.scalar(Kind.TEXT, text, place(text.length() + 2));
  }

  private Node.Scalar word(Kind kind) throws IOException {
    String text = parser.getText();
    return builder.scalar(kind, text, place(text.length()));
  }

  /// Where the current token begins. The parser has the text as characters, hence counts these.
  private Position place(int length) {
    int from = (int) parser.currentTokenLocation().getCharOffset();
    return file.position(from, from + length);
  }
}
