package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a filter for a well-known policy costs, against the best programs known for these lists.
class NearOptimalTest {
  /// Mean instructions over the calls that the bitmap does not answer, within 5 % of the best tree known; length within
  /// 15 % of the shortest.
  @ParameterizedTest
  @CsvSource({"capejail, 8.75, 64", "docker, 8.65, 67", "nspawn, 9.30, 67", "service, 8.37, 51"})
  void staysCloseToTheBestProgramKnown(String name, double bestMean, int shortest) {
    List<Resolution> resolutions = KnownPolicies.resolve(name, Arch.X86_64);
    Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
    assertThat(mean(filter, resolutions.getFirst())).isLessThan(1.05 * bestMean);
    assertThat((double) filter.insns().size()).isLessThan(1.15 * shortest);
  }

  @ParameterizedTest
  @CsvSource({"capejail", "docker", "nspawn", "service"})
  void threeArchitecturesFitIntoTheLengthOfOneElsewhere(String name) {
    Filter filter = FilterCompiler.compile(KnownPolicies.resolve(name, Arch.X86_64, Arch.X86, Arch.X32),
        Action.KILL_PROCESS);
    assertThat(filter.insns()).hasSizeLessThan(310);
  }

  @Test
  void theBitmapAnswersEveryUnconditionalAllow() {
    for (String name : List.of("capejail", "docker", "nspawn", "service", "web")) {
      List<Resolution> resolutions = KnownPolicies.resolve(name, Arch.X86_64, Arch.X86, Arch.X32);
      Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
      for (Resolution resolution : resolutions.subList(0, 2)) {
        for (Map.Entry<Integer, Decision> call : resolution.decisions().entrySet()) {
          assertThat(Bitmap.answers(filter, resolution.arch().auditArch(), call.getKey()))
              .as(name + " " + resolution.arch() + " " + call.getKey()).isEqualTo(allowed(call.getValue()));
        }
      }
    }
  }

  private static double mean(Filter filter, Resolution resolution) {
    return resolution.decisions().entrySet().stream().filter(call -> !allowed(call.getValue()))
        .mapToInt(call -> Interpreter.run(filter, call.getKey(), resolution.arch().auditArch(), 0, new long[6])
            .executed())
        .average().orElseThrow();
  }

  private static boolean allowed(Decision decision) {
    return decision.unconditional() && decision.otherwise().action() instanceof Action.Allow;
  }
}
