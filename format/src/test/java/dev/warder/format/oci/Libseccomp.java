package dev.warder.format.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.Verifier;
import dev.warder.filter.Verifier.Difference;
import dev.warder.format.Comparison;
import dev.warder.format.convert.Multiplexed;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// libseccomp as Debian has it, asked what it makes of a profile.
final class Libseccomp {
  private static final String PYTHON = "/usr/bin/python3";

  private Libseccomp() {}

  /// @param program what it installs
  record Loaded(List<String> unknown, Filter program) {}

  static void assume() throws IOException, InterruptedException {
    boolean there = Files.isExecutable(Path.of(PYTHON))
        && new ProcessBuilder(PYTHON, "-c", "import seccomp").redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    assumeTrue(there, "SKIPPED: no python3-seccomp to ask libseccomp with");
  }

  static Loaded load(String profile) throws IOException, InterruptedException {
    Path script = Files.createTempFile("load", ".py");
    Path in = Files.writeString(Files.createTempFile("profile", ".json"), profile);
    File errors = Files.createTempFile("load", ".err").toFile();
    try (InputStream source = Libseccomp.class.getResourceAsStream("load.py")) {
      Files.write(script, source.readAllBytes());
      Process process = new ProcessBuilder("/usr/bin/timeout", "60", PYTHON, script.toString()).redirectInput(in.toFile())
          .redirectError(errors).start();
      byte[] out = process.getInputStream().readAllBytes();
      assertThat(process.waitFor()).as(profile).isZero();
      assertThat(Files.readString(errors.toPath())).as(profile).isEmpty();
      int end = 0;
      while (out[end] != '\n') {
        end++;
      }
      List<String> unknown = List.of(new String(out, 0, end, StandardCharsets.US_ASCII).split(" "));
      return new Loaded(unknown, Filter.parse(Arrays.copyOfRange(out, end + 1, out.length), false));
    } finally {
      Files.delete(script);
      Files.delete(in);
      Files.delete(errors.toPath());
    }
  }

  /// Proves that the program libseccomp makes of the profile decides so. It knows no `ENOSYS` for newer calls, which
  /// runc puts before it, and lets calls that it does not know by name have the default.
  static void assertSame(String what, String profile, Comparison.Expected expected, Policy policy)
      throws IOException, InterruptedException {
    Loaded loaded = load(profile);
    expected.withNewer(policy.defaultAction());
    for (String unknown : loaded.unknown()) {
      String[] words = unknown.split(":");
      if (words.length > 1 && !Multiplexed.CALLS.contains(words[1])) {                 // these have numbers of libseccomp's own
        expected.with(words[1], Arch.named(words[0]).orElseThrow(), policy.defaultAction());
      }
    }
    var resolutions = new ArrayList<>(expected.resolutions());
    if (resolutions.stream().noneMatch(resolution -> resolution.arch() == Arch.X32)) {
      resolutions.add(foreignX32(policy.defaultAction()));
    }
    List<Difference> differences = Verifier.verify(loaded.program(), resolutions, new Action.KillThread());
    assertThat(differences).as(what).isEmpty();
  }

  /// A call with the number -1 is one that a tracer took back, and nothing is made of it.
  private static Resolution foreignX32(Action byDefault) {
    Decision kill = Decision.always(new Outcome(new Action.KillThread(), ""));
    var takenBack = new TreeMap<>(Map.of(-1, Decision.always(new Outcome(byDefault, ""))));
    return new Resolution(Arch.X32, takenBack, kill, 0x40000000, kill);
  }
}
