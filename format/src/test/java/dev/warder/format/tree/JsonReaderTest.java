package dev.warder.format.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.format.oci.Docker;
import dev.warder.policy.Parsed;
import dev.warder.policy.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonReaderTest {
  private static final long SEED = 20251122;
  private static final String KEYS = "a key in double quotes should stand here";
  private static final String NO_VALUE = "this is no JSON value";
  private static final String VALUE = "a value should stand here";
  private static final String NUMBER = "JSON does not write numbers so";
  private static final String CONTROL = "a text cannot hold a line break or control character";
  private static final String TEXT_END = "this text has no end";
  private static final String EARLY = "the JSON ends too early";
  private static final String AFTER = "something follows the end of the JSON";

  private static Parsed<Document> read(String text) {
    return Document.read("test", text.getBytes(StandardCharsets.UTF_8));
  }

  /// The tree as one word, with the kinds of what is no text.
  private static String tree(Node node) {
    return switch (node) {
      case Node.Scalar(Node.Kind kind, String text, var _) -> kind == Node.Kind.TEXT ? "<" + text + ">" : kind + text;
      case Node.Sequence(List<Node> items, var _) -> items.stream().map(JsonReaderTest::tree).toList().toString();
      case Node.Mapping(List<Node.Entry> entries, var _) ->
        "{" + String.join(", ", entries.stream().map(e -> tree(e.key()) + "=" + tree(e.value())).toList()) + "}";
    };
  }

  @Test
  void valuesAreReadAsWritten() {
    record Row(String value, String tree) {}
    for (Row row : List.of(
        new Row("0", "NUMBER0"),
        new Row("-0", "NUMBER-0"),
        new Row("1.50", "NUMBER1.50"),
        new Row("1e3", "NUMBER1e3"),
        new Row("-1.5E+3", "NUMBER-1.5E+3"),
        new Row("18446744073709551616", "NUMBER18446744073709551616"),
        new Row("9".repeat(64), "NUMBER" + "9".repeat(64)),
        new Row("true", "BOOLEANtrue"),
        new Row("false", "BOOLEANfalse"),
        new Row("null", "NULLnull"),
        new Row("\"\"", "<>"),
        new Row("\"1\"", "<1>"),
        new Row("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "<\"\\/\b\f\n\r\t>"),
        new Row("\"\\u00e9\\u00E9\\ud83d\\udc27\"", "<\u00e9\u00e9\uD83D\uDC27>"),
        new Row("\"\u007f\u2028\uD83D\uDC27\"", "<\u007f\u2028\uD83D\uDC27>"),
        new Row("[]", "[]"),
        new Row("[ 1 ,\t\"a\"\r\n, [ null ] ]", "[NUMBER1, <a>, [NULLnull]]"),
        new Row("{}", "{}"),
        new Row("{\"\": {\"a\": [{}]}, \"b\": 1}", "{<>={<a>=[{}]}, <b>=NUMBER1}"))) {
      Document document = read(" {\"k\": " + row.value() + "}\n").orThrow();
      assertThat(document.reading().problems()).as(row.value()).isEmpty();
      assertThat(tree(document.root())).isEqualTo("{<k>=" + row.tree() + "}");
    }
  }

  @Test
  void mistakesAreNamedWithTheirPlace() {
    record Row(String text, String what, int line, int column) {}
    for (Row row : List.of(
        new Row("{\"k\": 1,}", KEYS, 1, 9),
        new Row("{\"k\": 1,, \"l\": 1}", KEYS, 1, 9),
        new Row("{k: 1}", KEYS, 1, 2),
        new Row("{'k': 1}", "JSON has no single quotes", 1, 2),
        new Row("{\"k\": 'a'}", "JSON has no single quotes", 1, 7),
        new Row("{\"k\" 1}", "':' is missing", 1, 6),
        new Row("{\"k\" = 1}", "':' is missing", 1, 6),
        new Row("{\"k\": 1\n \"j\": 2}", "',' or '}' is missing", 2, 2),
        new Row("{\"k\": [1 2]}", "',' or ']' is missing", 1, 10),
        new Row("{\"k\": [\"a\"\r\n\"b\"]}", "',' or ']' is missing", 2, 1),
        new Row("{\"k\": [\"a\"\r\"b\"]}", "',' or ']' is missing", 2, 1),
        new Row("{\n\"k\": [1}", "the list of line 2 is still open", 2, 8),
        new Row("{\"k\": {]}", "the mapping of line 1 is still open", 1, 8),
        new Row("{\"k\": [1,]}", VALUE, 1, 10),
        new Row("{\"k\": [,1]}", VALUE, 1, 8),
        new Row("{\"k\": }", VALUE, 1, 7),
        new Row("{\"k\":: 1}", VALUE, 1, 6),
        new Row("{\"k\": @ipc}", VALUE, 1, 7),
        new Row("{\"k\": \u00a01}", VALUE, 1, 7),
        new Row("{\"k\": .5}", VALUE, 1, 7),
        new Row("{\"k\": read}", NO_VALUE, 1, 7),
        new Row("{\"k\": True}", NO_VALUE, 1, 7),
        new Row("{\"k\": comment}", NO_VALUE, 1, 7),
        new Row("{\"k\": nul}", NO_VALUE, 1, 7),
        new Row("{\"k\": NaN}", NO_VALUE, 1, 10),
        new Row("{\"k\": 01}", NUMBER, 1, 8),
        new Row("{\"k\": 1.}", NUMBER, 1, 8),
        new Row("{\"k\": 1e}", NUMBER, 1, 8),
        new Row("{\"k\": -}", NUMBER, 1, 8),
        new Row("{\"k\": +1}", NUMBER, 1, 8),
        new Row("{\"k\": 0x1}", "',' or '}' is missing", 1, 8),
        new Row("{\"k\": \"a\n\"}", CONTROL, 1, 9),
        new Row("{\"k\": \"\t\"}", CONTROL, 1, 8),
        new Row("{\"a\nk\": 1}", CONTROL, 1, 4),
        new Row("{\"k\": \"\\x\"}", "JSON has no such escape", 1, 9),
        new Row("{\"k\": \"\\ug000\"}", "\\u needs four hexadecimal digits", 1, 10),
        new Row("{\"k\": 1 // one\n}", "JSON has no comments", 1, 9),
        new Row("{\"k\": /*one*/ 1}", "JSON has no comments", 1, 7),
        new Row("{\"k", TEXT_END, 1, 4),
        new Row("{\"k\": \"a", TEXT_END, 1, 9),
        new Row("{\"k\": \"\\u12", TEXT_END, 1, 12),
        new Row("{\"k\"", EARLY, 1, 5),
        new Row("{\"k\": [1,\n", EARLY, 2, 1),
        new Row("{", EARLY, 1, 2),
        new Row("{} {}", AFTER, 1, 4),
        new Row("{}}", AFTER, 1, 3),
        new Row("{}\nx", AFTER, 2, 1),
        new Row("\uFEFF{\"\uD83D\uDC27\": \uD83D\uDC27}", VALUE, 1, 8))) {
      assertThat(read(row.text()).problems()).as(row.text()).singleElement().satisfies(problem -> {
        assertThat(problem.code()).isEqualTo("json-syntax");
        assertThat(problem.what()).isEqualTo(row.what());
        assertThat(problem.where().line()).isEqualTo(row.line());
        assertThat(problem.where().column()).isEqualTo(row.column());
        assertThat(problem.fix()).isNotEmpty();
      });
    }
  }

  @Test
  void problemsShowTheLineAndTheRemedy() {
    assertThat(rendered("{\n  \"allow\": [\n    \"read\",\n  ]\n}\n")).isEqualTo("""
        test:4:3: a value should stand here [json-syntax]
              ]
              ^
        fix: write a value, no comma after the last
        """);
    assertThat(rendered("{\"allow\": [read]}")).isEqualTo("""
        test:1:12: this is no JSON value [json-syntax]
            {"allow": [read]}
                       ^^^^
        fix: put a text in double quotes
        """);
    assertThat(rendered("{\"deny\": {},\n \"allow\": [\n  \"read\"")).isEqualTo("""
        test:3:9: the JSON ends too early [json-syntax]
              "read"
                    ^
        fix: close the list of line 2 with ]
        """);
  }

  private static String rendered(String text) {
    return read(text).problems().getFirst().render();
  }

  @Test
  void limitsNameThePlace() {
    assertThat(read("{\"k\":" + "[".repeat(31) + "]".repeat(31) + "}").problems()).isEmpty();
    for (String text : List.of(
        "too-deep 1:37 {\"k\":" + "[".repeat(32),
        "too-deep 1:161 " + "{\"k\":".repeat(33),
        "long-number 1:7 {\"k\": " + "9".repeat(65) + "}",
        "long-number 1:7 {\"k\": 0." + "9".repeat(5000) + "}",
        "too-many-values 1:20001 {\"k\":[" + "1,".repeat(20_000))) {
      String[] parts = text.split(" ", 3);
      Problem problem = read(parts[2]).problems().getFirst();
      assertThat(problem.code() + " " + problem.where().line() + ":" + problem.where().column())
          .isEqualTo(parts[0] + " " + parts[1]);
    }
  }

  @Test
  void doubleKeysAreFoundAtEveryLevelHoweverWritten() {
    String text = "{\"a\": 1,\n \"b\": [{\"c\": 1, \"\\u0063\": 2}],\n \"a\": {\"d\": {}}}";
    List<Problem> problems = read(text).orThrow().reading().problems();
    assertThat(problems).extracting(Problem::code).containsExactly("duplicate-key", "duplicate-key");
    assertThat(problems).extracting(problem -> problem.where().line() + ":" + problem.where().column())
        .containsExactly("2:17", "3:2");
  }

  /// What [FlawlessJson] reads, the library reads so too, with nothing to complain of.
  @Test
  void flawlessFilesAreReadAsTheLibraryReadsThem() throws IOException {
    String docker = docker();
    assertThat(readsFlawless(docker)).isTrue();
    assertThat(readsFlawless("{\"k\":[[],{},\"\",-0.5e+3,0,null,true,false]}\r\n")).isTrue();
    for (String text : List.of(
        "{\"k\": 01}", "{\"k\": -}", "{\"k\": 1.}", "{\"k\": .5}", "{\"k\": 1e}", "{\"k\": +1}", "{\"k\": nul}", "{\"k\": NaN}",
        "{\"k\": 1,}", "{\"k\": [1,]}", "{,}", "[}", "{\"k\": {]}", "{\"k\" 1}", "{\"k\": \"a\tb\"}", "{\"k\": \"\\n\"}", "{} {}",
        "{\"k\": 1, \"k\": 2}", "{\"k\": 1", "", "\"", "{\"k\":" + "[".repeat(32) + "]".repeat(32) + "}",
        "{\"k\": " + "9".repeat(65) + "}", "{\"k\":[" + "1,".repeat(10_000) + "1]}", "{\"k\": 1 // one\n}", "{\"k\": 1}\u00a0")) {
      assertThat(readsFlawless(text)).as(text).isFalse();
    }
  }

  @Test
  void damagedFilesAreReadAsTheLibraryReadsThem() throws IOException {
    String[] tokens = {"{", "}", "[", "]", ":", ",", "\"", "\\", "0", "-", "1.5", "e9", ".", "true", "nul", "\n", "\r", "\t", " ",
        "\u0000", "\u00e9", "\uD83D\uDC27", "\"k\": 1,", "// c\n", "[[1], {}]"};
    String docker = docker();
    var random = new Random(SEED);
    int flawless = 0;
    for (int i = 0; i < 20_000; i++) {
      int start = docker.indexOf("\t\t{", random.nextInt(docker.length() - 2000)) + 2;
      String text = "{\"syscalls\": [" + docker.substring(start, docker.indexOf("\n\t\t}", start) + 4) + "]}";
      for (int damage = random.nextInt(3); damage > 0; damage--) {
        int at = random.nextInt(text.length());
        int to = Math.min(text.length(), at + random.nextInt(3));
        text = text.substring(0, at) + tokens[random.nextInt(tokens.length)] + text.substring(to);
      }
      flawless += readsFlawless(text) ? 1 : 0;
    }
    assertThat(flawless).isBetween(4_000, 16_000);
  }

  private static boolean readsFlawless(String text) {
    var reading = new Reading(TextFile.decode("test", text.getBytes(StandardCharsets.UTF_8)).orThrow());
    Node flawless = FlawlessJson.read(reading.file());
    if (flawless != null) {
      assertThat(new JsonReader(reading).byLibrary()).as(text).isEqualTo(flawless);
      assertThat(reading.problems()).as(text).isEmpty();
    }
    return flawless != null;
  }

  private static String docker() throws IOException {
    try (InputStream in = Docker.content()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// Also behind characters of two code units, and in files of more than one buffer of the parser.
  @Test
  void placesAreThoseOfTheText() throws IOException {
    String docker = docker();
    String many = String.join(", ", Collections.nCopies(8, docker));
    for (String text : List.of(docker, docker.replace("\n", "\r\n"), "{\"\u00e9\uD83D\uDC27\": [" + many + "]}")) {
      Document document = read(text).orThrow();
      checkPlaces(document.reading().file(), document.root());
    }
  }

  private static void checkPlaces(TextFile file, Node node) {
    String line = file.line(node.at().line()).text();
    String place = line.substring(node.at().from(), node.at().to());
    switch (node) {
      case Node.Scalar scalar ->
        assertThat(place).isEqualTo(scalar.kind() == Node.Kind.TEXT ? '"' + scalar.text() + '"' : scalar.text());
      case Node.Sequence(List<Node> items, var _) -> {
        assertThat(place).isEqualTo("[");
        items.forEach(item -> checkPlaces(file, item));
      }
      case Node.Mapping(List<Node.Entry> entries, var _) -> {
        assertThat(place).isEqualTo("{");
        entries.forEach(entry -> checkPlaces(file, entry.key()));
        entries.forEach(entry -> checkPlaces(file, entry.value()));
      }
    }
  }
}
