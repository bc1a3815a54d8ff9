package dev.warder.policy;

import dev.warder.policy.Rule.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the lists that people give on the command line and in settings.
///
/// Words stand between spaces or commas: calls, `@sets`, raw `#numbers`, and calls with a condition,
/// `socket(domain == AF_UNIX)`. A `~` before the first word denies them all, as systemd has it; anywhere else it is a
/// mistake, since a list that allows and denies at once reads as its opposite too easily. A denied word may name its
/// action: `~ptrace:EACCES`, `~@mount:kill`.
public final class SyscallList {
  /// Problems that are told; more would help nobody, and each takes a search for what was meant.
  private static final int MOST_PROBLEMS = 100;

  private final Source source;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Rule> rules = new ArrayList<>();
  private final RuleReader reader;

  private SyscallList(Source source) {
    this.source = source;
    this.reader = new RuleReader(source, problems);
  }

  /// The rules of a list, in its order; none for an empty one.
  ///
  /// @return problems `unknown-syscall`, `unknown-set`, `bad-number`, `tilde-inside`, `unknown-action`,
  ///     `action-on-allow`, `empty-deny` and those of [Expression#parse]
  public static Parsed<List<Rule>> parse(Source source) {
    return new SyscallList(source).parse();
  }

  public static Parsed<List<Rule>> parse(String text, String origin) {
    return parse(Source.option(origin, text));
  }

  private Parsed<List<Rule>> parse() {
    String text = source.text();
    int to = text.length();
    int at = reader.wordStart(0, to);
    boolean deny = at < to && text.charAt(at) == '~';
    int first = reader.wordStart(deny ? at + 1 : at, to);
    if (deny && first == to) {
      reader.fail("empty-deny", at, to, "nothing follows ~", "name what to deny, as in ~@mount");
    }
    for (int from = first; from < to && problems.size() < MOST_PROBLEMS; ) {
      int end = reader.wordEnd(from, to);
      word(from, end, deny);
      from = reader.wordStart(end, to);
    }
    return Parsed.of(List.copyOf(rules), problems);
  }

  private void word(int from, int end, boolean deny) {
    String text = source.text();
    if (text.charAt(from) == '~') {
      String fix = "give denied words a list of their own, which starts with ~";
      reader.fail("tilde-inside", from, end, "~ stands before the whole list, not before one word", fix);
      return;
    }
    int colon = end - 1;
    while (colon > from && text.charAt(colon) != ':' && text.charAt(colon) != ')') {
      colon--;
    }
    boolean hasAction = colon > from && text.charAt(colon) == ':';
    Optional<Action> action = hasAction ? action(colon + 1, end, deny) : Optional.empty();
    RuleReader.Entry entry = reader.entry(from, hasAction ? colon : end);
    if (entry != null) {
      Effect effect = deny ? new Effect.Deny(action) : new Effect.Allow();
      rules.add(new Rule(
          entry.subject(), entry.condition(), effect, new When.Always(), Optional.empty(), source.origin()));
    }
  }

  private Optional<Action> action(int from, int end, boolean deny) {
    String word = source.text().substring(from, end);
    Optional<Action> action = Action.named(word);
    if (!deny) {
      reader.fail("action-on-allow", from, end, "only a denied word has an action", "start the list with ~");
    } else if (action.isEmpty() || action.get() instanceof Action.Allow) {
      String fix = "write an error name, kill, trap or log";
      reader.fail("unknown-action", from, end, "no action named '" + word + "'", fix);
    }
    return action.isPresent() && action.get() instanceof Action.Allow ? Optional.empty() : action;
  }
}
