package dev.warder.format.tree;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.io.ContentReference;
import dev.warder.format.tree.Node.Position;
import java.util.List;

/// Says what is wrong with JSON in the words of our other messages.
///
/// The parser tells its refusals apart by wording alone. One that is not known here is passed on as it is.
final class JsonMistakes {
  /// @param wording part of the parser's message
  private record Mistake(String wording, String what, String fix) {}

  private static final String NO_VALUE = "this is no JSON value";
  private static final String IN_QUOTES = "put a text in double quotes";
  private static final String NO_END = "this text has no end";
  private static final String CLOSE = "close it with a double quote";
  private static final String HERE = "write it here";

  /// The first that fits holds. The first of all is of a message that quotes the file.
  private static final List<Mistake> MISTAKES = List.of(
      new Mistake("Unrecognized token", NO_VALUE, IN_QUOTES),
      new Mistake("Non-standard token", NO_VALUE, IN_QUOTES),
      new Mistake("end-of-input in field name", NO_END, CLOSE),
      new Mistake("end-of-input in character escape", NO_END, CLOSE),
      new Mistake("closing quote", NO_END, CLOSE),
      new Mistake("unquoted character", "a text cannot hold a line break or control character", CLOSE + ", or write \\n"),
      new Mistake("character escape '", "JSON has no such escape", "write \\\\ for a backslash"),
      new Mistake("hex-digit", "\\u needs four hexadecimal digits", "write it as \\u00e9"),
      new Mistake("comment", "JSON has no comments", "leave it out, or write the policy in YAML"),
      new Mistake("character ('''", "JSON has no single quotes", "write double quotes"),
      new Mistake(
          "start field name", "a key in double quotes should stand here",
          "write \"key\": value, no comma after the last"),
      new Mistake("expecting a colon", "':' is missing", HERE),
      new Mistake("comma to separate Array", "',' or ']' is missing", HERE),
      new Mistake("comma to separate Object", "',' or '}' is missing", HERE),
      new Mistake("numeric value", "JSON does not write numbers so", "write it as 10, -1 or 1.5"),
      new Mistake("value", "a value should stand here", "write a value, no comma after the last"));

  private JsonMistakes() {}

  /// @param parser at the place where it gave up
  static SyntaxException explain(JsonProcessingException e, JsonParser parser, TextFile file) {
    JsonLocation end = parser.currentLocation();
    JsonLocation start = e.getLocation() == null ? end : e.getLocation();
    int from = (int) start.getCharOffset();
    Position at = file.position(from, Math.max(from + 1, (int) end.getCharOffset()));
    JsonStreamContext within = parser.getParsingContext();
    return within.inRoot() ? secondValue(at) : explain(e.getOriginalMessage(), at, within);
  }

  private static SyntaxException explain(String message, Position at, JsonStreamContext within) {
    for (Mistake mistake : MISTAKES) {
      if (message.contains(mistake.wording())) {
        return wrong(at, mistake.what(), mistake.fix());
      }
    }
    boolean end = message.contains("end-of-input");
    if (!end && !message.contains("close marker")) {
      return wrong(at, message, "");
    }
    int line = within.startLocation(ContentReference.unknown()).getLineNr();
    String open = (within.inArray() ? "list" : "mapping") + " of line " + line;
    return wrong(
        at, end ? "the JSON ends too early" : "the " + open + " is still open",
        "close the " + open + " with " + (within.inArray() ? "]" : "}"));
  }

  static SyntaxException secondValue(Position at) {
    return wrong(at, "something follows the end of the JSON", "keep one object in the file");
  }

  private static SyntaxException wrong(Position at, String what, String fix) {
    return new SyntaxException("json-syntax", at, what, fix);
  }
}
