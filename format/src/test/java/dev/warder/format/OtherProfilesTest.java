package dev.warder.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.meaning.Comparison;
import dev.warder.meaning.Rules;
import dev.warder.policy.Architectures;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What other sandboxes filter, in every format that is written: it comes back meaning the same, or what got lost was
/// told, and never does it let more through.
class OtherProfilesTest {
  private static Policy profile(String name) throws IOException {
    try (InputStream in = OtherProfilesTest.class.getResourceAsStream("profiles/" + name + ".yaml")) {
      return PolicyFiles.read(name, in).orThrow().policy();
    }
  }

  private static List<Policy> profiles() throws IOException {
    var profiles = new ArrayList<>(List.of(profile("flatpak"), profile("android-app"), profile("android-system")));
    for (String name : ShippedProfiles.names()) {
      profiles.add(ShippedProfiles.named(name).orElseThrow());
    }
    return profiles;
  }

  @Test
  void everyProfileComesBackFromEveryFormat() throws IOException {
    int same = 0;
    for (Policy policy : profiles()) {
      for (Format format : Format.values()) {
        for (Arch arch : List.of(Arch.X86_64, Arch.AARCH64)) {
          same += survives(policy, format, arch) ? 1 : 0;
        }
      }
    }
    assertThat(same).isGreaterThan(30);
  }

  /// Whether nothing got lost.
  private static boolean survives(Policy policy, Format format, Arch arch) {
    String what = policy.name() + " as " + format.label() + " for " + arch;
    Parsed<Written> parsed = PolicyFiles.write(format, policy, new Target(List.of(arch), Set.of(), arch));
    if (!(parsed instanceof Parsed.Accepted<Written>(Written written))) {
      assertThat(parsed.problems()).as(what).allSatisfy(problem -> assertThat(problem.what()).isNotEmpty());
      return false;
    }
    PolicyFile back = PolicyFiles.read(format, "back", written.text().getBytes(StandardCharsets.UTF_8)).orThrow();
    Comparison comparison = Comparison.of(new Rules.Written(only(policy, arch)), new Rules.Written(only(back.policy(), arch)),
        List.of(arch));
    var differences = comparison.differences().stream().filter(d -> d.kept().isEmpty()).toList();
    assertThat(differences).as(what).noneMatch(Comparison.Difference::rightAllowsMore);
    if (written.losses().isEmpty() && back.losses().isEmpty()) {
      assertThat(differences).as(what).isEmpty();
    }
    return differences.isEmpty();
  }

  private static Policy only(Policy policy, Arch arch) {
    return policy.withArchitectures(new Architectures.Listed(List.of(arch)));
  }
}
