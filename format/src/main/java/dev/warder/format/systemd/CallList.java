package dev.warder.format.systemd;

import dev.warder.catalog.Catalog;
import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Action;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Effect;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the assignments of `SystemCallFilter=` or `SystemCallLog=` come to.
///
/// The first decides whether they list what is meant or what is not; each later one adds to the list or takes away, so
/// that the last word on a call counts. In a policy deny beats allow instead: words that a later one takes back are
/// left out of its rules.
///
/// Source: `config_parse_syscall_filter` in `src/core/load-fragment.c`, systemd 252.
final class CallList {
  /// Every list of allowed calls holds this set: a program needs it to start, to end and to sleep.
  private static final String ALWAYS = "@default";

  private final Reading reading;
  private final boolean filter;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Entry> lastWords = new HashMap<>();
  private boolean given;
  private boolean listsMeant;

  /// @param inverted whether the word takes calls out of what is meant
  /// @param action what a denied call gets; empty for what the unit says
  private record Entry(
      boolean inverted, Subject subject, Collection<String> calls, Optional<Action> action, String origin) {}

  /// @param filter whether it decides which calls are made; else, which are logged
  CallList(Reading reading, boolean filter) {
    this.reading = reading;
    this.filter = filter;
  }

  void add(Setting setting) {
    if (setting.resets()) {
      entries.clear();
      lastWords.clear();
      given = false;
      return;
    }
    if (!given) {
      given = true;
      listsMeant = !setting.inverted();
      if (listsMeant && filter) {
        add(false, new Subject.Set(ALWAYS), Optional.empty(), reading.file().name());
      }
    }
    for (Word word : setting.words()) {
      if (!reading.hopeless()) {
        add(setting.inverted(), word);
      }
    }
  }

  private void add(boolean inverted, Word word) {
    if (word.text().startsWith("~")) {
      reading.fail("tilde-inside", word.at(), "~ stands before the whole list, not before one word",
          "give the refused words a SystemCallFilter=~ of their own");
      return;
    }
    int colon = filter ? word.text().indexOf(':') : -1;
    Optional<Action> action = Optional.empty();
    if (colon >= 0) {
      Action read = Actions.read(reading, word.text().substring(colon + 1), word.at());
      action = Optional.ofNullable(read);
      if (read != null && !inverted) {
        reading.lose(
            "lost-entry", word.at(), "systemd leaves out an allowed call that names an error, and so does this", false);
      }
      if (read == null || !inverted) {
        return;
      }
    }
    String name = colon < 0 ? word.text() : word.text().substring(0, colon);
    Subject subject = subject(name);
    if (subject == null) {
      unknown(name, inverted, word);
    } else {
      add(inverted, subject, action, reading.file().name() + ":" + word.at().line());
    }
  }

  private void add(boolean inverted, Subject subject, Optional<Action> action, String origin) {
    Collection<String> calls = calls(subject);
    var entry = new Entry(inverted, subject, calls, action, origin);
    entries.add(entry);
    for (String call : calls) {
      lastWords.put(call, entry);
    }
  }

  private static Subject subject(String name) {
    if (name.startsWith("@")) {
      return Catalog.get().set(name).isPresent() ? new Subject.Set(name) : null;
    }
    boolean known = Catalog.get().knows(name) || Catalog.get().foreign().contains(name);
    return known ? new Subject.Call(name) : null;
  }

  private void unknown(String name, boolean inverted, Word word) {
    String what = (name.startsWith("@") ? "no set named '" : "no system call named '") + name + "'";
    if (filter && !inverted) {
      boolean stricter = listsMeant;
      reading.lose("unknown-syscall", word.at(), what + "; it is left out, as systemd does", stricter);
      return;
    }
    List<String> near = Catalog.get().suggestions(name);
    String fix = near.isEmpty() ? "correct it, or leave it out" : "did you mean '" + near.getFirst() + "'?";
    String code = name.startsWith("@") ? "unknown-set" : "unknown-syscall";
    reading.fail(code, word.at(), filter ? what + ", and it would be let through" : what, fix);
  }

  boolean given() {
    return given;
  }

  /// Whether what is not listed is meant: let through by a filter, logged by a log.
  boolean meansTheRest() {
    return given && !listsMeant;
  }

  /// Whether a call is meant.
  boolean means(String call) {
    Entry last = lastWords.get(call);
    return last == null ? meansTheRest() || filter && !given : !last.inverted();
  }

  /// The rules of a filter.
  ///
  /// @param refusal what the calls get that are not let through
  List<Rule> rules(Action refusal) {
    var rules = new ArrayList<Rule>();
    for (Entry entry : entries) {
      if (entry.inverted()) {
        Optional<Action> action = listsMeant ? entry.action() : Optional.of(entry.action().orElse(refusal));
        add(entry, standing(entry), new Effect.Deny(action), rules);
      } else if (listsMeant) {
        rules.add(Rule.allow(entry.subject(), entry.origin()));
      }
    }
    return rules;
  }

  /// The rules of another filter that still count beside this one: those on calls that it lets through.
  List<Rule> onPassed(List<Rule> rules) {
    var left = new ArrayList<Rule>(rules.size());
    for (Rule rule : rules) {
      Collection<String> calls = calls(rule.subject());
      var passed = new ArrayList<String>();
      for (String call : calls) {
        if (means(call)) {
          passed.add(call);
        }
      }
      if (passed.size() == calls.size()) {
        left.add(rule);
      } else {
        for (String call : passed) {
          left.add(rule(new Subject.Call(call), rule.effect(), rule.origin()));
        }
      }
    }
    return left;
  }

  private static Collection<String> calls(Subject subject) {
    return subject instanceof Subject.Set set
        ? Catalog.get().expand(Catalog.get().set(set.name()).orElseThrow())
        : List.of(subject.text());
  }

  /// The calls on which this entry has the last word.
  private List<String> standing(Entry entry) {
    var calls = new ArrayList<String>();
    for (String call : entry.calls()) {
      if (lastWords.get(call) == entry) {
        calls.add(call);
      }
    }
    return calls;
  }

  private static void add(Entry entry, List<String> calls, Effect effect, List<Rule> rules) {
    if (calls.size() == entry.calls().size()) {
      rules.add(rule(entry.subject(), effect, entry.origin()));
      return;
    }
    for (String call : calls) {
      rules.add(rule(new Subject.Call(call), effect, entry.origin()));
    }
  }

  private static Rule rule(Subject subject, Effect effect, String origin) {
    return new Rule(subject, Optional.empty(), effect, new When.Always(), Optional.empty(), origin);
  }

  /// The rules of a log, for the calls that are let through. Where the rest is let through and logged, the policy's
  /// default does that, and the rules let the listed calls through unlogged.
  List<Rule> logRules(CallList passed) {
    var rules = new ArrayList<Rule>();
    if (meansTheRest() && passed.means("")) {
      for (Entry entry : entries) {
        if (entry.inverted()) {
          add(entry, standing(entry), new Effect.Allow(), rules);
        }
      }
    } else if (given) {
      Set<String> logged = new TreeSet<>();
      for (String call : meansTheRest() ? Catalog.get().syscallNames() : lastWords.keySet()) {
        if (means(call) && passed.means(call)) {
          logged.add(call);
        }
      }
      var set = new Subject.OwnSet("@logged", new TreeSet<>(logged));
      rules.add(rule(set, new Effect.Deny(Optional.of(new Action.Log())), reading.file().name()));
    }
    return rules;
  }
}
