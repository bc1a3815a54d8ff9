package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.CommandLine.Result;
import dev.warder.format.convert.Includes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  @Test
  void everyShippedProfileIsValid() {
    for (String name : PolicySource.profiles()) {
      Result result = CommandLine.warder("check", name);
      assertThat(result.firstLine()).isEqualTo("profile " + name + ": valid");
      assertThat(result.status()).isZero();
      assertThat(result.err()).isEmpty();
    }
  }

  @Test
  void theUsualProfileWeakensNothing() {
    assertThat(CommandLine.warder("check", "default").out())
        .contains("calls that it allows and profile default denies: none\n");
    assertThat(CommandLine.warder("check", "strict").out()).endsWith("""
        weakens: dangerous calls that it allows: none

        weakens: calls that it allows and profile default denies: none
        """);
  }

  @Test
  void tellsWhatAProfileWeakensAndWhy() {
    String out = CommandLine.warder("check", "capejail").out();
    assertThat(out).contains("note: io_uring is allowed, and a ring performs calls that the list blocks");
    String dangerous = out.substring(out.indexOf("weakens: dangerous"));
    assertThat(dangerous).contains("""
          io_uring_enter io_uring_register io_uring_setup
              Hands the kernel a ring of requests that are performed without passing the filter: files,
        """);
  }

  @Test
  void listsConditionsAndWithVerboseWhatIsAbsent() {
    String out = CommandLine.warder("check", "-v", "strict").out();
    assertThat(out).contains("""
          prlimit64
              ALLOW if new_limit == 0; otherwise ERRNO EPERM
        """);
    assertThat(out).contains("names that x86_64 lacks, skipped there: ");
    assertThat(CommandLine.warder("check", "strict").out()).doesNotContain("skipped there");
  }

  @Test
  void tellsWhichCallsTakeLandlocksRulesAway(@TempDir Path folder) throws IOException {
    Path policy = folder.resolve("mounts.yaml");
    String heading = "weakens: calls that leave a jail without Landlock's rules on files: ";
    for (String allow : List.of("'@mount'", "mount(flags & MS_BIND)", "{calls: umount, architectures: x86}")) {
      Files.writeString(policy, "extends: default\nallow: [" + allow + "]\n");
      assertThat(CommandLine.warder("check", policy.toString()).out()).contains(heading).contains("The kernel forbids them");
      boolean planTells = CommandLine.warder("plan", "--policy", policy.toString(), "true").out()
          .contains("leave Landlock's rules on files out");
      assertThat(planTells).as(allow).isTrue();
    }
    Files.writeString(policy, "extends: default\nallow: [{calls: '@mount', with: CAP_SYS_ADMIN}, fsopen, open_tree]\n");
    assertThat(CommandLine.warder("check", policy.toString()).out()).doesNotContain(heading);
    Path filter = folder.resolve("mounts.bpf");
    Files.writeString(policy, "extends: default\nallow: [mount, umount2]\n");
    CommandLine.warder("compile", "--policy", policy.toString(), "-o", filter.toString());
    assertThat(CommandLine.warder("check", filter.toString()).out().replaceAll("\\s+", " "))
        .contains("umount2 leave a jail without Landlock's rules on files. The kernel forbids them");
    CommandLine.warder("compile", "-o", filter.toString());
    assertThat(CommandLine.warder("check", filter.toString()).out()).doesNotContain("without Landlock's rules");
  }

  @Test
  void tellsTheFilesOfAPolicy(@TempDir Path folder) throws IOException {
    Path policy = Files.writeString(folder.resolve("web.yaml"), """
        extends: strict
        files:
          - {target: /run/web.conf, content: abc}
          - {target: /a/empty, content: '', mode: '0600'}
          - {target: /b, base64: 'AA=='}
        """);
    assertThat(CommandLine.warder("check", policy.toString()).out()).contains("""

        files that it puts into a jail: 3
          /a/empty
              mode 0600, empty, SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
          /b
              mode 0444, 1 byte, SHA-256 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
          /run/web.conf
              mode 0444, 3 bytes of text, SHA-256
              ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad

        weakens: """);
    assertThat(CommandLine.warder("check", "strict").out()).doesNotContain("files that it puts");
    Files.writeString(policy, "extends: strict\nfiles:\n  - {target: web.conf, content: abc}\n");
    Result invalid = CommandLine.warder("check", policy.toString());
    assertThat(invalid.status()).isEqualTo(1);
    assertThat(invalid.out()).isEqualTo("""
        %s: invalid, 1 problem
        %s:3:14: 'web.conf' is not an absolute path of the jail [bad-target]
              - {target: web.conf, content: abc}
                         ^^^^^^^^
        fix: begin it with /
        """.formatted(policy, policy));
  }

  @Test
  void mistakesAreTrouble() {
    record Row(List<String> words, String message) {}
    for (Row row : List.of(
        new Row(List.of("check"), "no policy given: warder check [-v] POLICY"),
        new Row(List.of("check", "default", "strict"), "one policy at a time: warder check"),
        new Row(List.of("check", "defualt"), "there is neither a profile nor a file 'defualt'; did you mean profile default?"),
        new Row(List.of("check", "--profile", "strict"), "there is no option --profile"))) {
      Result result = CommandLine.warder(row.words.toArray(String[]::new));
      assertThat(result.err()).as(row.words.toString()).startsWith("warder: " + row.message);
      assertThat(result.status()).as(row.words.toString()).isEqualTo(2);
    }
  }

  @Test
  void aDenyEntryThatOnlyLogsIsToldWhereNothingElseAllowsTheCall(@TempDir Path folder) throws IOException {
    Path policy = folder.resolve("log.yaml");
    Files.writeString(policy, "allow: [read]\ndeny:\n  - {calls: [mount, read], action: log}\n");
    Result result = CommandLine.warder("check", policy.toString());
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("weakens: calls that a deny entry lets through, since its action is log, and nothing"
        + " else does: 1\n  mount\n");
    Files.writeString(policy, "default-action: allow\ndeny:\n  - {calls: [mount, read], action: log}\n");
    assertThat(CommandLine.warder("check", policy.toString()).out()).doesNotContain("a deny entry lets through");
  }

  @Test
  void readsStandardInput() {
    InputStream stdin = System.in;
    try {
      for (String[] command : new String[][] {{"check", "-"}, {"diff", "strict", "-"}, {"compile", "--policy=-"}}) {
        System.setIn(new ByteArrayInputStream("extends: strict\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(CommandLine.warder(command).status()).as(command[0]).isZero();
      }
      byte[] filter = CommandLine.warder("compile", "--profile=strict", "--format=bpf", "--arch=x86_64").bytes();
      for (String[] command : new String[][] {{"check", "-"}, {"compile", "--policy=-"}, {"eval", "read", "--policy", "-"},
          {"convert", "-", "--to", "oci"}, {"convert", "--from=bpf", "--to=oci", "-"}}) {
        System.setIn(new ByteArrayInputStream(filter));
        assertThat(CommandLine.warder(command)).as(String.join(" ", command)).extracting(Result::status).isEqualTo(0);
      }
      System.setIn(new ByteArrayInputStream("read: 1\n@include ./x\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(CommandLine.warder("check", "-").out()).contains("stdin:2:10: there is no folder");
    } finally {
      System.setIn(stdin);
    }
  }

  @Test
  void aFileThatCannotBeReadIsToldWithTheReason(@TempDir Path folder) {
    assertThat(CommandLine.warder("compile", "--policy=docker").err()).contains("did you mean --profile docker?");
    assertThat(CommandLine.warder("check", folder.toString()).err()).contains("Is a directory");
    assertThat(Includes.reason(new AccessDeniedException("x.policy"))).isEqualTo("permission denied");
  }
}
