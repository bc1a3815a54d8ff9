package dev.warder.format;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.YamlText;
import dev.warder.jail.Mount;
import dev.warder.policy.Architectures;
import dev.warder.policy.Expression;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes Warder's own policy file. Rules that follow each other and differ in their calls only share an entry.
final class PolicyWriter {
  /// Characters of a file's content that need not be short.
  private static final int ALWAYS_AS_TEXT = 4096;

  private final Policy policy;
  private final List<Mount.Content> files;
  private final StringBuilder out = new StringBuilder();
  /// Names of own sets in the file; new ones where two differ in members only or the catalog's is used too.
  private final Map<Subject.OwnSet, String> setNames = new LinkedHashMap<>();

  PolicyWriter(Policy policy, List<Mount.Content> files) {
    this.policy = policy;
    this.files = files;
  }

  String write() {
    line(0, "name: ", YamlText.of(policy.name()));
    if (!policy.description().isEmpty()) {
      line(0, "description: ", YamlText.of(policy.description()));
    }
    texts(0, "notes", policy.notes());
    switch (policy.architectures()) {
      case Architectures.Family() -> line(0, "architectures: ", "family");
      case Architectures.Native() -> line(0, "architectures: ", "native");
      case Architectures.Listed(List<Arch> list) -> architectures(list);
    }
    line(0, "default-action: ", ActionText.write(policy.defaultAction()));
    line(0, "unassigned-action: ", ActionText.write(policy.unassignedAction()));
    line(0, "newer-action: ", ActionText.write(policy.newerAction()));
    sets();
    frequencies();
    rules("allow", true);
    rules("deny", false);
    files();
    return out.toString();
  }

  private void architectures(List<Arch> list) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException("a policy that serves no architecture cannot be written");
    }
    line(0, "architectures: [", String.join(", ", labels(list)), "]");
  }

  private void line(int indent, String... parts) {
    out.repeat(' ', indent);
    for (String part : parts) {
      out.append(part);
    }
    out.append('\n');
  }

  private void texts(int indent, String key, Collection<String> texts) {
    if (!texts.isEmpty()) {
      line(indent, key, ":");
      for (String text : texts) {
        line(indent + 2, "- ", YamlText.of(text));
      }
    }
  }

  private static List<String> labels(Collection<Arch> arches) {
    return arches.stream().map(Arch::label).toList();
  }

  private void sets() {
    nameSets();
    if (!setNames.isEmpty()) {
      line(0, "sets:");
      setNames.forEach((set, name) -> {
        if (set.members().isEmpty()) {
          line(2, YamlText.of(name), ": []");
        } else {
          texts(2, YamlText.of(name), set.members());
        }
      });
    }
  }

  private void frequencies() {
    if (!policy.frequencies().isEmpty()) {
      line(0, "frequencies:");
      policy.frequencies().forEach((call, frequency) -> line(2, call, ": ", Long.toString(frequency)));
    }
  }

  private void nameSets() {
    var taken = new HashSet<String>();
    for (Rule rule : policy.rules()) {
      if (rule.subject() instanceof Subject.Set(String name)) {
        taken.add(name);
      }
    }
    for (Rule rule : policy.rules()) {
      if (rule.subject() instanceof Subject.OwnSet set && !setNames.containsKey(set)) {
        String name = set.name();
        for (int i = 2; !taken.add(name); i++) {
          name = set.name() + "-" + i;
        }
        setNames.put(set, name);
      }
    }
  }

  private void rules(String key, boolean allow) {
    List<Rule> rules = policy.rules().stream().filter(rule -> rule.allows() == allow).toList();
    if (rules.isEmpty()) {
      return;
    }
    line(0, key, ":");
    for (int from = 0; from < rules.size(); ) {
      int to = from + 1;
      while (to < rules.size() && sameTerms(rules.get(from), rules.get(to))) {
        to++;
      }
      entry(rules.subList(from, to));
      from = to;
    }
  }

  private void files() {
    if (!files.isEmpty()) {
      line(0, "files:");
    }
    for (Mount.Content file : files) {
      line(2, "- target: ", YamlText.of(file.target()));
      content(file);
      line(4, String.format("mode: \"%04o\"", file.mode()));
    }
  }

  /// As text where there is one that does not become much longer.
  private void content(Mount.Content file) {
    Optional<String> text = file.text();
    String yaml = text.isPresent() ? YamlText.block(text.get(), 6) : "";
    if (text.isPresent() && yaml.length() <= Math.max(ALWAYS_AS_TEXT, 2 * file.bytes().length)) {
      line(4, "content: ", yaml);
    } else {
      line(4, "base64: ", Base64.getEncoder().encodeToString(file.bytes()));
    }
  }

  private static boolean sameTerms(Rule a, Rule b) {
    return a.effect().equals(b.effect()) && a.when().equals(b.when()) && a.reason().equals(b.reason());
  }

  private void entry(List<Rule> rules) {
    List<String> calls = rules.stream().map(this::call).toList();
    List<String> terms = terms(rules.getFirst());
    if (terms.isEmpty()) {
      calls.forEach(call -> line(2, "- ", YamlText.of(call)));
      return;
    }
    if (calls.size() == 1) {
      line(2, "- calls: ", YamlText.of(calls.getFirst()));
    } else {
      line(2, "- calls:");
      calls.forEach(call -> line(6, "- ", YamlText.of(call)));
    }
    terms.forEach(term -> line(4, term));
  }

  private String call(Rule rule) {
    String name = rule.subject() instanceof Subject.OwnSet set ? setNames.get(set) : rule.subject().text();
    Optional<Expression> condition = rule.condition();
    return condition.isPresent() ? name + "(" + condition.get().text() + ")" : name;
  }

  /// The lines of an entry besides its calls.
  private static List<String> terms(Rule rule) {
    var lines = new ArrayList<String>();
    addWhen(rule.when(), lines);
    if (rule.effect() instanceof Rule.Effect.Deny(var action) && action.isPresent()) {
      lines.add("action: " + ActionText.write(action.get()));
    }
    rule.reason().ifPresent(reason -> {
      lines.add("reason: " + YamlText.of(reason.text()));
      if (reason.dangerous()) {
        lines.add("dangerous: true");
      }
    });
    return lines;
  }

  private static void addWhen(When when, List<String> lines) {
    List<When> terms = when instanceof When.All(List<When> all) ? all : List.of(when);
    var with = new ArrayList<String>();
    var without = new ArrayList<String>();
    var arches = new ArrayList<String>();
    for (When term : terms) {
      switch (term) {
        case When.Kept(var capability) -> with.add(capability.name());
        case When.Lacked(var capability) -> without.add(capability.name());
        case When.On(var set) -> arches.addAll(labels(set));
        case When.All _ -> throw new IllegalArgumentException("the terms of a rule are nested");
        case When.Always() -> { }
      }
    }
    addList("with", with, lines);
    addList("without", without, lines);
    addList("architectures", arches, lines);
  }

  /// Capabilities and architectures need no quotes.
  private static void addList(String key, List<String> words, List<String> lines) {
    if (!words.isEmpty()) {
      lines.add(key + ": " + (words.size() == 1 ? words.getFirst() : "[" + String.join(", ", words) + "]"));
    }
  }
}
