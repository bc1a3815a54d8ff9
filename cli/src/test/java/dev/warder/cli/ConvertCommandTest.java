package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.CommandLine.Result;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
  private static final String PROFILE = """
      {"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOG"], "syscalls": [
        {"names": ["read", "nosuch"], "action": "SCMP_ACT_ALLOW"}]}
      """;

  @TempDir
  private Path folder;

  @Test
  void tellsWhatGetsLostAndWhetherTheResultIsStricter() throws IOException {
    Path file = Files.writeString(folder.resolve("p.json"), PROFILE);
    Result result = CommandLine.warder("convert", "--to", "warder", file.toString());
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("default-action: errno:EPERM\n", "allow:\n  - read\n");
    assertThat(result.err()).isEqualTo("""
        warder: %1$s:1:47: SECCOMP_FILTER_FLAG_LOG is not carried over; it changes no decision [lost-flag]; as strict as before
        warder: %1$s:2:22: no system call named 'nosuch'; it is left out, which lets nothing more through \
        [unknown-syscall]; stricter
        """.formatted(file));
  }

  /// A policy that is compiled and read back means the same, capabilities aside.
  @Test
  void readsFilters() throws IOException {
    Path filter = folder.resolve("f.bpf");
    Path back = folder.resolve("back.yaml");
    for (String profile : PolicySource.profiles()) {
      CommandLine.warder("compile", "--profile", profile, "--arch=x86_64,x86,x32", "-o", filter.toString());
      Result converted = CommandLine.warder("convert", "--to", "warder", "-o", back.toString(), filter.toString());
      assertThat(converted.err()).as(profile).isEmpty();
      assertThat(CommandLine.warder("diff", filter.toString(), back.toString()).status()).as(profile).isZero();
    }
  }

  @Test
  void refusesToConvertToFilters() throws IOException {
    Result result = CommandLine.warder("convert", "--to", "bpf", "default");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("warder compile --policy FILE --format bpf");
    assertThat(CommandLine.warder("convert", "--from", "bpd", "--to", "oci", "x").err()).contains("did you mean bpf?");
  }

  @Test
  void readsStandardInputAndWritesAFile() throws IOException {
    Path written = folder.resolve("p.yaml");
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream(PROFILE.getBytes(StandardCharsets.UTF_8)));
    try {
      Result result = CommandLine.warder("convert", "--from=oci", "--to=warder", "-o", written.toString(), "-");
      assertThat(result.err()).startsWith("warder: stdin:1:47: ");
      assertThat(result.out()).isEmpty();
      assertThat(result.status()).isZero();
    } finally {
      System.setIn(stdin);
    }
    assertThat(CommandLine.warder("check", written.toString()).firstLine()).isEqualTo("stdin: valid");
  }

  @Test
  void profilesOfOtherToolsDecideAsTheirPolicyDoes() throws IOException {
    for (String format : List.of("oci", "docker", "kubernetes", "firecracker", "systemd", "warder")) {
      Path file = folder.resolve(format);
      Result written = CommandLine.warder("convert", "--to", format, "--arch=x86_64", "-o", file.toString(), "strict");
      assertThat(written.status()).as(format + written.err()).isZero();
      for (String call : List.of("read", "ptrace", "io_uring_setup")) {
        assertThat(CommandLine.warder("eval", "--policy", file.toString(), call).firstLine()).as(format + " " + call)
            .isEqualTo(CommandLine.warder("eval", "--profile=strict", call).firstLine());
      }
    }
  }

  @Test
  void aThreadOfAFirecrackerFileIsChosenByName() throws IOException {
    String filter = "{\"default_action\": {\"errno\": 13}, \"filter_action\": \"allow\", \"filter\": [{\"syscall\": \"%s\"}]}";
    Path file = Files.writeString(
        folder.resolve("fc.json"), "{\"vmm\":" + filter.formatted("read") + ",\"api\":" + filter.formatted("write") + "}");
    assertThat(CommandLine.warder("eval", "--policy=" + file + "#api", "write").firstLine()).isEqualTo("ALLOW");
    assertThat(CommandLine.warder("eval", "--policy=" + file + "#vmm", "write").firstLine()).isEqualTo("ERRNO EACCES");
    assertThat(CommandLine.warder("check", file + "#vmm").firstLine()).isEqualTo(file + "#vmm: valid");
    assertThat(CommandLine.warder("eval", "--policy=" + file, "write").err())
        .contains("fix: choose one with FILE#THREAD: vmm, api");
  }

  @Test
  void whatWouldLetMoreThroughIsNotWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("p.yaml"), "default-action: allow\ndeny: [ptrace]\n");
    Path out = folder.resolve("out");
    Result result = CommandLine.warder("convert", "--to=oci", "--arch=x86_64", "-o", out.toString(), file.toString());
    assertThat(result.err()).contains("calls newer than those that are known get the default action", "[newer-action]");
    assertThat(result.status()).isEqualTo(2);
    assertThat(out).doesNotExist();
  }

  @Test
  void mistakesAreTrouble() throws IOException {
    Path file = Files.writeString(folder.resolve("p.yaml"), "allow: [reed]");
    record Row(List<String> words, String message) {}
    for (Row row : List.of(
        new Row(List.of("default"), "no format given: warder convert [--from F|bpf] --to F [-o FILE] FILE"),
        new Row(List.of("--to=warder"), "no file given: warder convert"),
        new Row(List.of("--to=warder", "a", "b"), "one file at a time: warder convert"),
        new Row(List.of("--to=wader", "default"), "--to: there is no format 'wader'; did you mean warder?"),
        new Row(List.of("--from=", "--to=warder", "x"), "--from: there is no format ''; there are warder, oci"),
        new Row(List.of("--to=warder", "/no/such"), "there is no policy file /no/such"),
        new Row(List.of("--to=warder", "--from=oci", file.toString()), file + ":1:1: this container has no system call filter"),
        new Row(List.of("--to=warder", file.toString()), file + ":1:9: no system call named 'reed'"))) {
      var words = new ArrayList<String>(List.of("convert"));
      words.addAll(row.words);
      Result result = CommandLine.warder(words.toArray(String[]::new));
      assertThat(result.err()).as(row.words.toString()).startsWith("warder: " + row.message);
      assertThat(result.status()).as(row.words.toString()).isEqualTo(2);
      assertThat(result.out()).as(row.words.toString()).isEmpty();
    }
  }
}
