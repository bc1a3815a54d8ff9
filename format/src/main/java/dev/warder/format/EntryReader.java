package dev.warder.format;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import dev.warder.policy.Reason;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Effect;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.RuleReader;
import dev.warder.policy.Source;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the entries of the allow and deny lists: a call or set as a text, or a mapping that says more.
final class EntryReader {
  static final List<String> KEYS =
      List.of("calls", "with", "without", "architectures", "action", "reason", "dangerous");

  private final Reading reading;
  private final Map<String, Subject.OwnSet> ownSets;

  EntryReader(Reading reading, Map<String, Subject.OwnSet> ownSets) {
    this.reading = reading;
    this.ownSets = ownSets;
  }

  /// What the calls of one entry have in common.
  private record Terms(Effect effect, When when, Optional<Reason> reason) {
    static Terms plain(boolean allow) {
      Effect effect = allow ? new Effect.Allow() : new Effect.Deny(Optional.empty());
      return new Terms(effect, new When.Always(), Optional.empty());
    }
  }

  List<Rule> rules(List<Node> entries, boolean allow) {
    var rules = new ArrayList<Rule>(entries.size());
    Terms plain = Terms.plain(allow);
    for (Node entry : entries) {
      if (reading.hopeless()) {
        return rules;
      }
      if (entry instanceof Node.Mapping mapping) {
        mapping(mapping, allow, rules);
      } else {
        add(Fields.text(reading, entry), plain, rules);
      }
    }
    return rules;
  }

  private void mapping(Node.Mapping mapping, boolean allow, List<Rule> rules) {
    var fields = new Fields(reading, mapping, KEYS);
    var terms = new Terms(effect(fields, allow), when(fields), reason(fields));
    List<Node.Scalar> calls = fields.texts("calls");
    if (!fields.has("calls") || calls.isEmpty() && fields.get("calls") instanceof Node.Sequence) {
      reading.fail("no-calls", mapping, "this entry names no calls", "add calls: and a call, a set or a list");
    }
    for (Node.Scalar call : calls) {
      if (!reading.hopeless()) {
        add(call, terms, rules);
      }
    }
  }

  private Effect effect(Fields fields, boolean allow) {
    Node.Scalar text = fields.text("action");
    Action action = text == null ? null : ActionText.read(reading, text);
    if (allow && text != null) {
      reading.fail("action-on-allow", text, "only an entry of deny: has an action", "leave it out, or move the entry");
    } else if (action instanceof Action.Allow) {
      reading.fail("unknown-action", text, "a denied call cannot be allowed", "move the entry to allow:");
      action = null;
    }
    return allow ? new Effect.Allow() : new Effect.Deny(Optional.ofNullable(action));
  }

  private Optional<Reason> reason(Fields fields) {
    Node.Scalar text = fields.text("reason");
    boolean dangerous = fields.flag("dangerous");
    if (dangerous && text == null) {
      reading.fail(
          "no-reason", fields.get("dangerous"), "a dangerous call needs a reason", "add reason: and a sentence");
    }
    return text == null ? Optional.empty() : Optional.of(new Reason(text.text(), dangerous));
  }

  private When when(Fields fields) {
    var terms = new ArrayList<When>();
    for (Node.Scalar name : fields.texts("with")) {
      Optional<Capability> capability = capability(name);
      if (capability.isPresent()) {
        terms.add(new When.Kept(capability.get()));
      }
    }
    for (Node.Scalar name : fields.texts("without")) {
      Optional<Capability> capability = capability(name);
      if (capability.isPresent()) {
        terms.add(new When.Lacked(capability.get()));
      }
    }
    Set<Arch> arches = PolicyReader.arches(reading, fields);
    if (!arches.isEmpty()) {
      terms.add(new When.On(arches));
    }
    return terms.isEmpty() ? new When.Always() : terms.size() == 1 ? terms.getFirst() : new When.All(terms);
  }

  private Optional<Capability> capability(Node.Scalar name) {
    Optional<Capability> capability = Capability.named(name.text());
    if (capability.isEmpty() && !reading.hopeless()) {
      String fix = "write it as in capabilities(7): CAP_SYS_TIME";
      reading.fail("unknown-capability", name, "no capability named '" + name.text() + "'", fix);
    }
    return capability;
  }

  /// @param call null for one that is none
  private void add(Node.Scalar call, Terms terms, List<Rule> rules) {
    if (call == null) {
      return;
    }
    RuleReader.Entry entry = entry(call);
    if (entry != null) {
      String origin = reading.origin(call);
      rules.add(new Rule(entry.subject(), entry.condition(), terms.effect(), terms.when(), terms.reason(), origin));
    }
  }

  private RuleReader.Entry entry(Node.Scalar call) {
    Subject.OwnSet own = ownSets.get(call.text());
    if (own != null) {
      return new RuleReader.Entry(own, Optional.empty());
    }
    if (call.text().isBlank()) {
      return reading.fail("no-calls", call, "this entry names no call", "name a call or a set, or leave it out");
    }
    if (call.text().startsWith("~")) {
      return reading.fail("tilde-inside", call, "~ denies only in options", "move the call to deny:, without the ~");
    }
    Reading.Span span = reading.span(call);
    Source source = span.source();
    return new RuleReader(source, reading.problems()).entry(span.from(), span.to());
  }
}
