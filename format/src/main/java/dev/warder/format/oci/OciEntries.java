package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Alternative;
import dev.warder.format.convert.Cover;
import dev.warder.format.convert.Decisions;
import dev.warder.format.convert.Diagram;
import dev.warder.format.convert.Diagrams;
import dev.warder.format.convert.Multiplexed;
import dev.warder.format.convert.TooComplexException;
import dev.warder.format.convert.Writing;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the entries of `syscalls` from what the policy decides.
final class OciEntries {
  /// Capabilities that one call may hang on.
  private static final int MOST_CAPABILITIES = 8;
  private static final long LOW = 0xFFFFFFFFL;
  /// The ABIs for which libseccomp adds rules of `socketcall` and `ipc`.
  private static final Set<Arch> MULTIPLEXING = EnumSet.of(Arch.X86, Arch.S390X, Arch.PPC64, Arch.PPC64LE);

  private final List<Host> hosts;
  private final Set<Capability> kept;
  private final Writing writing;
  private final Action otherwise;
  private final Decisions decisions;
  private final Diagrams diagrams = new Diagrams();
  private final Map<Diagram, Optional<Diagram>> halves = new HashMap<>();
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
    this.kept = kept;
    this.writing = writing;
    this.otherwise = policy.defaultAction();
    this.decisions = new Decisions(policy);
    this.hosts = hosts.stream().map(this::servable).toList();
  }

  /// The hosts without the ABIs that cannot be served there.
  List<Host> hosts() {
    return hosts;
  }

  /// A rule cannot ask for the ABI, so it says for all what the first one that has the call decides. An ABI for which
  /// this is too much is not served, and its calls are killed.
  private Host servable(Host host) {
    var served = new ArrayList<Arch>();
    for (Arch abi : host.abis()) {
      String problem = null;
      for (String name : Decisions.names(List.of(abi))) {
        problem = problem == null && !fits(name, abi, new Host(host.arch(), served)) ? name : problem;
      }
      if (problem == null) {
        served.add(abi);
      } else {
        writing.stricter("lost-architecture", null, "calls by " + abi + " are killed on " + host.arch() + ": " + problem
            + " is denied there where it is not on " + served.getFirst() + ", and a rule cannot ask for the ABI");
      }
    }
    return new Host(host.arch(), served);
  }

  private boolean fits(String name, Arch abi, Host others) {
    List<Capability> deciding = deciding(name);
    List<Diagram> written = byScope(name, others, deciding);
    List<Diagram> own = byScope(name, new Host(abi, List.of(abi)), deciding);
    boolean differs = false;
    for (int scope = 0; scope < own.size() && written.getFirst() != null; scope++) {
      Diagram seen = seen(written.get(scope), abi);
      if (seen == null || diagrams.exceeds(seen, own.get(scope))) {
        return false;
      }
      differs |= seen != own.get(scope);
    }
    if (differs) {
      writing.stricter("abi-dependent", null, name + " on " + abi + " gets what it gets on " + others.abis().getFirst()
          + ", since a rule cannot ask for the ABI");
    }
    return true;
  }

  /// What libseccomp makes of an ABI's rules. Of 32-bit ones it tests the lower halves of registers alone, and cuts
  /// values and masks to that; null if that is not what the rules say.
  private Diagram seen(Diagram written, Arch abi) {
    return halved(abi) ? halves.computeIfAbsent(written, this::halves).orElse(null) : written;
  }

  /// Source: the `ARCH_SIZE_32` of `arch-*.c`, libseccomp 2.5.4.
  private static boolean halved(Arch abi) {
    return abi.longBits() == Integer.SIZE;
  }

  private Optional<Diagram> halves(Diagram written) {
    var cases = new ArrayList<Decision.Case>();
    for (Alternative alternative : Cover.of(written, otherwise, false)) {
      List<Condition> tests = new ArrayList<>();
      for (Compare test : alternative.tests()) {
        tests.add(new Compare(test.index(), test.mask() & LOW, test.operator(), test.value() & LOW));
      }
      cases.add(new Decision.Case(new Condition.AllOf(tests), new Outcome(alternative.action(), "")));
    }
    var rest = new Outcome(otherwise, "");
    Diagram seen = diagrams.of(new Decision(cases, rest));
    boolean sound = seen == diagrams.lowHalves(written) && seen == diagrams.of(new Decision(cases.reversed(), rest));
    return sound ? Optional.of(seen) : Optional.empty();
  }

  private List<Capability> deciding(String name) {
    List<Capability> deciding = kept == null ? List.copyOf(decisions.deciding(name)) : List.of();
    if (deciding.size() > MOST_CAPABILITIES) {
      throw new TooComplexException();
    }
    return deciding;
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
    List<Capability> deciding = deciding(name);
    if (clashes(name, deciding)) {
      addRefusal(name, deciding);
      return;
    }
    var found = new LinkedHashMap<Entry, Set<Arch>>();
    Set<Arch> free = EnumSet.noneOf(Arch.class);
    var earlier = new ArrayList<List<Diagram>>();
    for (Host host : hosts) {
      List<Diagram> byScope = byScope(name, host, deciding);
      if (byScope.contains(null)) {
        if (!multiplexes(host) || !Multiplexed.CALLS.contains(name)) {
          free.add(host.arch());
        }
      } else {
        byScope = alike(host, byScope, earlier);
        earlier.add(byScope);
        entries(byScope, deciding).forEach(entry ->
            found.computeIfAbsent(entry, _ -> EnumSet.noneOf(Arch.class)).add(host.arch()));
      }
    }
    String comment = kept == null ? comment(name) : "";
    for (Map.Entry<Entry, Set<Arch>> entry : found.entrySet()) {
      Set<Arch> where = entry.getValue();
      boolean everywhere = kept != null || where.size() + free.size() == Host.count();
      put(name, entry.getKey().on(everywhere ? Set.of() : where, comment));
      comment = "";
    }
  }

  /// What is decided on a host in the words of an earlier one, if a 32-bit ABI sees the same in them; so an ABI that two
  /// kinds of host serve gets the same entries from both.
  private List<Diagram> alike(Host host, List<Diagram> own, List<List<Diagram>> earlier) {
    for (List<Diagram> other : earlier) {
      boolean alike = halved(host.arch());
      for (int scope = 0; scope < own.size(); scope++) {
        alike = alike && seen(other.get(scope), host.arch()) == own.get(scope);
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

  /// What is decided for each set of capabilities kept; nulls where the host lacks the call.
  private List<Diagram> byScope(String name, Host host, List<Capability> deciding) {
    var diagrams = new ArrayList<Diagram>();
    for (int scope = 0; scope < 1 << deciding.size(); scope++) {
      diagrams.add(diagram(name, host, kept == null ? CapabilityCubes.subset(deciding, scope) : kept));
    }
    return diagrams;
  }

  /// What is decided on a host; null if it lacks the call.
  private Diagram diagram(String name, Host host, Set<Capability> capabilities) {
    for (Arch abi : host.abis()) {
      Decision decision = decisions.decision(name, abi, capabilities);
      if (decision != null) {
        return diagrams.of(decision);
      }
    }
    return byMultiplexer(name, host, capabilities);
  }

  /// What is decided of a call that a host makes by a multiplexer alone; null if there is none, or arguments decide.
  private Diagram byMultiplexer(String name, Host host, Set<Capability> capabilities) {
    String multiplexer = Multiplexed.by(name);
    for (Arch abi : host.abis()) {
      Decision decision = multiplexer.isEmpty() ? null : decisions.decision(multiplexer, abi, capabilities);
      if (decision != null && MULTIPLEXING.contains(abi)) {
        Diagram left = diagrams.of(decision).at(0, Multiplexed.selector(name));
        return left.end() ? left : null;
      }
    }
    return null;
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

  private static boolean multiplexes(Host host) {
    return !Collections.disjoint(host.abis(), MULTIPLEXING);
  }

  /// Whether libseccomp would let through by a multiplexer what the policy does not: a rule of `socket` that tests
  /// arguments is in force for `socketcall` too, where it cannot test them, and two such rules make it refuse the file.
  private boolean clashes(String name, List<Capability> deciding) {
    for (String call : Multiplexed.calls(name)) {
      for (Host host : hosts) {
        List<Diagram> own = byScope(name, host, deciding);
        List<Diagram> made = byScope(call, host, deciding);
        for (int scope = 0; scope < own.size() && multiplexes(host) && own.getFirst() != null; scope++) {
          if (made.get(scope) != null && clashes(own.get(scope), made.get(scope), Multiplexed.selector(call))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private boolean clashes(Diagram own, Diagram made, int selector) {
    boolean silent = made == diagrams.end(otherwise);
    return !silent && (!made.end() || own.at(0, selector) != made);
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
      for (Diagram diagram : byScope(name, host, deciding)) {
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
      Decision decision = decisions.decision(name, host.arch(), Set.of());
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
