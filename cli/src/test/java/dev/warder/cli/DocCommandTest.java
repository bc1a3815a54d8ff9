package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Catalog;
import dev.warder.cli.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocCommandTest {
  @TempDir
  private Path folder;

  private static List<String> found(String pattern, String text) {
    var found = new ArrayList<String>();
    for (var match = Pattern.compile(pattern).matcher(text); match.find();) {
      found.add(match.group(1));
    }
    return found;
  }

  @Test
  void everyCallOfTheCatalogStandsThereOnceAllowedOrDeniedWithAReason() {
    for (String profile : PolicySource.profiles()) {
      String markdown = CommandLine.warder("doc", profile).out();
      assertThat(found("`([a-z0-9_]+)`", markdown)).as(profile)
          .containsExactlyInAnyOrderElementsOf(Catalog.get().syscallNames());
      String html = CommandLine.warder("doc", "--format=html", profile).out();
      assertThat(found("<code id=\"call-([a-z0-9_]+)\">", html)).as(profile)
          .containsExactlyInAnyOrderElementsOf(Catalog.get().syscallNames());
      String denied = markdown.substring(markdown.indexOf("\n## Denied, and why"));
      denied = denied.contains("\n## Calls without") ? denied.substring(0, denied.indexOf("\n## Calls without")) : denied;
      assertThat(found("\n- [^\n]*\n  - ([^\n]*)", denied)).as(profile).isNotEmpty()
          .allSatisfy(reason -> assertThat(reason).matches("(ERRNO [A-Z]+|KILL|KILL_THREAD)[^:]*: .{15,}"));
    }
  }

  @Test
  void tellsReasonsDangerConditionsAndCost() {
    String doc = CommandLine.warder("doc", "default").out();
    assertThat(doc).startsWith("# profile default\n\n## Summary\n\nOrdinary programs on their own files")
        .containsPattern("- \\*\\*Filter\\*\\*: [0-9]+ instructions; from Linux 5\\.11 on the kernel answers [0-9]+ calls")
        .contains("## Compared with profile default\n\nIt allows the same calls on ")
        .contains("- **CAP_SYSLOG**: syslog\n")
        .contains("- ⚠ `socket`\n  - ERRNO EAFNOSUPPORT if domain == AF\\_NETLINK".replace("\\_", "_"))
        .contains("- ⚠ `userfaultfd`\n  - ERRNO EPERM: Lets the program decide when a page fault ends.");
    assertThat(CommandLine.warder("doc", "capejail").out()).containsPattern("- \\*\\*Allows more: [0-9]+\\*\\*\n(  - [a-z].*\n){2,}");
    assertThat(CommandLine.warder("doc", "docker").out())
        .contains("### @aio\n\n- `io_cancel`, `io_destroy`, `io_getevents`").contains("\n  - ALLOW: Named in profile docker.\n");
  }

  @Test
  void filesStandThereAsTheyAre() throws IOException {
    Path policy = Files.writeString(folder.resolve("web.yaml"), """
        extends: strict
        files:
          - target: /run/a.conf
            content: "<b>\\n```\\n  \u202e*x*\\n"
          - {target: /b, base64: 'AP8='}
        """);
    assertThat(CommandLine.warder("doc", policy.toString()).out()).contains("""
        ## Files

        What it puts into a jail, read-only.

        - **/b**: mode 0444, 2 bytes, SHA-256 """).contains("""
        - **/run/a.conf**: mode 0444, 17 bytes of text, SHA-256 """).contains("""

          ````text
          <b>
          ```
            ?*x*
          ````

        """);
    assertThat(CommandLine.warder("doc", "--format=html", policy.toString()).out())
        .contains("<dt>/run/a.conf</dt>\n<dd>mode 0444, ").contains("</dd>\n<dd><pre>&lt;b&gt;\n```\n  ?*x*\n</pre></dd>\n");
    assertThat(CommandLine.warder("doc", "strict").out()).doesNotContain("## Files");
  }

  @Test
  void theSamePolicyGivesTheSameDocument() {
    for (String format : List.of("md", "html")) {
      byte[] first = CommandLine.warder("doc", "--format", format, "docker").bytes();
      assertThat(CommandLine.warder("doc", "--format", format, "docker").bytes()).isEqualTo(first);
    }
  }

  @Test
  void whatAPolicyFileSaysIsTextAndNothingElse() throws IOException {
    Path policy = Files.writeString(folder.resolve("<b>&_x_.yaml"), """
        description: "<script>alert(1)</script> ![x](http://x) **loud**"
        allow: [read]
        deny: [{calls: ptrace, reason: "a <img src=x onerror='y'> & `code`"}]
        """);
    String html = CommandLine.warder("doc", "--format=html", policy.toString()).out();
    assertThat(html).doesNotContain("<script", "<img", "<b>", "http://x)</").contains("&lt;script&gt;alert(1)",
        "a &lt;img src=x onerror=&#39;y&#39;&gt; &amp; `code`");
    assertThat(found("<(/?[a-z0-9]+)", html)).isSubsetOf("html", "/html", "head", "/head", "meta", "title", "/title",
        "style", "/style", "body", "/body", "header", "/header", "h1", "/h1", "nav", "/nav", "ul", "/ul", "li", "/li",
        "a", "/a", "main", "/main", "section", "/section", "h2", "/h2", "h3", "/h3", "p", "/p", "dl", "/dl", "dt",
        "/dt", "dd", "/dd", "code", "/code", "span", "/span");
    for (String element : List.of("dl", "section", "dt", "dd", "main", "nav")) {
      assertThat(found("<(" + element + ")[ >]", html)).hasSameSizeAs(found("<(/" + element + ")>", html));
    }
    String markdown = CommandLine.warder("doc", policy.toString()).out();
    assertThat(markdown).contains("\\<script\\>alert(1)\\</script\\> \\!\\[x\\](http://x) \\*\\*loud\\*\\*")
        .contains("a \\<img src=x onerror='y'\\> \\& \\`code\\`");
  }

  @Test
  void writesFilesAndTellsMistakes() throws IOException {
    Path file = folder.resolve("strict.html");
    assertThat(CommandLine.warder("doc", "--format=html", "-o", file.toString(), "strict").status()).isZero();
    assertThat(Files.readString(file)).startsWith("<!DOCTYPE html>\n<html lang=\"en\">").endsWith("</html>\n");
    record Row(List<String> words, String message) {}
    for (Row row : List.of(
        new Row(List.of("doc"), "no policy given: warder doc"),
        new Row(List.of("doc", "--format=pdf", "strict"), "--format is md or html, got 'pdf'"),
        new Row(List.of("doc", "nosuch"), "there is neither a profile nor a file 'nosuch'"))) {
      Result result = CommandLine.warder(row.words.toArray(String[]::new));
      assertThat(result.status()).isEqualTo(2);
      assertThat(result.err()).startsWith("warder: " + row.message);
    }
  }
}
