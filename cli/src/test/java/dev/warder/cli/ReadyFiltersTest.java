package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.Verifier;
import dev.warder.policy.Action;
import dev.warder.policy.Resolution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.cli.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyFiltersTest {
  @TempDir
  private Path stage;

  @Test
  void filtersOfTheBuildAreThoseOfTheProfiles() throws Exception {
    ReadyFilters.write(stage);
    String before = System.setProperty("warder.stage", stage.toString());
    try {
      for (String profile : PolicySource.profiles()) {
        Filter ready = ReadyFilters.find(parse("--profile", profile)).orElseThrow();
        var resolutions = new ArrayList<Resolution>();
        for (Arch arch : PolicySource.profile(profile).architectures().of(Arch.X86_64)) {
          resolutions.add(PolicySource.profile(profile).resolve(arch, Set.of()));
        }
        assertThat(Verifier.verify(ready, resolutions, Action.KILL_PROCESS)).as(profile).isEmpty();
      }
      assertThat(ReadyFilters.find(parse())).hasValue(ReadyFilters.find(parse("--profile", "default")).orElseThrow());
    } finally {
      restore(before);
    }
  }

  /// Whatever changes a profile keeps its ready filter from being taken for it.
  @Test
  void changedProfilesAreCompiled() throws Exception {
    ReadyFilters.write(stage);
    String before = System.setProperty("warder.stage", stage.toString());
    try {
      for (List<String> words : List.of(
          List.of("--system-call-filter=~read"), List.of("--capability=SYS_ADMIN"), List.of("--drop-capability=CHOWN"),
          List.of("--default-action=kill"), List.of("--policy=x.yaml"), List.of("--profile=../filters/default"))) {
        assertThat(ReadyFilters.find(parse(words.toArray(new String[0])))).as(words.toString()).isEmpty();
      }
      Files.delete(stage.resolve("filters").resolve("strict"));
      assertThat(ReadyFilters.find(parse("--profile=strict"))).isEmpty();
    } finally {
      restore(before);
    }
  }

  private static Arguments parse(String... words) throws CommandException {
    var options = new Options();
    PolicyOptions.addTo(options);
    return Arguments.parse(options, List.of(words));
  }

  private static void restore(String before) {
    if (before == null) {
      System.clearProperty("warder.stage");
    } else {
      System.setProperty("warder.stage", before);
    }
  }
}
