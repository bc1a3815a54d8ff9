package dev.warder.format.kubernetes;

import dev.warder.format.oci.OciReader;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.List;

/// Reads a `SeccompProfile`.
///
/// Source: `seccompprofile_types.go` (v1beta1) of kubernetes-sigs/security-profiles-operator.
public final class KubernetesReader {
  private static final String GROUP = "security-profiles-operator.x-k8s.io/";
  private static final String KIND = "SeccompProfile";
  private static final List<String> KEYS = List.of("apiVersion", "kind", "metadata", "spec", "status");
  /// What the operator's resource has beside the profile.
  private static final List<String> OWN = List.of("baseProfileName", "disabled");

  private final Reading reading;

  public KubernetesReader(Reading reading) {
    this.reading = reading;
  }

  public static boolean recognises(Node.Mapping root) {
    return is(root.get("kind"), KIND) || root.get("apiVersion") instanceof Node.Scalar version
        && version.text().startsWith(GROUP);
  }

  private static boolean is(Node node, String text) {
    return node instanceof Node.Scalar scalar && scalar.text().equals(text);
  }

  /// The policy; null if the problems noted leave none.
  public Policy read(Node.Mapping root) {
    var fields = new Fields(reading, root, KEYS);
    if (!is(fields.get("kind"), KIND)) {
      reading.fail("wrong-resource", fields.has("kind") ? fields.get("kind") : root, "this is no " + KIND,
          "the resource has kind: " + KIND);
      return null;
    }
    Node.Mapping spec = fields.mapping("spec");
    if (spec == null) {
      return fields.has("spec") ? null : reading.fail("no-spec", root, "spec is missing", "add it");
    }
    Policy policy = new OciReader(reading).readProfile(withoutOwn(spec));
    Node base = spec.get("baseProfileName");
    if (policy != null && base != null) {
      base(base, policy);
    }
    if (spec.get("disabled") instanceof Node.Scalar disabled && disabled.text().equals("true")) {
      reading.same("lost-disabled", disabled, "that the operator shall not install it is not carried over");
    }
    return policy;
  }

  private static Node.Mapping withoutOwn(Node.Mapping spec) {
    var entries = new ArrayList<Node.Entry>();
    for (Node.Entry entry : spec.entries()) {
      if (!OWN.contains(entry.key().text())) {
        entries.add(entry);
      }
    }
    return new Node.Mapping(entries, spec.at());
  }

  /// The operator adds the rules of the other profile, which only the cluster has.
  private void base(Node base, Policy policy) {
    if (policy.defaultAction().denies()) {
      reading.stricter("lost-base", base, "the rules of another profile are not read, so what they allow is denied");
    } else {
      reading.fail("lost-base", base, "the rules of another profile are not read, and what they deny would be allowed",
          "copy its rules into this one");
    }
  }
}
