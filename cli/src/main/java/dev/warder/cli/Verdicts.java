package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Conditions;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a policy does with each call of one architecture, by name; a number without a call goes by `#451`.
record Verdicts(Arch arch, SortedMap<String, Decision> decisions) {
  /// Whether a policy lets a call through.
  enum Kind {
    ALLOWED, BY_ARGUMENTS, DENIED;

    static Kind of(Decision decision) {
      boolean through = decision.otherwise().action().letsThrough();
      for (Decision.Case c : decision.cases()) {
        if (c.then().action().letsThrough() != through) {
          return BY_ARGUMENTS;
        }
      }
      return through ? ALLOWED : DENIED;
    }
  }

  Verdicts {
    decisions = Collections.unmodifiableSortedMap(new TreeMap<>(decisions));
  }

  static Verdicts of(Resolution resolution) {
    var table = Catalog.get().table(resolution.arch());
    var decisions = new TreeMap<String, Decision>();
    resolution.decisions().forEach((number, decision) ->
        decisions.put(table.name(number).orElse("#" + Integer.toUnsignedString(number)), decision));
    return new Verdicts(resolution.arch(), decisions);
  }

  /// The names of one kind, in ascending order.
  SortedSet<String> names(Kind kind) {
    var names = new TreeSet<String>();
    for (Map.Entry<String, Decision> entry : decisions.entrySet()) {
      if (Kind.of(entry.getValue()) == kind) {
        names.add(entry.getKey());
      }
    }
    return names;
  }

  /// `ALLOW`, or `ALLOW if family == 1; otherwise ERRNO EPERM`.
  static String text(Decision decision, String name, Arch arch) {
    var out = new StringBuilder();
    for (Decision.Case c : decision.cases()) {
      out.append(ActionName.of(c.then().action())).append(" if ").append(Conditions.text(c.when(), name, arch));
      out.append("; ");
    }
    out.append(out.isEmpty() ? "" : "otherwise ");
    return out.append(ActionName.of(decision.otherwise().action())).toString();
  }
}
