package dev.warder.format;

import static dev.warder.format.Files.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.jail.Mount;
import dev.warder.policy.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Files that a policy puts into a jail.
class FilesReaderTest {
  private static Mount.Content file(String target, String content, int mode) {
    return new Mount.Content(target, content.getBytes(StandardCharsets.UTF_8), mode);
  }

  private static List<Mount.Content> read(String text) {
    return Files.read("test", text).orThrow().files();
  }

  @Test
  void contentAndModeAreWhatIsWritten() {
    assertThat(read("""
        extends: strict
        files:
          - target: /run/a.conf
            content: |
              port = 8080

                grüße → ü
          - {target: /b, content: '', mode: '0600'}
          - {target: /c/..d/.e, base64: 'AAH/ gA==', mode: 0755}
          - {target: /ü, content: "a\\0\\r\\n", mode: 0o7}
          - target: /f
            mode: "1"
            content: x
        """)).containsExactly(
            file("/run/a.conf", "port = 8080\n\n  grüße → ü\n", 0444), file("/b", "", 0600),
            new Mount.Content("/c/..d/.e", new byte[] {0, 1, -1, -128}, 0755), file("/ü", "a\0\r\n", 7),
            file("/f", "x", 1));
    assertThat(read("{\"allow\": [], \"files\": [{\"target\": \"/a\", \"content\": \"\\ud83d\\udc27\\n\","
        + " \"mode\": \"0400\"}]}"))
        .containsExactly(file("/a", "🐧\n", 0400));
    assertThat(read("allow:\nfiles:\n")).isEmpty();
    assertThat(read("allow:\n")).isEmpty();
  }

  @Test
  void mistakesAreFoundWithCodeAndPlace() {
    record Row(String files, String... problems) {}
    String whole = "a".repeat(Mount.Content.MAX_BYTES);
    String deep = "/a".repeat(33);
    for (Row row : List.of(
        new Row("{target: /a, content: x}", "wrong-kind 2:8"),
        new Row("[/a]", "wrong-kind 2:9"),
        new Row("[{content: x}]", "no-target 2:9"),
        new Row("[{target: 1, content: x}]", "wrong-kind 2:18"),
        new Row("[{target: a/b, content: x}]", "bad-target 2:18"),
        new Row("[{target: '', content: x}]", "bad-target 2:18"),
        new Row("[{target: /, content: x}]", "bad-target 2:18"),
        new Row("[{target: /.., content: x}]", "bad-target 2:18"),
        new Row("[{target: /a/, content: x}]", "bad-target 2:18"),
        new Row("[{target: //a, content: x}]", "bad-target 2:18"),
        new Row("[{target: /a/./b, content: x}]", "bad-target 2:18"),
        new Row("[{target: /a/../b, content: x}]", "bad-target 2:18"),
        new Row("[{target: \"/a\\0\", content: x}]", "bad-target 2:18"),
        new Row("[{target: \"/a\\nb\", content: x}]", "bad-target 2:18"),
        new Row("[{target: \"/a\\tb\", content: x}]", "bad-target 2:18"),
        new Row("[{target: /" + "a".repeat(256) + ", content: x}]", "long-target 2:18"),
        new Row("[{target: /" + "ü".repeat(128) + ", content: x}]", "long-target 2:18"),
        new Row("[{target: " + deep + "/b, content: x}]", "long-target 2:18"),
        new Row("[{target: " + ("/" + "a".repeat(204)).repeat(5) + ", content: x}]", "long-target 2:18"),
        new Row("[{target: /a, content: x}, {target: /a, base64: AA==}]", "duplicate-target 2:44"),
        new Row("[{target: /a, content: x}, {target: /a/b, content: x}]", "target-in-file 2:44"),
        new Row("[{target: /a/b, content: x}, {target: /a, content: x}]", "target-in-file 2:46"),
        new Row("[{target: /a}]", "no-content 2:9"),
        new Row("[{target: /a, content: }]", "no-content 2:9"),
        new Row("[{target: /a, content: x, base64: eA==}]", "two-contents 2:42"),
        new Row("[{target: /a, content: 8080}]", "wrong-kind 2:31"),
        new Row("[{target: /a, content: [x]}]", "wrong-kind 2:31"),
        new Row("[{target: /a, base64: '*'}]", "bad-base64 2:30"),
        new Row("[{target: /a, base64: 'AAA'}]"),
        new Row("[{target: /a, base64: 'A'}]", "bad-base64 2:30"),
        new Row("[{target: /a, content: x, mode: 0888}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: 444}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: 0x1}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: -1}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: '1000'}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: '4755'}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: ''}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: u+r}]", "bad-mode 2:40"),
        new Row("[{target: /a, content: x, mode: true}]", "wrong-kind 2:40"),
        new Row("[{target: /a, content: x, mode: [1]}]", "wrong-kind 2:40"),
        new Row("[{target: /a, content: x, owner: root}]", "unknown-key 2:34"),
        new Row("[{target: /a, content: " + whole + "}]"),
        new Row("[{target: /a, content: " + whole + "a}]", "large-content 2:31"),
        new Row("[{target: " + deep.substring(2) + "/b, content: x}]"),
        new Row("[" + "{target: /a, content: x},".repeat(33) + "]", problemsOfMany()),
        new Row("[{target: a, mode: 9}, {content: 1}]", "no-content 2:9", "bad-target 2:18", "bad-mode 2:27",
            "no-target 2:31", "wrong-kind 2:41"))) {
      assertThat(problems("allow:\nfiles: " + row.files)).as(row.files.length() < 200 ? row.files : "long")
          .containsExactly(row.problems);
    }
  }

  /// 31 are at the target of the first, and one is more than there may be.
  private static String[] problemsOfMany() {
    var problems = new ArrayList<String>();
    for (int i = 1; i < 32; i++) {
      problems.add("duplicate-target 2:" + (18 + 25 * i));
    }
    problems.add("too-many-files 2:" + (9 + 25 * 32));
    return problems.toArray(String[]::new);
  }

  @Test
  void problemsNameTheRemedy() {
    record Row(String file, String what, String fix) {}
    for (Row row : List.of(
        new Row("{target: web.conf, content: x}", "'web.conf' is not an absolute path of the jail", "begin it with /"),
        new Row("{target: /a/../b/, content: x}", "a path with ., .. or a slash too many", "write /b"),
        new Row("{target: /a, content: }", "nothing says what is in this file",
            "add content: and a text, or base64:; for an empty file content: ''"),
        new Row("{target: /a, content: x, mode: 444}", "'444' is no mode between 0000 and 0777 in quotes",
            "write octal digits in quotes, as in \"0400\""))) {
      Problem problem = Files.read("test", "allow:\nfiles:\n  - " + row.file).problems().getFirst();
      assertThat(problem.what()).isEqualTo(row.what);
      assertThat(problem.fix()).isEqualTo(row.fix);
      assertThat(problem.render()).startsWith("test:3:").contains("\n      - " + row.file + "\n", "^");
    }
  }

  private static final List<String> PARTS = List.of(
      "a", "b c", " ", "  ", "\n", "\n\n", "\t", "\r\n", "#", "- x", "---", "...", "key: v", "%", "\"", "'", "\\", "\0",
      "ü", "→", "🐧", "\u2028", "\u0085", "\uFEFF", "\u202e", "|", "null", "1", "{", "&a");

  @Test
  void whatIsWrittenReadsBack() {
    long seed = Long.getLong("warder.seed", 1);
    for (int i = 0; i < 2000; i++) {
      var random = new Random(seed + i);
      var text = new StringBuilder();
      for (int part = random.nextInt(9); part > 0; part--) {
        text.append(PARTS.get(random.nextInt(PARTS.size())));
      }
      byte[] bytes = new byte[random.nextInt(5)];
      random.nextBytes(bytes);
      assertSurvive("seed " + (seed + i), List.of(file("/a" + i, text.toString(), random.nextInt(01000)),
          file("/ü \"#", text + "\n", 0), new Mount.Content("/b/c", bytes, 0777)));
    }
    String lines = "a\n".repeat(Mount.Content.MAX_BYTES / 2);
    byte[] large = new byte[Mount.Content.MAX_BYTES];
    assertSurvive("large", List.of(file("/a", lines, 0444), new Mount.Content("/b", large, 0444)));
  }

  private static void assertSurvive(String what, List<Mount.Content> files) {
    String text = PolicyFiles.write(Files.policy("allow: [read]"), files);
    assertThat(read(text)).as(what + "\n" + text).isEqualTo(files);
    assertThat(PolicyFiles.write(Files.policy("allow: [read]"), read(text))).as(what).isEqualTo(text);
  }

  @Test
  void textStaysReadable() {
    assertThat(PolicyFiles.write(Files.policy("allow: [read]"), List.of(
        file("/run/a", "port = 80\n\n  grüße →\n", 0400), file("/b", "x\ny", 0444), file("/c", "a\n\n", 0444), new Mount.Content("/d", new byte[] {0, -1}, 0444)))).endsWith("""
        files:
          - target: "/run/a"
            content: |
              port = 80

                grüße →
            mode: "0400"
          - target: "/b"
            content: |-
              x
              y
            mode: "0444"
          - target: "/c"
            content: |+
              a

            mode: "0444"
          - target: "/d"
            base64: AP8=
            mode: "0444"
        """);
  }

  @Test
  void everyOtherFormatLosesThemAndSaysSo() {
    PolicyFile file = Files.read("web.yaml",
        "allow: [read]\nfiles:\n  - {target: /a, content: x}\n  - {target: /b, content: y}\n").orThrow();
    var target = new Target(List.of(Arch.X86_64), Set.of());
    for (Format format : Format.values()) {
      Written written = PolicyFiles.convert(file, format, target).orThrow();
      var lost = written.losses().stream().filter(loss -> loss.problem().code().equals("lost-file")).toList();
      if (format == Format.WARDER) {
        assertThat(lost).isEmpty();
        assertThat(read(written.text())).isEqualTo(file.files());
      } else {
        assertThat(lost).as(format.label()).extracting(loss -> loss.line()).containsExactly(
            "web.yaml: /a is not carried over: this format puts no files into a jail [lost-file]; as strict as before",
            "web.yaml: /b is not carried over: this format puts no files into a jail [lost-file]; as strict as before");
        byte[] text = written.text().getBytes(StandardCharsets.UTF_8);
        assertThat(PolicyFiles.read(format, "back", text).orThrow().files()).isEmpty();
      }
    }
  }
}
