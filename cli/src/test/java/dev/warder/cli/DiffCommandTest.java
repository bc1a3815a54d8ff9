package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.CommandLine.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffCommandTest {
  @TempDir
  private Path folder;

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  @Test
  void everyProfileMeansWhatItMeans() {
    for (String profile : PolicySource.profiles()) {
      Result result = CommandLine.warder("diff", profile, profile);
      assertThat(result.status()).as(profile).isZero();
      assertThat(result.out()).endsWith("\n").contains("A and B mean the same on x86_64, x86, x32, aarch64, ");
    }
  }

  @Test
  void tellsWhoAllowsMoreUnderWhichConditionAndWhy() throws IOException {
    String left = file("left.yaml", "allow: [read, \"socket(domain == AF_UNIX)\"]\n");
    String right = file("right.yaml", """
        allow: [read, "socket(domain in [AF_UNIX, AF_VSOCK])"]
        deny: [{calls: ptrace, action: kill}]
        """);
    Result result = CommandLine.warder("diff", left, right);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).isEqualToNormalizingWhitespace("""
        A: %s
        B: %s

        B allows more: 1
          socket(domain == AF_VSOCK)
              A: ERRNO EPERM; B: ALLOW
              Danger, a known way out of a jail. Opens a socket, of any family. Some families reach past the
              network namespace (AF_VSOCK), others lead into little-used kernel code with a record of holes
              (AF_ALG, AF_PACKET). Allowed only as socket(domain == AF_UNIX) (%s:1).

        both allow or both deny, with another answer: 1
          ptrace
              A: ERRNO EPERM; B: KILL

        A allows 0 calls more, B allows 1 call more, 1 gets another answer
        """.formatted(left, right, left));
  }

  @Test
  void filesCountAsCallsDo() throws IOException {
    String left = file("left.yaml", "extends: strict\nfiles: [{target: /a, content: x}, {target: /b, content: y}]\n");
    String right = file("right.yaml", "extends: strict\nfiles: [{target: /b, base64: eQ==}, {target: /a, content: x}]\n");
    assertThat(CommandLine.warder("diff", left, right).status()).as("in another order").isZero();
    file("right.yaml", "extends: strict\nfiles: [{target: /a, content: x, mode: '0400'}, {target: /c, content: z}]\n");
    Result result = CommandLine.warder("diff", left, right);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out()).contains("\nA and B decide the same on x86_64, x86, ").endsWith("""

        files that they put into a jail and do not have alike: 3
          /a
              A: mode 0444, 1 byte of text, SHA-256
              2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
              B: mode 0400, 1 byte of text, SHA-256
              2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
          /b
              A: mode 0444, 1 byte of text, SHA-256
              a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa
              B: none
          /c
              A: none
              B: mode 0444, 1 byte of text, SHA-256
              594e519ae499312b29433b7dd8a97ff068defcba9755b6d5d00e84c524d67b06
        """);
    Result json = CommandLine.warder("diff", "--format=json", left, "strict");
    assertThat(json.status()).isEqualTo(1);
    assertThat(json.out()).contains("\"same\": false", "{\"target\": \"/a\", \"A\": {\"mode\": \"0444\", \"bytes\": 1, "
        + "\"sha256\": \"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\"}, \"B\": null}");
    assertThat(CommandLine.warder("diff", left, file("more.yaml", "extends: strict\nallow: [ptrace]\n")).out())
        .contains("B allows 1 call more", "files that they put into a jail and do not have alike: 2");
    String filter = folder.resolve("filter.bpf").toString();
    assertThat(CommandLine.warder("compile", "--policy", left, "--arch=x86_64", "-o", filter).status()).isZero();
    assertThat(CommandLine.warder("diff", left, filter).status()).as("a filter has no place for files").isZero();
  }

  @Test
  void capabilitiesAndArchitecturesCount() throws IOException {
    String left = file("left.yaml", """
        architectures: [x86_64]
        allow:
          - read
          - calls: reboot
            with: CAP_SYS_BOOT
        """);
    String right = file("right.yaml", "architectures: [x86_64, x86]\nallow: [read]\n");
    assertThat(CommandLine.warder("diff", "--arch=x86_64", left, right).out())
        .contains("  x86: B serves, A kills every call (on a kernel for x86_64)\n")
        .contains("  reboot\n      A: ALLOW; B: ERRNO EPERM; while the jail keeps CAP_SYS_BOOT; on x86_64\n")
        .endsWith("A allows 1 call more, B allows 0 calls more; they do not serve the same architectures\n");
  }

  @Test
  void aFilterIsComparedWithThePolicyItWasMadeFrom() throws IOException {
    String filter = folder.resolve("strict.bpf").toString();
    for (String arch : List.of("x86_64", "s390x", "aarch64")) {
      assertThat(CommandLine.warder("compile", "--profile=strict", "--arch", arch, "-o", filter).status()).isZero();
      Result same = CommandLine.warder("diff", "--arch", arch, filter, "strict");
      assertThat(same.out()).as(arch).contains("mean the same");
      assertThat(same.status()).isZero();
    }
    byte[] bytes = Files.readAllBytes(Path.of(filter));
    bytes[bytes.length - 1] ^= (byte) 0x80;                         // of the value that the last instruction returns
    Files.write(Path.of(filter), bytes);
    assertThat(CommandLine.warder("diff", filter, "strict").status()).isEqualTo(1);
  }

  @Test
  void jsonHoldsEveryDifference() throws IOException {
    String left = file("left.yaml", "architectures: [x86_64]\nallow: [read]\n");
    String right = file("right.yaml", "architectures: [x86_64]\nallow: [read, \"socket(domain == AF_UNIX)\"]\n");
    Result result = CommandLine.warder("diff", "--format=json", left, right);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out()).contains("\"same\": false,", """
            {"architecture": "x86_64", "call": "socket", "numbers": "", "condition": "domain == AF_UNIX", \
        "A": "ERRNO EPERM", "B": "ALLOW", "allowsMore": "B", "kept": [], "dropped": []}
        """);
  }

  @Test
  void whatCannotBeComparedIsTrouble() throws IOException {
    var program = new ByteArrayOutputStream();
    program.writeBytes(new byte[] {0x20, 0, 0, 0, 16, 0, 0, 0});    // ld [16]
    for (int i = 0; i < 40; i++) {
      program.writeBytes(new byte[] {0x07, 0, 0, 0, 0, 0, 0, 0});   // tax
      program.writeBytes(new byte[] {0x20, 0, 0, 0, (byte) (16 + 4 * (i % 12)), 0, 0, 0});
      program.writeBytes(new byte[] {0x2c, 0, 0, 0, 0, 0, 0, 0});   // mul x
      program.writeBytes(new byte[] {(byte) 0xac, 0, 0, 0, 0, 0, 0, 0});  // xor x
    }
    program.writeBytes(new byte[] {0x15, 0, 0, 1, 77, 0, 0, 0});    // jeq #77
    program.writeBytes(new byte[] {0x06, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f});
    program.writeBytes(new byte[] {0x06, 0, 0, 0, 0, 0, 0, 0});
    Path file = Files.write(folder.resolve("mix.bpf"), program.toByteArray());
    Result result = CommandLine.warder("diff", file.toString(), "default");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).matches("warder: cannot compare exactly, so no answer is given: instruction [0-9]+ makes "
        + "more distinctions than can be kept apart\n");
  }

  @Test
  void mistakesAreTold() {
    record Row(List<String> words, String message) {}
    for (Row row : List.of(
        new Row(List.of("diff", "default"), "two policies are compared, got 1: warder diff"),
        new Row(List.of("diff", "default", "nosuch"), "there is neither a profile nor a file 'nosuch'"),
        new Row(List.of("diff", "--format=xml", "default", "strict"), "--format is text or json, got 'xml'"),
        new Row(List.of("diff", "--arch=x68", "default", "strict"), "there is no architecture 'x68'"))) {
      Result result = CommandLine.warder(row.words.toArray(String[]::new));
      assertThat(result.status()).as(row.toString()).isEqualTo(2);
      assertThat(result.err()).startsWith("warder: " + row.message);
    }
  }
}
