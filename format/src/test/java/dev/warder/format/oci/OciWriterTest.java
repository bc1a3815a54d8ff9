package dev.warder.format.oci;


import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.Format;
import dev.warder.format.Comparison;
import dev.warder.format.Files;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.RandomRules;
import dev.warder.format.ShippedProfiles;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.SyscallList;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OciWriterTest {
  /// Entries with tests; libseccomp's time grows faster than their number.
  private static final int MOST_TESTED = 100;

  private static List<Policy> policies() throws IOException {
    var policies = new ArrayList<Policy>();
    for (String name : ShippedProfiles.names()) {
      policies.add(ShippedProfiles.named(name).orElseThrow());
    }
    try (InputStream in = Docker.class.getResourceAsStream("podman-default.json")) {
      policies.add(PolicyFiles.read("podman", in).orThrow().policy());
    }
    return policies;
  }

  @Test
  void flagsAndListenerGoFromOneProfileToAnother() {
    String head = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"/run/s\","
        + "\"listenerMetadata\":\"m\",\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}";
    PolicyFile file = Files.read("test", head).orThrow();
    Target target = new Target(List.of(Arch.X86_64), Set.of());
    for (Format format : List.of(Format.OCI, Format.DOCKER, Format.KUBERNETES)) {
      Written written = PolicyFiles.convert(file, format, target).orThrow();
      assertThat(written.losses()).as(format.label()).isEmpty();
      assertThat(Comparison.read(written).attributes()).isEqualTo(file.attributes());
    }
    assertThat(PolicyFiles.convert(file, Format.WARDER, target).orThrow().losses()).hasSize(3);
    assertThat(write(Format.OCI, file.policy(), target).losses())
        .extracting(loss -> loss.problem().code()).containsExactly("no-listener");
  }

  /// What a written file must mean: the policy, but for what was reported.
  private static Comparison.Expected expected(Policy policy, List<Arch> arches, Set<Capability> kept, Written written) {
    var expected = new Comparison.Expected(policy, arches, kept);
    for (String loss : Comparison.losses(written, "lost-architecture")) {
      String[] words = loss.split(" ");
      if (words[6].startsWith(arches.getFirst().label())) {
        expected.without(Arch.named(words[2]).orElseThrow());
      }
    }
    for (String loss : Comparison.losses(written, "multiplexer")) {
      boolean enosys = policy.defaultAction().equals(Action.fail(Errno.ENOSYS));
      expected.with(loss.split(" ")[0], Action.fail(enosys ? Errno.EPERM : Errno.ENOSYS));
    }
    return expected.withNewer(Comparison.newer(policy)).withUnassigned(policy.defaultAction());
  }

  @Test
  void dockerProfilesMeanTheSame() throws IOException {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (Policy policy : policies()) {
      Written written = PolicyFiles.write(Format.DOCKER, policy, new Target(List.of(), Set.of())).orThrow();
      Policy read = Comparison.read(written).policy();
      for (Arch host : List.of(Arch.X86_64, Arch.AARCH64, Arch.S390X, Arch.MIPS64)) {
        List<Arch> served = policy.architectures().of(host);
        for (Set<Capability> kept : host == Arch.X86_64 ? Comparison.capabilities(random) : List.<Set<Capability>>of(Set.of())) {
          var expected = expected(policy, served, kept, written);
          if (!served.isEmpty()) {
            Comparison.assertSame(policy.name() + " on " + host + " keeping " + kept + ", seed " + seed, expected, read, kept);
          }
        }
      }
    }
  }

  @Test
  void runtimeProfilesMeanTheSame() throws IOException {
    for (Policy policy : policies()) {
      for (Arch host : List.of(Arch.X86_64, Arch.AARCH64, Arch.S390X)) {
        for (Set<Capability> kept : List.of(Set.<Capability>of(), EnumSet.allOf(Capability.class))) {
          List<Arch> served = policy.architectures().of(host);
          if (!served.isEmpty()) {
            Written written = PolicyFiles.write(Format.OCI, policy, new Target(served, kept)).orThrow();
            Policy read = Comparison.read(written).policy();
            Comparison.assertSame(policy.name(), expected(policy, served, kept, written), read, Set.of());
          }
        }
      }
    }
  }

  @Test
  void libseccompMakesTheSameOfThem() throws IOException, InterruptedException {
    Libseccomp.assume();
    for (Policy policy : policies()) {
      for (Set<Capability> kept : List.of(Set.<Capability>of(), Set.of(Capability.CAP_SYS_ADMIN))) {
        List<Arch> served = policy.architectures().of(Arch.X86_64);
        Written written = PolicyFiles.write(Format.OCI, policy, new Target(served, kept)).orThrow();
        Libseccomp.assertSame(policy.name(), written.text(), expected(policy, served, kept, written), policy);
      }
    }
  }

  @Test
  void generatedPoliciesMeanTheSame() {
    long seed = Long.getLong("warder.seed", 1);
    int compared = 0;
    for (int i = 0; compared < 16; i++) {
      Policy policy = new RandomRules(seed + i).policy();
      String what = "seed " + (seed + i) + "\n" + PolicyFiles.write(policy);
      Set<Capability> kept = i % 2 == 0 ? Set.of() : Set.of(Capability.CAP_SYS_ADMIN);
      for (Arch host : List.of(Arch.X86_64, Arch.S390X)) {
        List<Arch> served = policy.architectures().of(host);
        Written docker = write(Format.DOCKER, policy, new Target(List.of(), Set.of()));
        Written oci = write(Format.OCI, policy, new Target(served, kept));
        if (docker != null && oci != null) {
          assertMeans(what, expected(policy, served, kept, docker), docker, kept);
          assertMeans(what, expected(policy, served, kept, oci), oci, kept);
          compared++;
        }
      }
    }
  }

  /// Null if there are too many rules.
  private static Written write(Format format, Policy policy, Target target) {
    Parsed<Written> written = PolicyFiles.write(format, policy, target);
    boolean tooComplex = written.problems().stream().anyMatch(problem -> problem.code().equals("too-complex"));
    return tooComplex ? null : written.orThrow();
  }

  private static void assertMeans(
      String what, Comparison.Expected expected, Written written, Set<Capability> kept) {
    Policy read = Comparison.read(written).policy();
    takeOver(expected, written, read, kept, false);
    Comparison.assertSame(what + written.text(), expected, read, kept);
  }

  private static void takeOver(
      Comparison.Expected expected, Written written, Policy read, Set<Capability> kept, boolean cut) {
    for (String loss : Comparison.losses(written, "abi-dependent")) {
      String[] words = loss.split(" ");
      Comparison.takeOver(expected, read, kept, words[0], Arch.named(words[2]).orElseThrow(), cut);
    }
  }

  @Test
  void libseccompMakesTheSameOfGeneratedOnes() throws IOException, InterruptedException {
    Libseccomp.assume();
    long seed = Long.getLong("warder.seed", 1);
    int compared = 0;
    for (int i = 0; compared < 4; i++) {
      // Of a single call with tests libseccomp 2.5.4 makes a program that never loads its number.
      Policy policy = new RandomRules(seed + i).policy()
          .with(SyscallList.parse("getpid getppid brk", "").orThrow());
      List<Arch> served = policy.architectures().of(Arch.X86_64);
      Written written = write(Format.OCI, policy, new Target(served, Set.of()));
      if (written == null || written.text().split("\"args\"").length > MOST_TESTED) {
        continue;
      }
      compared++;
      var expected = expected(policy, served, Set.of(), written);
      takeOver(expected, written, Comparison.read(written).policy(), Set.of(), true);
      String what = "seed " + (seed + i) + "\n" + PolicyFiles.write(policy) + written.text();
      Libseccomp.assertSame(what, written.text(), expected, policy);
    }
  }
}
