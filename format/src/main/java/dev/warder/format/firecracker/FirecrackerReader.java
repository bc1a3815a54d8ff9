package dev.warder.format.firecracker;

import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Expression;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the filter of one thread. A rule holds if all its conditions do; any rule of a call gives it the filter's
/// action, all else gets the default.
///
/// A file is for one architecture and does not say which, so the policy serves that of the machine alone.
///
/// Sources: `docs/seccompiler.md` of firecracker-microvm/firecracker; rust-vmm/seccompiler, whose names of the two
/// actions are others.
public final class FirecrackerReader {
  private static final List<String> KEYS =
      List.of("default_action", "mismatch_action", "filter_action", "match_action", "filter", "comment");
  private static final List<String> RULE_KEYS = List.of("syscall", "args", "comment");

  private final Reading reading;

  public FirecrackerReader(Reading reading) {
    this.reading = reading;
  }

  /// Whether every value is a filter.
  public static boolean recognises(Node.Mapping root) {
    for (Node.Entry entry : root.entries()) {
      boolean filter = entry.value() instanceof Node.Mapping inner && inner.get("filter") != null
          && (inner.get("default_action") != null || inner.get("mismatch_action") != null);
      if (!filter) {
        return false;
      }
    }
    return !root.entries().isEmpty();
  }

  /// The policy; null if the problems noted leave none.
  ///
  /// @param thread its name; null if there is but one
  public Policy read(Node.Mapping root, String thread) {
    Node filter = thread == null && root.entries().size() == 1 ? root.entries().getFirst().value() : null;
    filter = thread == null ? filter : root.get(thread);
    if (filter == null) {
      return noThread(root, thread);
    }
    if (!(filter instanceof Node.Mapping mapping)) {
      return reading.fail("wrong-kind", filter, "found " + filter.kindName() + " instead of a mapping",
          "write default_action, filter_action and filter");
    }
    return policy(new Fields(reading, mapping, KEYS));
  }

  private Policy noThread(Node.Mapping root, String thread) {
    var names = new ArrayList<String>();
    for (Node.Entry entry : root.entries()) {
      names.add(entry.key().text());
    }
    String what = thread == null ? "this file has filters of several threads" : "no thread is named '" + thread + "'";
    String fix = names.isEmpty() ? "add a filter" : "choose one with FILE#THREAD: " + String.join(", ", names);
    return reading.fail("no-thread", root, what, fix);
  }

  private Policy policy(Fields fields) {
    Action byDefault = FirecrackerActions.read(reading, fields, "default_action", "mismatch_action");
    Action onMatch = FirecrackerActions.read(reading, fields, "filter_action", "match_action");
    if (byDefault == null || onMatch == null) {
      return null;
    }
    var rules = new ArrayList<Rule>();
    for (Node.Mapping rule : fields.mappings("filter")) {
      if (!reading.hopeless()) {
        rule(new Fields(reading, rule, RULE_KEYS), byDefault, onMatch, rules);
      }
    }
    return new Policy(reading.file().name(), "", List.of(), new Architectures.Native(), byDefault, byDefault, byDefault,
        rules);
  }

  private void rule(Fields fields, Action byDefault, Action onMatch, List<Rule> rules) {
    Node.Scalar name = fields.text("syscall");
    if (name == null) {
      if (!fields.has("syscall")) {
        reading.fail("no-names", fields.mapping(), "this rule names no call", "add syscall");
      }
      return;
    }
    boolean widens = byDefault.denies() && !onMatch.denies();
    boolean known = Catalog.get().knows(name.text()) || Catalog.get().foreign().contains(name.text());
    if (!known) {
      unknown(name, widens || byDefault.denies());
      return;
    }
    Optional<Expression> condition = new FirecrackerConditions(reading, name, widens).read(fields);
    if (condition != null && !onMatch.equals(byDefault)) {
      boolean allow = onMatch instanceof Action.Allow;
      Rule.Effect effect = allow ? new Rule.Effect.Allow() : new Rule.Effect.Deny(Optional.of(onMatch));
      rules.add(new Rule(new Rule.Subject.Call(name.text()), condition, effect, new When.Always(), Optional.empty(),
          reading.origin(name)));
    }
  }

  private void unknown(Node.Scalar name, boolean safe) {
    String what = "no system call named '" + name.text() + "'";
    if (safe) {
      reading.stricter("unknown-syscall", name, what + "; it is left out, which lets nothing more through");
      return;
    }
    List<String> near = Catalog.get().suggestions(name.text());
    reading.fail("unknown-syscall", name, what + ", and it would be let through",
        near.isEmpty() ? "correct it, or leave it out" : "did you mean '" + near.getFirst() + "'?");
  }
}
