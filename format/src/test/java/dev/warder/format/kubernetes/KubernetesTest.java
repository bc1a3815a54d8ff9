package dev.warder.format.kubernetes;

import static dev.warder.format.Files.action;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.Comparison;
import dev.warder.format.Files;
import dev.warder.format.Format;
import dev.warder.format.PolicyFiles;
import dev.warder.format.ShippedProfiles;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KubernetesTest {
  private static String resource(String spec) {
    return """
        apiVersion: security-profiles-operator.x-k8s.io/v1beta1
        kind: SeccompProfile
        metadata: {name: web, namespace: shop}
        spec:
        """ + spec.indent(2);
  }

  @Test
  void aResourceIsReadAsTheProfileItBecomes() {
    String text = resource("""
        defaultAction: SCMP_ACT_ERRNO
        architectures: [SCMP_ARCH_NATIVE, SCMP_ARCH_X86]
        syscalls:
          - {names: [read], action: SCMP_ACT_ALLOW}
          - names: [fcntl]
            action: SCMP_ACT_ERRNO
            errnoRet: "38"
            args: [{index: 1, op: SCMP_CMP_EQ}]
        """);
    Policy policy = Files.policy(text);
    assertThat(Files.read("test", text).orThrow().format()).isEqualTo(Format.KUBERNETES);
    assertThat(action(policy, "read")).isEqualTo(Action.ALLOW);
    assertThat(action(policy, "fcntl", 0, 0)).isEqualTo(Action.fail(Errno.ENOSYS));
    assertThat(action(policy, "fcntl", 0, 1)).isEqualTo(Action.fail(Errno.EPERM));
    assertThat(policy.architectures().of(Arch.X86_64)).containsExactly(Arch.X86_64, Arch.X86);
  }

  @Test
  void aBaseProfileIsALossOnlyWhereItMayAllowAlone() {
    String base = "baseProfileName: runc-v1.0.0\ndisabled: true\ndefaultAction: ";
    assertThat(Files.losses(resource(base + "SCMP_ACT_ERRNO"))).containsExactlyInAnyOrder(
        "lost-base 5:20", "lost-disabled 6:13");
    assertThat(Files.problems(resource(base + "SCMP_ACT_LOG"))).containsExactly("lost-base 5:20");
  }

  @Test
  void mistakesAreFound() {
    record Row(String text, String problem) {}
    for (Row row : List.of(
        new Row("kind: SeccompProfile", "no-spec 1:1"),
        new Row("kind: SeccompProfile\nspec: []", "wrong-kind 2:7"),
        new Row("apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SelinuxProfile", "wrong-resource 2:7"),
        new Row(resource("syscalls: []"), "no-default-action 5:3"),
        new Row(resource("defaultAction: SCMP_ACT_ERRNO\nsyscals: []"), "unknown-key 6:3"),
        new Row(resource("defaultAction: SCMP_ACT_ERRNO\nsyscalls: [{names: [read], action: SCMP_ACT_ERRNO, errnoRet: x}]"),
            "bad-number 6:64"))) {
      assertThat(Files.problems(row.text())).as(row.text()).containsExactly(row.problem());
    }
  }

  @Test
  void shippedProfilesSurvive() {
    for (String name : ShippedProfiles.names()) {
      Policy policy = ShippedProfiles.named(name).orElseThrow();
      for (Set<Capability> kept : List.of(Set.<Capability>of(), EnumSet.allOf(Capability.class))) {
        Written written =
            PolicyFiles.write(Format.KUBERNETES, policy, new Target(List.of(Arch.X86_64), kept)).orThrow();
        assertThat(written.text()).contains("name: profile-" + name + "\n");
        Policy read = Files.policy(written.text());
        Comparison.assertWithin(read, policy, Arch.X86_64, kept);
        Comparison.assertWithin(policy, read, Arch.X86_64, kept);
      }
    }
  }

  @Test
  void errorsOfTheDefaultHaveNoPlace() {
    Policy policy = Policy.allowList("Über Web!").withDefaultAction(Action.fail(Errno.EACCES));
    Written written = PolicyFiles.write(Format.KUBERNETES, policy, new Target(List.of(Arch.X86_64), Set.of())).orThrow();
    assertThat(written.losses()).extracting(loss -> loss.problem().code()).containsExactly("lost-errno");
    assertThat(written.text()).contains("name: ber-web\n", "defaultAction: SCMP_ACT_ERRNO\n").doesNotContain("Ret");
    assertThat(PolicyFiles.write(Format.KUBERNETES, policy, new Target(List.of(Arch.LOONGARCH64), Set.of())).problems())
        .extracting(problem -> problem.code()).containsExactly("no-architecture");
  }
}
