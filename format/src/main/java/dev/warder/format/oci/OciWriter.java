package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Attributes;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.TooComplexException;
import dev.warder.format.convert.TreeText;
import dev.warder.format.convert.Writer;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes `linux.seccomp` of the OCI runtime specification, and profiles of Docker and Podman.
///
/// The file is made of what the policy decides, not of its rules, so that what runc and libseccomp make of it is what
/// the policy means: of two rules of one call only one can hold, no rule tests an argument twice, and none repeats the
/// default.
public final class OciWriter implements Writer {
  private final boolean docker;

  /// @param docker whether rules may hang on hosts and capabilities
  public OciWriter(boolean docker) {
    this.docker = docker;
  }

  @Override
  public Parsed<Written> write(Policy policy, Target target) {
    var writing = new Writing(policy);
    List<Host> hosts = docker ? Host.all(policy, target, writing) : Host.one(policy, target, writing);
    return writing.written(hosts.isEmpty() ? "" : TreeText.json(tree(policy, target, hosts, docker, writing)));
  }

  /// The file as a tree.
  ///
  /// @param hosts one at least
  public static Map<String, Object> tree(
      Policy policy, Target target, List<Host> hosts, boolean docker, Writing writing) {
    reportDefaults(policy, writing);
    writing.reportNumbers(hosts.stream().flatMap(host -> host.abis().stream()).toList(), policy.defaultAction());
    var tree = new LinkedHashMap<String, Object>();
    put(tree, policy.defaultAction(), "defaultAction", "defaultErrnoRet");
    putAttributes(tree, target.attributes());
    var syscalls = new ArrayList<Map<String, Object>>();
    try {
      var entries = new OciEntries(policy, hosts, docker ? null : target.kept(), writing);
      if (docker) {
        tree.put("archMap", archMap(entries.hosts()));
      } else {
        tree.put("architectures", tokens(entries.hosts().getFirst().abis()));
      }
      entries.entries().forEach((entry, names) -> syscalls.add(syscall(entry, names)));
    } catch (TooComplexException e) {
      writing.fail("too-complex", null, e.getMessage(), "test fewer arguments, or fewer capabilities");
    }
    tree.put("syscalls", syscalls);
    if (target.attributes().listenerPath() == null && asks(syscalls)) {
      writing.same("no-listener", null, "runc refuses SCMP_ACT_NOTIFY without a listenerPath; add that of the supervisor");
    }
    return tree;
  }

  private static boolean asks(List<Map<String, Object>> syscalls) {
    return syscalls.stream().anyMatch(syscall -> "SCMP_ACT_NOTIFY".equals(syscall.get("action")));
  }

  private static void putAttributes(Map<String, Object> tree, Attributes attributes) {
    if (!attributes.flags().isEmpty()) {
      tree.put("flags", attributes.flags());
    }
    if (attributes.listenerPath() != null) {
      tree.put("listenerPath", attributes.listenerPath());
    }
    if (attributes.listenerMetadata() != null) {
      tree.put("listenerMetadata", attributes.listenerMetadata());
    }
  }

  /// Numbers that no rule can name get the default, or `ENOSYS` above those that runc and the profile know.
  private static void reportDefaults(Policy policy, Writing writing) {
    Action byDefault = policy.defaultAction();
    if (byDefault instanceof Action.Notify) {
      writing.fail(
          "notify-all", null, "a supervisor cannot be asked about every call",
          "name the calls that it decides in rules, and deny by default");
    }
    Action newer = byDefault.denies() ? Action.fail(Errno.ENOSYS) : byDefault;
    writing.reportUnnamed("unassigned-action", policy.unassignedAction(), byDefault);
    writing.reportUnnamed("newer-action", policy.newerAction(), newer);
  }

  private static void put(Map<String, Object> tree, Action action, String actionKey, String numberKey) {
    tree.put(actionKey, OciActions.name(action));
    OciActions.number(action).ifPresent(number -> tree.put(numberKey, number));
  }

  private static List<Object> archMap(List<Host> hosts) {
    var list = new ArrayList<Object>();
    for (Host host : hosts) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("architecture", OciArches.token(host.arch()));
      entry.put("subArchitectures", tokens(host.abis().subList(1, host.abis().size())));
      list.add(entry);
    }
    return list;
  }

  private static List<String> tokens(Collection<Arch> arches) {
    return arches.stream().map(OciArches::token).toList();
  }

  private static Map<String, Object> syscall(OciEntries.Entry entry, List<String> names) {
    var tree = new LinkedHashMap<String, Object>();
    tree.put("names", names);
    put(tree, entry.action(), "action", "errnoRet");
    if (!entry.tests().isEmpty()) {
      tree.put("args", entry.tests().stream().map(OciWriter::argument).toList());
    }
    if (!entry.comment().isEmpty()) {
      tree.put("comment", entry.comment());
    }
    putScope(tree, "includes", entry.kept(), entry.hosts());
    putScope(tree, "excludes", entry.lacked(), List.of());
    return tree;
  }

  private static void putScope(
      Map<String, Object> tree, String key, Collection<Capability> capabilities, Collection<Arch> hosts) {
    var scope = new LinkedHashMap<String, Object>();
    if (!capabilities.isEmpty()) {
      scope.put("caps", capabilities.stream().map(Capability::name).toList());
    }
    if (!hosts.isEmpty()) {
      scope.put("arches", hosts.stream().map(OciArches::hostName).toList());
    }
    if (!scope.isEmpty()) {
      tree.put(key, scope);
    }
  }

  private static Map<String, Object> argument(Compare test) {
    boolean whole = test.mask() == -1L;
    var tree = new LinkedHashMap<String, Object>();
    tree.put("index", test.index());
    tree.put("value", whole ? test.value() : test.mask());
    if (!whole) {
      tree.put("valueTwo", test.value());
    }
    tree.put("op", "SCMP_CMP_" + (whole ? test.operator().name() : masked(test)));
    return tree;
  }

  private static String masked(Compare test) {
    if (test.operator() != Operator.EQ) {
      throw new AssertionError("only equality has a mask here: " + test);
    }
    return "MASKED_EQ";
  }
}
