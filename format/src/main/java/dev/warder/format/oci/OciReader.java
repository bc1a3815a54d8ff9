package dev.warder.format.oci;

import dev.warder.catalog.Errno;
import dev.warder.format.convert.Attributes;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.List;

/// Reads the seccomp object of an OCI `config.json`, and the profiles of Docker and Podman, which add conditions.
///
/// It means what runc and libseccomp make of it, save where they let through more than the file says:
///
/// - A rule with the action of the default counts. runc drops it, and with it the deny of a call that another rule
///   allows.
/// - Where rules of one call conflict, the strictest action wins. libseccomp takes the first rule without arguments and
///   forgets the others. Where that differs it is a loss, `conflicting-rules`.
/// - Tests on the same argument: see [ArgumentTests].
/// - An argument of which the kernel reads 32 bits is compared on those, not on the 64 of the register, since the rest
///   of the register is a way round the rule.
/// - Numbers above the catalog's newest get `ENOSYS`, as with runc, unless the default lets calls through.
/// - A rule for kernels from some version on (`minKernel`) is in force if Warder needs that version anyway, or if that
///   denies more: a filter may be moved to another kernel, so no version is asked for.
/// - `includes.arches` and `excludes.arches` are about the host's kernel, as with Docker. A 32-bit ABI can have two
///   hosts; where they disagree, the stricter decides, and the difference is a loss, `host-dependent`.
///
/// Sources: `config-linux.md` of the OCI runtime specification; `seccomp_linux.go` of
/// moby/profiles and of runc.
public final class OciReader {
  private static final List<String> KEYS = List.of(
      "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags", "listenerPath",
      "listenerMetadata", "syscalls", "comment", "$schema");

  /// The losses of what goes from one container profile to another.
  public static final List<String> ATTRIBUTES = List.of("lost-flag", "lost-listener");

  private final Reading reading;

  public OciReader(Reading reading) {
    this.reading = reading;
  }

  /// Whether the keys are those of a profile or of a `config.json`.
  public static boolean recognises(Node.Mapping root) {
    return root.get("defaultAction") != null || root.get("syscalls") != null || root.get("ociVersion") != null
        || root.get("linux") != null;
  }

  /// The policy; null if the problems noted leave none.
  public Policy read(Node.Mapping root) {
    Node.Mapping seccomp = seccomp(root);
    return seccomp == null ? null : readProfile(seccomp);
  }

  /// The policy of a seccomp object; null if the problems noted leave none.
  public Policy readProfile(Node.Mapping seccomp) {
    return policy(new Fields(reading, seccomp, KEYS));
  }

  private Node.Mapping seccomp(Node.Mapping root) {
    boolean profile = root.get("defaultAction") != null || root.get("syscalls") != null;
    if (profile) {
      return root;
    }
    boolean inside = root.get("linux") instanceof Node.Mapping linux && linux.get("seccomp") instanceof Node.Mapping;
    return inside
        ? (Node.Mapping) ((Node.Mapping) root.get("linux")).get("seccomp")
        : reading.fail("no-seccomp", root, "this container has no system call filter", "add linux.seccomp to it");
  }

  private Policy policy(Fields fields) {
    Action defaultAction = defaultAction(fields);
    if (defaultAction == null) {
      return null;
    }
    boolean denies = defaultAction.denies();
    reportLost(fields);
    var rules = new OciRules(reading, defaultAction);
    for (Node.Mapping rule : fields.mappings("syscalls")) {
      if (!reading.hopeless()) {
        rules.read(rule);
      }
    }
    return new Policy(
        reading.file().name(),
        "",
        List.of(),
        new OciArches(reading).served(fields),
        defaultAction,
        defaultAction,
        denies ? Action.fail(Errno.ENOSYS) : defaultAction,
        rules.rules());
  }

  private Action defaultAction(Fields fields) {
    if (!fields.has("defaultAction")) {
      return reading.fail("no-default-action", fields.mapping(), "defaultAction is missing", "add \"SCMP_ACT_ERRNO\"");
    }
    Action action = OciActions.read(reading, fields, "defaultAction", "defaultErrnoRet", "defaultErrno");
    if (action instanceof Action.Notify) {
      return reading.fail(
          "notify-all", fields.get("defaultAction"), "a supervisor cannot be asked about every call",
          "name the calls it decides in rules, and deny by default");
    }
    return action;
  }

  private void reportLost(Fields fields) {
    Node.Scalar path = fields.text("listenerPath");
    Node.Scalar metadata = fields.text("listenerMetadata");
    var flags = new ArrayList<String>();
    for (Node.Scalar flag : fields.texts("flags")) {
      flags.add(flag.text());
    }
    reading.attributes(
        new Attributes(flags, path == null ? null : path.text(), metadata == null ? null : metadata.text()));
    for (Node.Scalar flag : fields.texts("flags")) {
      reading.same("lost-flag", flag, flag.text() + " is not carried over; it changes no decision");
    }
    for (String key : List.of("listenerPath", "listenerMetadata")) {
      if (fields.has(key)) {
        reading.same("lost-listener", fields.get(key), "the address of the supervisor is not carried over");
      }
    }
  }
}
