package dev.warder.format.kubernetes;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.TreeText;
import dev.warder.format.convert.Writer;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.format.oci.Host;
import dev.warder.format.oci.OciWriter;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Writes a `SeccompProfile`: a profile of the OCI runtime, with error numbers as texts and none for the default.
public final class KubernetesWriter implements Writer {
  private static final int NAME_LENGTH = 63;

  @Override
  public Parsed<Written> write(Policy policy, Target target) {
    var writing = new Writing(policy);
    List<Host> hosts = Host.one(policy, target, writing);
    if (!hosts.isEmpty() && hosts.getFirst().abis().contains(Arch.LOONGARCH64)) {
      writing.fail("no-architecture", null, "the operator knows no loongarch64", "choose another with --arch");
    }
    if (hosts.isEmpty()) {
      return writing.written("");
    }
    Map<String, Object> spec = OciWriter.tree(policy, target, hosts, false, writing);
    spec.remove("defaultErrnoRet");
    if (policy.defaultAction() instanceof Action.Fail(Errno errno) && errno != Errno.EPERM) {
      writing.same("lost-errno", null, "by default calls fail with EPERM instead of " + errno);
    }
    for (Object syscall : (List<?>) spec.get("syscalls")) {
      numbersAsTexts(syscall);
    }
    var resource = new LinkedHashMap<String, Object>();
    resource.put("apiVersion", "security-profiles-operator.x-k8s.io/v1beta1");
    resource.put("kind", "SeccompProfile");
    resource.put("metadata", Map.of("name", name(policy.name())));
    resource.put("spec", spec);
    return writing.written(TreeText.yaml(resource));
  }

  @SuppressWarnings("unchecked")
  private static void numbersAsTexts(Object syscall) {
    ((Map<String, Object>) syscall).computeIfPresent("errnoRet", (_, number) -> number.toString());
  }

  /// The policy's name in the letters that names of resources have.
  private static String name(String text) {
    String name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String cut = name.substring(0, Math.min(name.length(), NAME_LENGTH)).replaceAll("-$", "");
    return cut.isEmpty() ? "policy" : cut;
  }
}
