package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.policy.Parsed;
import dev.warder.policy.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bad files end in a clear problem, soon.
class HostileFilesTest {
  private static final int MOST = 1 << 18;

  /// Milliseconds of work by which a reader whose work grows with the square of its file has given itself away: none of these
  /// takes half a second on a machine of today, and a slow one must not fail a test.
  private static final long HANGS = 20_000;

  private static final String UNIT = "[Service]\nSystemCallFilter=";

  @Test
  void eachEndsInAClearProblem() {
    record Row(String what, String text, String code) {}
    String nested = "[".repeat(MOST / 2);
    var rows = List.of(
        new Row("nothing", "", "empty-file"),
        new Row("a comment", "# nothing\n", "empty-file"),
        new Row("blanks", " ".repeat(MOST), "empty-file"),
        new Row("line breaks", "\n".repeat(MOST), "empty-file"),
        new Row("too large", "a".repeat(MOST + 1), "file-too-large"),
        new Row("one word", "a".repeat(MOST), "unknown-format"),
        new Row("one number", "allow: [" + "9".repeat(MOST - 9) + "]", "long-number"),
        new Row("deep YAML", "allow: " + nested, "too-deep"),
        new Row("deep YAML mappings", "a: {".repeat(MOST / 4), "too-deep"),
        new Row("deep YAML blocks", "- ".repeat(MOST / 2), "too-deep"),
        new Row("deep YAML keys", "? ".repeat(MOST / 2), "too-deep"),
        new Row("deep JSON", "{\"a\":" + nested, "too-deep"),
        new Row("deep JSON mappings", "{\"a\":".repeat(MOST / 5), "too-deep"),
        new Row("many YAML values", "allow:\n" + "- a\n".repeat(MOST / 4 - 8), "too-many-values"),
        new Row("many YAML keys", "k: \n".repeat(MOST / 4), "too-many-values"),
        new Row("many flow values", "[" + "a,".repeat(MOST / 2 - 1), "too-many-values"),
        new Row("many empty flow values", "{" + ",".repeat(MOST / 2), "json-syntax"),
        new Row("many JSON values", "{\"allow\":[" + "1,".repeat(MOST / 2 - 8), "too-many-values"),
        new Row("JSON cut short", "{\"allow\": [\"read\"", "json-syntax"),
        new Row("JSON text without end", "{\"" + "a".repeat(MOST - 2), "json-syntax"),
        new Row("JSON escape without end", "{\"\\u12", "json-syntax"),
        new Row("JSON of two", "{} {}", "json-syntax"),
        new Row("YAML text without end", "allow: \"" + "a".repeat(MOST - 10), "yaml-syntax"),
        new Row("anchors", "a: &x [1]\nb: [*x, *x]", "yaml-anchor"),
        new Row("alias", "allow: *x", "yaml-anchor"),
        new Row("tag", "allow: !!java.net.URL [x]", "yaml-tag"),
        new Row("tagged text", "allow: !x y", "yaml-tag"),
        new Row("two documents", "allow: [read]\n---\nallow: [write]", "yaml-documents"),
        new Row("directives", "%YAML 9.9\n---\nallow:", "yaml-syntax"),
        new Row("a list as key", "[a]: b", "yaml-syntax"),
        new Row("a control character", "allow: [\u0007]", "yaml-syntax"),
        new Row("percent", "%".repeat(MOST), "yaml-syntax"),
        new Row("question marks", "?".repeat(MOST), "unknown-format"),
        new Row("colons", ":".repeat(MOST), "yaml-syntax"),
        new Row("block scalars", "a: |\n" + " x\n".repeat(MOST / 3 - 2), "unknown-format"),
        new Row("many files", "allow:\nfiles:\n" + "- {target: /a, content: x}\n".repeat(1200), "too-many-files"),
        new Row("files without anything", "allow:\nfiles:\n" + "- {}\n".repeat(4000), "too-many-files"),
        new Row("a large file", "allow:\nfiles:\n- target: /a\n  content: " + "a".repeat(MOST - 90), "large-content"),
        new Row("a large file of base64", "allow:\nfiles:\n- target: /a\n  base64: " + "A".repeat(MOST - 90),
            "large-content"),
        new Row("base64 of blanks", "allow:\nfiles:\n- target: /a\n  base64: |\n" + " ".repeat(MOST - 90) + "*",
            "bad-base64"),
        new Row("a file of line breaks", "allow:\nfiles:\n- target: /a\n  content: |+\n   a\n" + "\n".repeat(MOST - 90),
            "large-content"),
        new Row("a long target", "allow:\nfiles:\n- content: x\n  target: " + "/a".repeat(MOST / 2 - 90), "long-target"),
        new Row("a crooked target", "allow:\nfiles:\n- content: x\n  target: /a" + "/..".repeat(MOST / 3 - 90) + "/b",
            "bad-target"),
        new Row("a target of control characters",
            "{\"allow\":[],\"files\":[{\"target\":\"/\\u001b[2J\\u202e\",\"content\":\"\"}]}", "bad-target"),
        new Row("half a character", "{\"allow\":[],\"files\":[{\"target\":\"/a\",\"content\":\"\\ud800\"}]}",
            "bad-content"),
        new Row("a long mode", "allow:\nfiles:\n- {target: /a, content: x, mode: '" + "0".repeat(MOST - 90) + "'}", "bad-mode"),
        new Row("a unit of one word", UNIT + "~" + "a".repeat(MOST - 40), "unknown-syscall"),
        new Row("a unit of a long key", "[Service]\n" + "a".repeat(MOST - 12) + "=", "no-filter"),
        new Row("a unit of many words", UNIT + "~" + "x ".repeat(MOST / 2 - 20), "unknown-syscall"),
        new Row("a unit of many sets", UNIT + "@known ".repeat(MOST / 7 - 8), "too-many-values"),
        new Row("a unit without end", UNIT + "\\\n".repeat(MOST / 2 - 20), "no-filter"),
        new Row("sections", "[Service]\n".repeat(MOST / 10), "no-filter"),
        new Row("headings without end", "[Service]\n" + "[a\n".repeat(MOST / 3 - 4), "unit-syntax"),
        new Row("a unit of control characters", UNIT + "~\u0000\u001b[2J\u202e", "unknown-syscall"),
        new Row("a unit of lone surrogates", "[Service]\n\uFFFD=\uFFFD", "no-filter"),
        new Row("deep minijail values", "read: 1\nsocket: arg0 == " + "(".repeat(MOST - 40), "expression-too-deep"),
        new Row("deep minijail complements", "read: 1\nsocket: arg0 == " + "~".repeat(MOST - 40), "expression-too-deep"),
        new Row("many minijail tests", "read: 1\nsocket: arg0 == 1" + " || arg0 == 1".repeat(MOST / 13 - 9), "too-many-tests"),
        new Row("many minijail lines", "read: 1\n".repeat(MOST / 8), "redefined"),
        new Row("long minijail lines", "read: 1 \\\n" + "\\\n".repeat(MOST / 2 - 9) + "x", "policy-syntax"),
        new Row("minijail of control characters", "read: 1\n\u001b[2J\u0000: 1", "policy-syntax"),
        new Row("minijail numbers", "read: 1\nsocket: arg0 == " + "9".repeat(MOST - 40), "unknown-constant"));
    for (Row row : rows) {
      long start = cpuTime();
      Parsed<PolicyFile> read = Files.read("hostile", row.text());
      long millis = (cpuTime() - start) / 1_000_000;
      assertThat(read.problems()).as(row.what()).extracting(Problem::code).contains(row.code());
      assertThat(read.problems()).as(row.what()).hasSizeLessThan(130);
      assertThat(millis).as(row.what()).isLessThan(HANGS);
      assertThat(read.problems().getFirst().render()).as(row.what()).hasSizeLessThan(1500);
    }
  }

  /// Files of containers, Kubernetes and Firecracker have the same syntax; here they are as large as their readers take.
  @Test
  void eachReaderOfTreesIsBounded() {
    String oci = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}";
    String kubernetes = "apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nmetadata: {name: x}\nspec: %s\n";
    String firecracker = "{\"vmm\":{\"default_action\":\"trap\",\"filter_action\":\"allow\",\"filter\":[%s]}}";
    String test = "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}";
    String condition = "{\"index\":0,\"type\":\"dword\",\"op\":\"eq\",\"val\":1}";
    record Row(String what, String text, String code) {}
    for (Row row : List.of(
        new Row("one call again and again", oci.formatted("{\"names\":[" + many("\"read\"", 9_900)
            + "],\"action\":\"SCMP_ACT_ALLOW\"}"), ""),
        new Row("one call with many tests", oci.formatted("{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
            + many(test, 1_400) + "]}"), ""),
        new Row("one call in many rules", oci.formatted(many("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL\"}", 1_600)), ""),
        new Row("calls of nobody", oci.formatted("{\"names\":[" + many("\"nosuch\"", 9_900)
            + "],\"action\":\"SCMP_ACT_ALLOW\"}"), ""),
        new Row("a deep OCI file", oci.formatted("[".repeat(MOST / 2)), "too-deep"),
        new Row("double OCI keys", oci.formatted("{\"names\":[\"read\"],\"names\":[\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}"),
            "duplicate-key"),
        new Row("a large Kubernetes profile", kubernetes.formatted("{defaultAction: SCMP_ACT_ERRNO, syscalls: [{action: SCMP_ACT_ALLOW,"
            + " names: [" + many("read", 9_900) + "]}]}"), ""),
        new Row("a deep Kubernetes profile", kubernetes.formatted("[".repeat(MOST / 2)), "too-deep"),
        new Row("double Kubernetes keys", kubernetes.formatted("{defaultAction: SCMP_ACT_KILL, defaultAction: SCMP_ACT_LOG}"),
            "duplicate-key"),
        new Row("a large Firecracker filter", firecracker.formatted(many("{\"syscall\":\"read\"}", 3_200)), ""),
        new Row("a Firecracker filter of many tests", firecracker.formatted("{\"syscall\":\"socket\",\"args\":["
            + many(condition, 1_100) + "]}"), ""),
        new Row("a deep Firecracker filter", firecracker.formatted("[".repeat(MOST / 2)), "too-deep"),
        new Row("double Firecracker keys", firecracker.formatted("{\"syscall\":\"read\",\"syscall\":\"write\"}"),
            "duplicate-key"))) {
      long start = cpuTime();
      Parsed<PolicyFile> read = Files.read("hostile", row.text());
      long millis = (cpuTime() - start) / 1_000_000;
      assertThat(millis).as(row.what()).isLessThan(HANGS);
      assertThat(read.problems()).as(row.what()).hasSizeLessThan(130);
      if (!row.code().isEmpty()) {
        assertThat(read.problems()).as(row.what()).extracting(Problem::code).contains(row.code());
      }
    }
  }

  private static String many(String item, int times) {
    return String.join(",", Collections.nCopies(times, item));
  }

  @Test
  void manyProblemsAreCutShort() {
    for (String entry : List.of("nosuchcall%d", "socket(domain == AF_%d)", "{calls: [a%d, b], with: X}", "[x%d]")) {
      StringBuilder text = new StringBuilder("allow:\n");
      for (int i = 0; i < 1200; i++) {
        text.append("  - ").append(entry.formatted(i)).append('\n');
      }
      long start = cpuTime();
      assertThat(Files.problems(text.toString())).as(entry).hasSizeBetween(100, 110);
      assertThat((cpuTime() - start) / 1_000_000).as(entry).isLessThan(HANGS);
    }
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    byte[] latin1 = "allow:\n  - read # gr\u00fc\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(PolicyFiles.read("x", latin1).problems()).extracting(Problem::code).containsExactly("not-utf8");
    assertThat(PolicyFiles.read("x", latin1).problems().getFirst().where().line()).isEqualTo(2);
    byte[] utf16 = "allow: [read]".getBytes(StandardCharsets.UTF_16);
    assertThat(PolicyFiles.read("x", utf16).problems()).extracting(Problem::code).containsExactly("not-utf8");
    byte[] cut = {'a', (byte) 0xE2, (byte) 0x82};
    assertThat(PolicyFiles.read("x", cut).problems()).extracting(Problem::code).containsExactly("not-utf8");
    assertThat(Files.problems("\uFEFFallow: [read]")).as("byte order mark").isEmpty();
  }

  @Test
  void anEndlessFileIsReadOnlyAsFarAsNeeded() throws IOException {
    InputStream endless = new InputStream() {
      @Override
      public int read() {
        return 'a';
      }
    };
    assertThat(PolicyFiles.read("x", endless).problems()).extracting(Problem::code).containsExactly("file-too-large");
  }

  /// Files with bytes exchanged, left out or doubled are read or refused, and nothing else happens.
  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    byte[] docker;
    try (InputStream in = Files.class.getResourceAsStream("oci/docker-default.json")) {
      docker = in.readAllBytes();
    }
    byte[] yaml = PolicyFiles.write(ShippedProfiles.named("default").orElseThrow()).getBytes(StandardCharsets.UTF_8);
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = damage((i % 2 == 0 ? docker : yaml).clone(), random);
      try {
        for (Problem problem : PolicyFiles.read("x", damaged).problems()) {
          problem.render();
        }
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ", file " + i, e);
      }
    }
  }

  /// Of this thread, so that a busy machine fails no test.
  private static long cpuTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static byte[] damage(byte[] file, Random random) {
    byte[] punctuation = "{}[]:,\"'#&*!|>%@`-? \n\t\\0a~".getBytes(StandardCharsets.US_ASCII);
    int start = random.nextInt(file.length);
    byte[] part = Arrays.copyOfRange(file, 0, Math.min(file.length, start + 500));
    for (int i = random.nextInt(4); i >= 0; i--) {
      part[random.nextInt(part.length)] = random.nextInt(8) == 0
          ? (byte) random.nextInt()
          : punctuation[random.nextInt(punctuation.length)];
    }
    return random.nextBoolean() ? part : concat(part, file, start);
  }

  private static byte[] concat(byte[] part, byte[] file, int from) {
    byte[] all = Arrays.copyOf(part, part.length + file.length - from);
    System.arraycopy(file, from, all, part.length, file.length - from);
    return all;
  }
}
