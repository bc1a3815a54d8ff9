package dev.warder.format.oci;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.format.convert.Decisions;
import dev.warder.format.convert.Diagram;
import dev.warder.format.convert.Writing;
import java.util.ArrayList;
import java.util.List;

/// Leaves out the ABIs that rules cannot serve.
///
/// A rule cannot ask for the ABI, so it says for all what the first one that has the call decides. An ABI for which this
/// is too much is not served, and its calls are killed.
final class ServableHosts {
  private final HostDecisions decisions;
  private final HalfRegisters halves;
  private final Writing writing;

  ServableHosts(HostDecisions decisions, HalfRegisters halves, Writing writing) {
    this.decisions = decisions;
    this.halves = halves;
    this.writing = writing;
  }

  /// The host without the ABIs that cannot be served.
  Host of(Host host) {
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
    List<Capability> deciding = decisions.deciding(name);
    List<Diagram> written = decisions.byScope(name, others, deciding);
    List<Diagram> own = decisions.byScope(name, new Host(abi, List.of(abi)), deciding);
    boolean differs = false;
    for (int scope = 0; scope < own.size() && written.getFirst() != null; scope++) {
      Diagram seen = halves.seen(written.get(scope), abi);
      if (seen == null || decisions.diagrams.exceeds(seen, own.get(scope))) {
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
}
