package dev.warder.format;

import dev.warder.format.convert.Target;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Damaged files of every format are read or refused, soon, and nothing else happens; what is read can be written and
/// read again.
///
/// The tests draw the same files each time. `-Dwarder.fuzz.seconds=600` draws others for that long, and then none may take a
/// second; `-Dwarder.fuzz.seed=N` repeats such a run.
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("warder.fuzz.seconds", 0);
  private static final long SEED = Long.getLong("warder.fuzz.seed", SECONDS > 0 ? System.nanoTime() : 1);
  private static final int FILES = 1_500;

  /// Of one file, on a machine of today. The worst YAML of the largest size takes a quarter of it.
  private static final long MOST_MILLIS = 1000;

  private static final List<String> TOKENS = List.of(
      "{", "}", "[", "]", ":", ",", "\"", "'", "#", "&", "*", "!", "|", ">", "%", "@", "`", "-", "?", " ", "\n", "\t",
      "\\", "\u0000", "\r", "\r\n", "~", "=", ";", "(", ")", "==", "&&", "||", "<=", "\u001b[31m", "\u202e", "\uFEFF",
      "\uD83D\uDC27", "null", "true", "1e999", "-1", "0", "18446744073709551616", "0x", "arg0", "arg9", "return",
      "EPERM", "[Service]", "[Exec]", "SystemCallFilter=", "SystemCallFilter=~", "RestrictNamespaces=", "@include ./x",
      "@default", "@denylist", "@frequency ./x", "frequencies:", "allow", "deny", "extends", "read", "socket", "clone3", "@known",
      "files:", "target: /x", "content: x", "base64: AA==", "/../", "\\ud800", "SCMP_ACT_ALLOW", "SCMP_CMP_MASKED_EQ",
      "domain in [AF_UNIX]", "\\\n", "\n\n");

  private final Random random = new Random(SEED);
  private final List<byte[]> corpus = new ArrayList<>();

  FuzzTest() throws IOException {
    for (String name : List.of("oci/docker-default.json", "oci/podman-default.json")) {
      try (InputStream in = Files.class.getResourceAsStream(name)) {
        corpus.add(in.readAllBytes());
      }
    }
    for (String name : List.of("default", "nspawn-v235")) {
      Policy profile = ShippedProfiles.named(name).orElseThrow();
      for (Format format : List.of(Format.WARDER, Format.SYSTEMD, Format.MINIJAIL)) {
        corpus.add(PolicyFiles.write(format, profile, new Target(List.of(), Set.of())).orThrow().text()
            .getBytes(StandardCharsets.UTF_8));
      }
    }
    for (String text : List.of(
        "[Service]\nSystemCallFilter=@system-service\nSystemCallFilter=~@mount ptrace:EACCES \\\n read\n"
            + "SystemCallErrorNumber=EPERM\nRestrictNamespaces=~user mnt\nRestrictAddressFamilies=AF_UNIX AF_INET\n"
            + "SystemCallArchitectures=native\nSystemCallLog=~@basic-io\nLockPersonality=yes\nProtectClock=on\n",
        "[Exec]\nSystemCallFilter=@keyring bpf\nSystemCallFilter=~chroot\n",
        "@default trap\n{ read, write[arch=x86_64,arm64] }: 1\nsocket: arg0 == AF_UNIX || arg1 in ~(SOCK_STREAM | 0x800)\n"
            + "clone: { arg0 & CLONE_NEWUSER; return EPERM, arg1 < 0x1000, kill }\n",
        "extends: strict\nfiles:\n  - target: /run/a.conf\n    content: |\n      port = 80\n\n      x: \u00fc\n"
            + "    mode: '0400'\n"
            + "  - {target: /b, base64: AAEC/w==}\n  - target: /c/d\n    content: \"a\\0b\\u2028\"\n",
        "{\"allow\":[\"read\"],\"files\":[{\"target\":\"/run/a\",\"content\":\"a\\nb\\u0000\\ud83d\\udc27\","
            + "\"mode\":\"0755\"}]}",
        "@denylist\nmount: return 1\nptrace: { arg0 == 16; return EPERM }\n",
        "name: web\nextends: strict\nsets: {'@f': [read, write]}\nallow:\n  - '@f'\n  - calls: socket(domain == AF_UNIX)\n"
            + "    with: CAP_CHOWN\n    reason: why\ndeny:\n  - {calls: ['#451'], action: kill}\n")) {
      corpus.add(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void damagedFilesAreReadOrRefused() {
    long begun = System.nanoTime();
    int files = 0;
    int read = 0;
    while (SECONDS > 0 ? System.nanoTime() - begun < SECONDS * 1_000_000_000L : files < FILES) {
      byte[] file = damaged();
      long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      try {
        read += survives(file) ? 1 : 0;
      } catch (RuntimeException | StackOverflowError | AssertionError | OutOfMemoryError e) {
        throw new AssertionError("seed " + SEED + ", file " + files + ":\n"
            + new String(file, StandardCharsets.UTF_8), e);
      }
      long millis = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1_000_000;
      if (SECONDS > 0 && millis > MOST_MILLIS && files > 0) {
        throw new AssertionError("seed " + SEED + ", file " + files + " took " + millis + " ms");
      }
      files++;
    }
    System.out.println("fuzz: seed " + SEED + ", " + files + " files in "
        + (System.nanoTime() - begun) / 1_000_000_000 + " s, " + read + " of them read");
    if (read == 0 || read == files) {
      throw new AssertionError("the damage is always or never too great: " + read + " of " + files);
    }
  }

  /// Whether it was read. What was read is written from time to time, and read again.
  private boolean survives(byte[] file) {
    Parsed<PolicyFile> parsed = PolicyFiles.read(null, "fuzz", file, _ -> file);
    for (Problem problem : parsed.problems()) {
      problem.render();
    }
    if (!(parsed instanceof Parsed.Accepted<PolicyFile>(PolicyFile policyFile))) {
      return false;
    }
    policyFile.losses().forEach(loss -> loss.line());
    String text = PolicyFiles.write(policyFile.policy(), policyFile.files());
    PolicyFile again = PolicyFiles.read("again", text.getBytes(StandardCharsets.UTF_8)).orThrow();
    if (again.policy().rules().size() != policyFile.policy().rules().size() || !again.files().equals(policyFile.files())) {
      throw new AssertionError("reads back as another policy:\n" + text);
    }
    return true;
  }

  private byte[] damaged() {
    byte[] file = corpus.get(random.nextInt(corpus.size())).clone();
    int cut = Math.min(file.length, 1 + random.nextInt(6000));
    int from = random.nextBoolean() ? 0 : random.nextInt(file.length - cut + 1);
    String text = new String(file, from, cut, StandardCharsets.UTF_8);
    for (int i = random.nextInt(5); i > 0 && !text.isEmpty(); i--) {
      text = mutated(text);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(8) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private String mutated(String text) {
    int at = random.nextInt(text.length());
    int to = Math.min(text.length(), at + 1 + random.nextInt(12));
    String token = TOKENS.get(random.nextInt(TOKENS.size()));
    return switch (random.nextInt(6)) {
      case 0 -> text.substring(0, at) + text.substring(to);
      case 1 -> text.substring(0, at) + token + text.substring(at);
      case 2 -> text.substring(0, at) + token + text.substring(to);
      case 3 -> text.substring(0, to) + text.substring(at);
      case 4 -> text.substring(0, at) + token.repeat(1 + random.nextInt(200)) + text.substring(at);
      default -> line(text, at);
    };
  }

  /// The text with one line moved to another's place.
  private String line(String text, int at) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    String moved = lines.remove(random.nextInt(lines.size()));
    lines.add(lines.isEmpty() ? 0 : at % (lines.size() + 1), moved);
    return String.join("\n", lines);
  }
}
