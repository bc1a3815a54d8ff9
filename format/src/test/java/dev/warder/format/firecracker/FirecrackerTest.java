package dev.warder.format.firecracker;

import static dev.warder.format.Files.action;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.Comparison;
import dev.warder.format.Files;
import dev.warder.format.Format;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.ShippedProfiles;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirecrackerTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);

  private static String filter(String thread, String head, String... rules) {
    return ("'" + thread + "':{" + head + ",'filter':[" + String.join(",", rules) + "]}").replace('\'', '"');
  }

  private static String file(String... rules) {
    return "{" + filter("vmm", "'default_action':{'errno':1},'filter_action':'allow'", rules) + "}";
  }

  private static String rule(String call, String... args) {
    return "{'syscall':'" + call + "'" + (args.length == 0 ? "" : ",'args':[" + String.join(",", args) + "]") + "}";
  }

  private static String arg(int index, String type, String op, String value) {
    String word = op.startsWith("{") ? op : "'" + op + "'";
    return "{'index':" + index + ",'type':'" + type + "','op':" + word + ",'val':" + value + ",'comment':'x'}";
  }

  @Test
  void operatorsCompareAsManyBitsAsTheTypeHas() {
    record Row(String type, String op, String value, long[] yes, long[] no) {}
    long high = 1L << 32;
    for (Row row : List.of(
        new Row("dword", "eq", "5", new long[] {5, 5 + high}, new long[] {4, 6}),
        new Row("qword", "eq", "5", new long[] {5}, new long[] {4, 6, 5 + high}),
        new Row("dword", "ne", "5", new long[] {4, 6}, new long[] {5, 5 + high}),
        new Row("dword", "lt", "5", new long[] {0, 4, high}, new long[] {5, 6}),
        new Row("qword", "le", "5", new long[] {4, 5}, new long[] {6, high}),
        new Row("qword", "gt", "5", new long[] {6, high, -1}, new long[] {4, 5}),
        new Row("dword", "ge", "5", new long[] {5, 6}, new long[] {4, high}),
        new Row("dword", "{'masked_eq':12}", "7", new long[] {4, 5, 20}, new long[] {0, 8, 12}))) {
      Policy policy = Files.policy(file(rule("fcntl", arg(2, row.type(), row.op(), row.value()))));
      for (long value : row.yes()) {
        assertThat(action(policy, "fcntl", 0, 0, value)).as(row + " " + value).isEqualTo(Action.ALLOW);
      }
      for (long value : row.no()) {
        assertThat(action(policy, "fcntl", 0, 0, value)).as(row + " " + value).isEqualTo(EPERM);
      }
    }
  }

  @Test
  void rulesAreAlternativesAndTheirTestsAreNot() {
    Policy policy = Files.policy(file(
        rule("read"), rule("fcntl", arg(1, "dword", "ge", "3"), arg(1, "dword", "ne", "4")),
        rule("fcntl", arg(1, "dword", "eq", "1"))));
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "write")).isEqualTo(EPERM);
    assertThat(action(policy, "fcntl", 0, 1)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "fcntl", 0, 3)).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "fcntl", 0, 4)).isEqualTo(EPERM);
    assertThat(policy.architectures().of(Arch.X86_64)).containsExactly(Arch.X86_64);
    assertThat(policy.newerAction()).isEqualTo(EPERM);
  }

  @Test
  void aDenyListOfRustVmmIsRead() {
    Policy policy = Files.policy("{" + filter("t", "'mismatch_action':'log','match_action':{'trace':7}",
        "{'syscall':'acct','args':[{'arg_index':0,'arg_type':'qword','op':'eq','val':1}]}") + "}");
    assertThat(action(policy, "acct", 1)).isEqualTo(new Action.Trace((short) 7));
    assertThat(action(policy, "acct", 2)).isEqualTo(new Action.Log());
  }

  @Test
  void aThreadIsChosenByName() throws IOException {
    String head = "'default_action':'trap','filter_action':'allow'";
    String text = "{" + filter("vmm", head, rule("read")) + "," + filter("api", head, rule("write")) + "}";
    assertThat(read(text, "api").orThrow().policy().rules()).extracting(rule -> rule.subject().text())
        .containsExactly("write");
    for (String thread : new String[] {null, "vcpu"}) {
      Problem problem = read(text, thread).problems().getFirst();
      assertThat(problem.code()).isEqualTo("no-thread");
      assertThat(problem.fix()).isEqualTo("choose one with FILE#THREAD: vmm, api");
    }
    assertThat(read("allow: [read]", "vmm").problems()).extracting(Problem::code).containsExactly("no-part");
  }

  private static Parsed<PolicyFile> read(String text, String thread)
      throws IOException {
    return PolicyFiles.read(null, "f", thread, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whatIsLostIsStricter() {
    assertThat(Files.losses(file(rule("nosuch")))).containsExactly("unknown-syscall 1:83");
    assertThat(Files.losses(file(rule("socket", arg(0, "qword", "ne", "38"))))).singleElement().asString()
        .startsWith("argument-width");
    String lets = "{" + filter("vmm", "'default_action':'allow','filter_action':{'errno':4000}", rule("nosuch")) + "}";
    assertThat(Files.problems(lets)).singleElement().asString().startsWith("unknown-syscall");
  }

  @Test
  void mistakesAreFound() {
    record Row(String text, String problem) {}
    for (Row row : List.of(
        new Row("{" + filter("vmm", "'default_action':'allow'") + "}", "no-action"),
        new Row("{" + filter("vmm", "'default_action':'deny','filter_action':'allow'") + "}", "unknown-action"),
        new Row("{" + filter("vmm", "'default_action':{'errno':99999},'filter_action':'allow'") + "}", "bad-number"),
        new Row("{" + filter("vmm", "'default_action':{'ernno':1},'filter_action':'allow'") + "}", "unknown-key"),
        new Row(file("{'args':[]}"), "no-names"),
        new Row(file("{'syscall':'read','arg':[]}"), "unknown-key"),
        new Row(file("'read'"), "wrong-kind"),
        new Row(file(rule("read", arg(6, "dword", "eq", "1"))), "bad-index"),
        new Row(file(rule("read", arg(1, "word", "eq", "1"))), "unknown-type"),
        new Row(file(rule("read", arg(1, "dword", "is", "1"))), "unknown-operator"),
        new Row(file(rule("read", arg(1, "dword", "eq", "-1"))), "bad-number"),
        new Row(file(rule("read", arg(1, "dword", "{'masked_ne':1}", "1"))), "unknown-key"),
        new Row(file(rule("read", "{'index':1,'op':'eq'}")), "no-number"))) {
      assertThat(Files.problems(row.text().replace('\'', '"'))).as(row.text()).isNotEmpty()
          .allSatisfy(problem -> assertThat(problem).matches("(" + row.problem() + "|no-number) .*"));
    }
  }

  @Test
  void shippedProfilesSurvive() {
    for (String name : ShippedProfiles.names()) {
      Policy policy = ShippedProfiles.named(name).orElseThrow();
      for (Arch arch : List.of(Arch.X86_64, Arch.AARCH64)) {
        if (policy.architectures().of(arch).contains(arch)) {
          Set<Capability> kept = Set.of(Capability.CAP_SYS_ADMIN);
          Written written = PolicyFiles.write(Format.FIRECRACKER, policy, new Target(List.of(arch), kept)).orThrow();
          assertThat(written.losses()).noneMatch(loss -> loss.stricter());
          Policy read = Files.policy(written.text());
          Comparison.assertWithin(read, policy, arch, kept);
          Comparison.assertWithin(policy, read, arch, kept);
        }
      }
    }
  }

  @Test
  void aThirdActionIsTheStricterOfTheTwo() {
    Policy policy = Files.policy("""
        default-action: kill
        newer-action: kill
        allow: [read, write]
        deny:
          - {calls: write, action: log}
          - {calls: openat, action: errno:EACCES}
        """);
    Written written = PolicyFiles.write(Format.FIRECRACKER, policy, new Target(List.of(Arch.X86_64), Set.of())).orThrow();
    assertThat(written.losses()).extracting(loss -> loss.problem().code() + " " + loss.stricter())
        .containsExactly("lost-action false", "lost-action true");
    Policy read = Files.policy(written.text());
    assertThat(action(read, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(read, "write")).isEqualTo(Action.KILL_PROCESS);
    assertThat(action(read, "openat")).isEqualTo(Action.KILL_PROCESS);
  }

  @Test
  void whatWouldLetMoreThroughIsNotWritten() {
    Target target = new Target(List.of(Arch.X86_64), Set.of());
    Policy newer = Files.policy("default-action: allow\ndeny: [acct]");
    assertThat(PolicyFiles.write(Format.FIRECRACKER, newer, target).problems()).extracting(Problem::code)
        .containsExactly("newer-action");
    Policy number = Files.policy("default-action: allow\nnewer-action: allow\ndeny: ['#450', '#9999']");
    assertThat(PolicyFiles.write(Format.FIRECRACKER, number, target).problems()).extracting(Problem::code)
        .containsExactly("unnamed-number");
    assertThat(PolicyFiles.write(Format.FIRECRACKER, number, new Target(List.of(Arch.S390X), Set.of())).problems())
        .extracting(Problem::code).contains("no-architecture");
  }
}
