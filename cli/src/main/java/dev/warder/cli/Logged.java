package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Deny entries with the action log: they let calls through, and have the kernel write them to the audit log. That is
/// meant for calls which are allowed; elsewhere such an entry reads as its opposite.
final class Logged {
  private Logged() {}

  static List<Rule> entries(List<Rule> rules) {
    var entries = new ArrayList<Rule>();
    for (Rule rule : rules) {
      if (rule.effect() instanceof Rule.Effect.Deny(Optional<Action> action)
          && action.isPresent() && action.get() instanceof Action.Log) {
        entries.add(rule);
      }
    }
    return entries;
  }

  /// The calls that nothing else lets through, with some arguments at least.
  ///
  /// @param entries of the policy
  static SortedSet<String> alone(Policy policy, List<Rule> entries, Arch arch, Set<Capability> kept) {
    var calls = new TreeSet<String>();
    if (entries.isEmpty()) {
      return calls;
    }
    var others = new ArrayList<Rule>(policy.rules());
    others.removeAll(entries);
    Resolution without = policy.withRules(others).resolve(arch, kept);
    for (Map.Entry<Integer, Decision> call : policy.resolve(arch, kept).decisions().entrySet()) {
      if (Samples.refusal(call.getValue(), without.decide(call.getKey())).isPresent()) {
        calls.add(Architecture.callName(arch, call.getKey()).orElse("#" + Integer.toUnsignedString(call.getKey())));
      }
    }
    return calls;
  }

  /// @param lists of the command line
  static void refuse(Policy policy, List<Rule> lists, Arch arch, Set<Capability> kept) throws CommandException {
    SortedSet<String> calls = alone(policy, entries(lists), arch, kept);
    if (!calls.isEmpty()) {
      String call = calls.getFirst();
      throw new CommandException("--system-call-filter: the action log lets " + call + " through, which nothing else allows; "
          + "leave :log out to deny it, or allow it as well: --system-call-filter=" + call);
    }
  }
}
