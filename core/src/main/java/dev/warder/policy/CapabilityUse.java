package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.SyscallTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// Which capabilities the decision of a call may hang on.
final class CapabilityUse {
  private final SyscallTable table;
  private final Map<Integer, Set<Capability>> uses = new HashMap<>();

  private CapabilityUse(SyscallTable table) {
    this.table = table;
  }

  /// By number; a call that is not in the map is decided alike whatever the jail keeps.
  static Map<Integer, Set<Capability>> of(Policy policy, Arch arch) {
    var use = new CapabilityUse(Catalog.get().table(arch));
    for (Capability capability : Capability.values()) {
      var rules = new ArrayList<Rule>();
      for (Rule rule : policy.rules()) {
        if (mentions(rule.when(), capability)) {
          rules.add(new Rule(rule.subject(), rule.condition(), rule.effect(), new When.Always(), rule.reason(),
              rule.origin()));
        }
      }
      if (!rules.isEmpty()) {
        use.add(capability, new RuleIndex(rules, Set.of(), use.table));
      }
    }
    return use.uses;
  }

  private static boolean mentions(When when, Capability capability) {
    return switch (when) {
      case When.Kept kept -> kept.capability() == capability;
      case When.Lacked lacked -> lacked.capability() == capability;
      case When.All(List<When> terms) -> terms.stream().anyMatch(term -> mentions(term, capability));
      case When.Always _, When.On _ -> false;
    };
  }

  /// @param rules those that speak of the capability
  private void add(Capability capability, RuleIndex rules) {
    rules.numbers().forEach(number -> add(number, capability));
    if (rules.speaksOf("clone")) {
      table.number("clone3").ifPresent(number -> add(number, capability));
    }
    for (Multiplexer multiplexer : Multiplexer.ALL) {
      OptionalInt number = table.number(multiplexer.name());
      boolean used = multiplexer.calls().stream().anyMatch(sub -> rules.speaksOf(sub.name()));
      if (number.isPresent() && used) {
        add(number.getAsInt(), capability);
      }
    }
  }

  private void add(int number, Capability capability) {
    uses.computeIfAbsent(number, _ -> EnumSet.noneOf(Capability.class)).add(capability);
  }
}
