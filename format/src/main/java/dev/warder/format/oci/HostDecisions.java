package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.format.convert.Decisions;
import dev.warder.format.convert.Diagram;
import dev.warder.format.convert.Diagrams;
import dev.warder.format.convert.Multiplexed;
import dev.warder.format.convert.TooComplexException;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a policy decides of calls by name on a kind of machine, as rules would say it.
final class HostDecisions {
  /// Capabilities that one call may hang on.
  private static final int MOST_CAPABILITIES = 8;
  /// The ABIs for which libseccomp adds rules of `socketcall` and `ipc`.
  private static final Set<Arch> MULTIPLEXING = EnumSet.of(Arch.X86, Arch.S390X, Arch.PPC64, Arch.PPC64LE);

  final Diagrams diagrams = new Diagrams();
  final Action otherwise;
  private final Decisions decisions;
  private final Set<Capability> kept;

  /// @param kept the capabilities; null where rules may hang on them
  HostDecisions(Policy policy, Set<Capability> kept) {
    this.decisions = new Decisions(policy);
    this.otherwise = policy.defaultAction();
    this.kept = kept;
  }

  /// The capabilities that rules of the call may hang on.
  List<Capability> deciding(String name) {
    List<Capability> deciding = kept == null ? List.copyOf(decisions.deciding(name)) : List.of();
    if (deciding.size() > MOST_CAPABILITIES) {
      throw new TooComplexException();
    }
    return deciding;
  }

  /// What is decided for each set of capabilities kept; nulls where the host lacks the call.
  List<Diagram> byScope(String name, Host host, List<Capability> deciding) {
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

  /// Whether libseccomp adds rules of its own for some ABI.
  static boolean multiplexes(Host host) {
    return !Collections.disjoint(host.abis(), MULTIPLEXING);
  }

  /// Whether libseccomp would let through by a multiplexer what the policy does not: a rule of `socket` that tests
  /// arguments is in force for `socketcall` too, where it cannot test them, and two such rules make it refuse the file.
  boolean clashes(String name, List<Host> hosts) {
    List<Capability> deciding = deciding(name);
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

  /// What is decided on the host's own ABI without capabilities; null if it lacks the call.
  Decision plain(String name, Host host) {
    return decisions.decision(name, host.arch(), Set.of());
  }
}
