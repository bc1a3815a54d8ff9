package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.policy.Rule.Effect;
import dev.warder.policy.Rule.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Reads the shipped profiles: one line for each header, set and rule.
///
/// ```
/// description Ordinary programs
/// architectures family | native | x86_64 x86 ...
/// default-action errno:EPERM
/// set @own-set call call ...
/// allow @basic-io openat socket(domain == AF_UNIX) -- why the rest is denied
/// allow[CAP_SYS_TIME] @clock           in force while the capability is kept
/// deny[CAP_SYS_PTRACE] ptrace          in force while the capability is dropped
/// deny socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT) -> EAFNOSUPPORT -- reason
/// deny ioctl(cmd == TIOCSTI) --! reason of a dangerous call
/// ```
///
/// A set must stand before its use; lines of the same set add up. Lines that begin with `#` are comments.
final class ProfileReader {
  private final String origin;
  private final String text;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Rule> rules = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, SortedSet<String>> ownSets = new HashMap<>();
  private String description = "";
  private Architectures architectures = new Architectures.Family();
  private Action defaultAction;
  private Action unassignedAction;
  private Action newerAction;
  private Source line;
  private RuleReader reader;

  ProfileReader(String origin, String text) {
    this.origin = origin;
    this.text = text;
    Policy basis = Policy.allowList(origin);
    this.defaultAction = basis.defaultAction();
    this.newerAction = basis.newerAction();
  }

  Parsed<Policy> parse() {
    int number = 0;
    for (int from = 0; from < text.length(); ) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? text.length() : end;
      number++;
      if (end > from && text.charAt(from) != '#') {
        line = new Source(origin, number, text.substring(from, end));
        reader = new RuleReader(line, problems);
        line();
      }
      from = end + 1;
    }
    Action unassigned = unassignedAction == null ? defaultAction : unassignedAction;
    return Parsed.of(
        new Policy(origin, description, notes, architectures, defaultAction, unassigned, newerAction, rules), problems);
  }

  private void line() {
    String whole = line.text();
    int keyEnd = whole.indexOf(' ');
    if (keyEnd < 0) {
      reader.fail("profile-syntax", 0, whole.length(), "a line of one word", "see the format in ProfileReader");
      return;
    }
    String key = whole.substring(0, keyEnd);
    String rest = whole.substring(keyEnd + 1).strip();
    switch (key) {
      case "description" -> description = rest;
      case "note" -> notes.add(rest);
      case "architectures" -> architectures = architectures(rest);
      case "default-action" -> defaultAction = action(rest);
      case "unassigned-action" -> unassignedAction = action(rest);
      case "newer-action" -> newerAction = action(rest);
      case "set" -> ownSet(rest);
      default -> rule(key, keyEnd + 1);
    }
  }

  private Architectures architectures(String names) {
    if (names.equals("family")) {
      return new Architectures.Family();
    }
    if (names.equals("native")) {
      return new Architectures.Native();
    }
    var list = new ArrayList<Arch>();
    for (Arch arch : Arch.values()) {
      if ((" " + names + " ").contains(" " + arch.label() + " ")) {
        list.add(arch);
      }
    }
    return new Architectures.Listed(list);
  }

  private Action action(String name) {
    Optional<Action> action = Action.named(name);
    if (action.isEmpty()) {
      int from = line.text().length() - name.length();
      reader.fail("unknown-action", from, line.text().length(), "no action named '" + name + "'", "write errno:EPERM");
    }
    return action.orElse(Action.KILL_PROCESS);
  }

  private void ownSet(String words) {
    int nameEnd = words.indexOf(' ');
    String name = words.substring(0, nameEnd);
    SortedSet<String> members = ownSets.get(name);
    if (members == null) {
      members = new TreeSet<>();
      ownSets.put(name, members);
    }
    for (int from = nameEnd + 1; from < words.length(); ) {
      int end = words.indexOf(' ', from);
      end = end < 0 ? words.length() : end;
      members.add(words.substring(from, end));
      from = end + 1;
    }
  }

  private void rule(String key, int from) {
    int bracket = key.indexOf('[');
    String verb = bracket < 0 ? key : key.substring(0, bracket);
    boolean allow = verb.equals("allow");
    if (!allow && !verb.equals("deny")) {
      reader.fail("profile-syntax", 0, key.length(), "no line starts with '" + key + "'", "write allow or deny");
      return;
    }
    When when = bracket < 0 ? new When.Always() : when(key, bracket, allow);
    String whole = line.text();
    int reasonAt = whole.indexOf(" --", from);
    int to = reasonAt < 0 ? whole.length() : reasonAt;
    int arrow = whole.indexOf(" -> ", from);
    boolean hasAction = arrow >= 0 && arrow < to;
    Optional<Action> action =
        hasAction ? Optional.of(action(whole.substring(arrow + 4, to).strip())) : Optional.empty();
    Effect effect = allow ? new Effect.Allow() : new Effect.Deny(action);
    entries(from, hasAction ? arrow : to, effect, when, reasonAt < 0 ? Optional.empty() : reason(reasonAt + 3));
  }

  private Optional<Reason> reason(int from) {
    boolean dangerous = line.text().charAt(from) == '!';
    return Optional.of(new Reason(line.text().substring(dangerous ? from + 1 : from).strip(), dangerous));
  }

  private When when(String key, int bracket, boolean allow) {
    String name = key.substring(bracket + 1, key.length() - 1);
    for (Capability capability : Capability.values()) {
      if (capability.name().equals(name)) {
        return allow ? new When.Kept(capability) : new When.Lacked(capability);
      }
    }
    reader.fail("unknown-capability", bracket + 1, key.length() - 1, "no capability named '" + name + "'", "");
    return new When.Always();
  }

  private void entries(int from, int to, Effect effect, When when, Optional<Reason> reason) {
    for (int at = reader.wordStart(from, to); at < to; ) {
      int end = reader.wordEnd(at, to);
      SortedSet<String> own = ownSets.get(line.text().substring(at, end));
      if (own != null) {
        Subject subject = new Subject.OwnSet(line.text().substring(at, end), own);
        rules.add(new Rule(subject, Optional.empty(), effect, when, reason, origin));
      } else {
        RuleReader.Entry entry = reader.entry(at, end);
        if (entry != null) {
          rules.add(new Rule(entry.subject(), entry.condition(), effect, when, reason, origin));
        }
      }
      at = reader.wordStart(end, to);
    }
  }
}
