package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Writing;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.List;

/// A kind of machine that a profile is for.
///
/// @param abis what a filter serves there, the machine's own first
public record Host(Arch arch, List<Arch> abis) {
  public Host {
    abis = List.copyOf(abis);
  }

  /// The host of a file that is for one; none after noting a problem.
  public static List<Host> one(Policy policy, Target target, Writing writing) {
    List<Arch> arches = target.arches(policy);
    if (arches.isEmpty()) {
      String fix = "name architectures with --arch";
      writing.fail("no-architecture", null, policy.name() + " serves no architecture of this kind of machine", fix);
      return List.of();
    }
    return List.of(new Host(arches.getFirst(), arches));
  }

  /// Every host that the policy serves, and its other ABIs; if some were asked for, those among them.
  static List<Host> all(Policy policy, Target target, Writing writing) {
    var hosts = new ArrayList<Host>();
    for (Arch host : Arch.values()) {
      var abis = new ArrayList<>(policy.architectures().of(host));
      if (!target.arches().isEmpty()) {
        abis.retainAll(target.arches());
      }
      if (OciArches.isHost(host) && abis.contains(host)) {
        hosts.add(new Host(host, abis));
      } else if (target.arches().isEmpty()) {
        reportGuests(host, abis, writing);
      }
    }
    reportOthers(policy, hosts, writing);
    return hosts;
  }

  /// The host's own calls are served always.
  private static void reportGuests(Arch host, List<Arch> abis, Writing writing) {
    if (OciArches.isHost(host) && !abis.isEmpty()) {
      writing.stricter("lost-architecture", null, "calls by " + abis.getFirst() + " are refused on " + host
          + ", whose own calls the policy does not serve: this format cannot tell the two apart");
    }
  }

  private static void reportOthers(Policy policy, List<Host> hosts, Writing writing) {
    if (hosts.isEmpty()) {
      String fix = "name architectures with --arch";
      writing.fail("no-architecture", null, policy.name() + " serves none of the architectures", fix);
    } else if (!policy.defaultAction().denies() && hosts.size() < count()) {
      writing.fail(
          "unserved-architecture", null, "this format would let calls through on hosts that are not served",
          "deny by default, or choose --to oci, which is for one host");
    }
  }

  /// How many kinds of machine there are.
  static long count() {
    return List.of(Arch.values()).stream().filter(OciArches::isHost).count();
  }
}
