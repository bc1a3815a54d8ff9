package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Alternative;
import dev.warder.format.convert.Cover;
import dev.warder.format.convert.Decisions;
import dev.warder.format.convert.Diagram;
import dev.warder.format.convert.Multiplexed;
import dev.warder.format.convert.Writing;
import dev.warder.policy.Action;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the entries of `syscalls` from what the policy decides.
final class OciEntries {
  private final List<Host> hosts;
  private final boolean conditional;
  private final Writing writing;
  private final Action otherwise;
  private final HostDecisions decisions;
  private final HalfRegisters halves;
  private final Map<Entry, List<String>> entries = new LinkedHashMap<>();

  /// An entry without its calls.
  ///
  /// @param hosts where it is in force; empty for everywhere
  record Entry(
      Action action, List<Compare> tests, Set<Capability> kept, Set<Capability> lacked, Set<Arch> hosts,
      String comment) {
    Entry on(Set<Arch> where, String why) {
      return new Entry(action, tests, kept, lacked, where, why);
    }
  }

  /// @param kept the capabilities; null where entries may hang on them
  OciEntries(Policy policy, List<Host> hosts, Set<Capability> kept, Writing writing) {
    this.conditional = kept == null;
    this.writing = writing;
    this.otherwise = policy.defaultAction();
    this.decisions = new HostDecisions(policy, kept);
    this.halves = new HalfRegisters(decisions.diagrams, otherwise);
    var servable = new ServableHosts(decisions, halves, writing);
    this.hosts = hosts.stream().map(servable::of).toList();
  }

  /// The hosts without the ABIs that cannot be served there.
  List<Host> hosts() {
    return hosts;
  }

  /// The calls of each entry. Those without tests come first: libseccomp then forgets later ones of the same call.
  Map<Entry, List<String>> entries() {
    Set<String> names = Decisions.names(hosts.stream().flatMap(host -> host.abis().stream()).toList());
    names.addAll(Multiplexed.CALLS);
    for (String name : names) {
      add(name);
    }
    var sorted = new LinkedHashMap<Entry, List<String>>();
    entries.entrySet().stream()
        .sorted(Comparator.comparing(entry -> !entry.getKey().tests().isEmpty()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private void add(String name) {
    List<Capability> deciding = decisions.deciding(name);
    if (decisions.clashes(name, hosts)) {
      addRefusal(name, deciding);
      return;
    }
    var found = new LinkedHashMap<Entry, Set<Arch>>();
    Set<Arch> free = EnumSet.noneOf(Arch.class);
    var earlier = new ArrayList<List<Diagram>>();
    for (Host host : hosts) {
      List<Diagram> byScope = decisions.byScope(name, host, deciding);
      if (byScope.contains(null)) {
        if (!HostDecisions.multiplexes(host) || !Multiplexed.CALLS.contains(name)) {
          free.add(host.arch());
        }
      } else {
        byScope = alike(host, byScope, earlier);
        earlier.add(byScope);
        entries(byScope, deciding).forEach(entry ->
            found.computeIfAbsent(entry, _ -> EnumSet.noneOf(Arch.class)).add(host.arch()));
      }
    }
    String comment = conditional ? comment(name) : "";
    for (Map.Entry<Entry, Set<Arch>> entry : found.entrySet()) {
      Set<Arch> where = entry.getValue();
      boolean everywhere = !conditional || where.size() + free.size() == Host.count();
      put(name, entry.getKey().on(everywhere ? Set.of() : where, comment));
      comment = "";
    }
  }

  /// What is decided on a host in the words of an earlier one, if a 32-bit ABI sees the same in them; so an ABI that two
  /// kinds of host serve gets the same entries from both.
  private List<Diagram> alike(Host host, List<Diagram> own, List<List<Diagram>> earlier) {
    for (List<Diagram> other : earlier) {
      boolean alike = HalfRegisters.of(host.arch());
      for (int scope = 0; scope < own.size(); scope++) {
        alike = alike && halves.seen(other.get(scope), host.arch()) == own.get(scope);
      }
      if (alike) {
        return other;
      }
    }
    return own;
  }

  private void put(String name, Entry entry) {
    entries.computeIfAbsent(entry, _ -> new ArrayList<>()).add(name);
  }

  private Set<Entry> entries(List<Diagram> byScope, List<Capability> deciding) {
    var found = new LinkedHashSet<Entry>();
    for (Diagram diagram : new LinkedHashSet<>(byScope)) {
      for (Alternative alternative : Cover.of(diagram, otherwise, false)) {
        for (CapabilityCubes.Cube cube : CapabilityCubes.of(deciding, scope -> byScope.get(scope) == diagram)) {
          found.add(new Entry(
              alternative.action(), alternative.tests(), cube.kept(), cube.lacked(), Set.of(), ""));
        }
      }
    }
    return found;
  }

  /// A rule without tests, so that libseccomp forgets its own ones.
  private void addRefusal(String name, List<Capability> deciding) {
    Action enosys = Action.fail(Errno.ENOSYS);
    put(name, new Entry(
        otherwise.equals(enosys) ? Action.fail(Errno.EPERM) : enosys, List.of(), Set.of(), Set.of(), Set.of(), ""));
    String what = name + " is refused, since libseccomp would take rules with arguments of the calls that it makes for"
        + " rules without; programs use those calls themselves";
    boolean refused = true;
    for (Host host : hosts) {
      for (Diagram diagram : decisions.byScope(name, host, deciding)) {
        refused &= diagram == null || diagram.end() && diagram.action().denies();
      }
    }
    if (refused) {
      writing.same("multiplexer", null, what);
    } else {
      writing.stricter("multiplexer", null, what);
    }
  }

  /// Why the call is denied, or is with other arguments.
  private String comment(String name) {
    for (Host host : hosts) {
      Decision decision = decisions.plain(name, host);
      if (decision != null) {
        boolean speaks = !decision.unconditional() || !decision.otherwise().action().equals(otherwise);
        Outcome outcome = decision.otherwise();
        for (Decision.Case c : decision.cases()) {
          outcome = outcome.action().denies() ? outcome : c.then();
        }
        return speaks && outcome.action().denies() ? outcome.reason() : "";
      }
    }
    return "";
  }
}
