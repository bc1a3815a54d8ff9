package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the `includes` and `excludes` of a rule. All that is included must hold, and nothing that is excluded.
///
/// What cannot be known when a filter is compiled, and names that nobody knows, are decided by what is stricter.
///
/// Source: `seccomp_linux.go` of moby/profiles.
final class ScopeReader {
  private static final List<String> KEYS = List.of("caps", "arches", "minKernel");
  /// The oldest kernel that Warder runs on, as major times 1000 plus minor.
  private static final int FLOOR = 5_014;

  private final Reading reading;
  private final boolean widens;
  private final Set<Capability> kept = EnumSet.noneOf(Capability.class);
  private final Set<Capability> lacked = EnumSet.noneOf(Capability.class);
  private Set<Arch> hosts = EnumSet.allOf(Arch.class);
  private boolean never;

  /// @param widens whether the rule lets through more than the default
  ScopeReader(Reading reading, boolean widens) {
    this.reading = reading;
    this.widens = widens;
  }

  /// The scope; null if the rule is in force nowhere.
  Scope read(Fields rule) {
    if (!rule.has("includes") && !rule.has("excludes")) {
      return Scope.EVERYWHERE;
    }
    conditions(rule.mapping("includes"), true);
    conditions(rule.mapping("excludes"), false);
    Set<Arch> arches = arches(rule.mapping());
    return never || arches.isEmpty() ? null : new Scope(kept, lacked, arches);
  }

  /// @param mapping null for none
  private void conditions(Node.Mapping mapping, boolean include) {
    if (mapping == null) {
      return;
    }
    var fields = new Fields(reading, mapping, KEYS);
    for (Node.Scalar name : fields.texts("caps")) {
      Optional<Capability> capability = Capability.named(name.text());
      if (capability.isPresent()) {
        (include ? kept : lacked).add(capability.get());
      } else {
        unknown("unknown-capability", name, "no capability named '" + name.text() + "'", include);
        never |= include;
      }
    }
    arches(fields, include);
    Node.Scalar kernel = fields.text("minKernel");
    if (kernel != null) {
      kernel(kernel, include);
    }
  }

  private void arches(Fields fields, boolean include) {
    Set<Arch> named = EnumSet.noneOf(Arch.class);
    List<Node.Scalar> names = fields.texts("arches");
    for (Node.Scalar name : names) {
      Optional<Set<Arch>> host = OciArches.host(name.text());
      if (host.isPresent()) {
        named.addAll(host.get());
      } else {
        unknown("unknown-architecture", name, "no architecture named '" + name.text() + "'", include);
      }
    }
    if (include && !names.isEmpty()) {
      hosts.retainAll(named);
    } else {
      hosts.removeAll(named);
    }
  }

  /// A name that nobody knows is true of no jail. Where it stands so that the rule then denies more, it is only lost.
  private void unknown(String code, Node.Scalar name, String what, boolean include) {
    if (reading.hopeless()) {
      return;
    }
    if (widens == include) {
      reading.stricter(code, name, what + "; it counts as never given");
    } else {
      reading.fail(code, name, what, "correct it, or leave it out; as it stands the rule would deny less than it says");
    }
  }

  private void kernel(Node.Scalar text, boolean include) {
    int version = version(text.text());
    if (version < 0) {
      reading.fail("bad-kernel", text, "'" + text.text() + "' is no kernel version", "write it as 4.8");
    } else if (version <= FLOOR) {
      never |= !include;
    } else {
      never |= widens;
      String decided = widens ? "the rule is left out" : "the rule is in force for all";
      reading.stricter("kernel-dependent", text, "a filter may run on any kernel from 5.14 on; " + decided);
    }
  }

  /// Major times 1000 plus minor, or -1.
  private static int version(String text) {
    int dot = text.indexOf('.');
    try {
      int major = Integer.parseInt(dot < 0 ? text : text.substring(0, dot));
      int minor = dot < 0 ? 0 : Integer.parseInt(text.substring(dot + 1));
      return major < 0 || major > 999 || minor < 0 || minor > 999 ? -1 : 1000 * major + minor;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /// The ABIs that the rule holds for: those of its hosts, and of an ABI with several hosts by the stricter view.
  private Set<Arch> arches(Node rule) {
    if (hosts.size() == Arch.values().length) {
      return hosts;
    }
    Set<Arch> arches = EnumSet.noneOf(Arch.class);
    boolean disputed = false;
    for (Arch abi : Arch.values()) {
      boolean all = true;
      boolean any = false;
      for (Arch host : OciArches.hostsOf(abi)) {
        all &= hosts.contains(host);
        any |= hosts.contains(host);
      }
      disputed |= all != any;
      if (widens ? all : any) {
        arches.add(abi);
      }
    }
    if (disputed) {
      String decided = widens ? "they do without the rule" : "the rule is in force for them";
      reading.stricter("host-dependent", rule, "32-bit programs would depend on the kernel's own architecture; " + decided);
    }
    return arches;
  }
}
