package dev.warder.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Why each call may be denied, in our own words.
///
/// Source: `reasons.tsv`.
public final class Reasons {
  private static final Map<String, Reason> BY_CALL = parse(Resources.text("reasons.tsv"));

  private Reasons() {}

  /// Empty for a call that every shipped profile allows.
  public static Optional<Reason> of(String syscall) {
    return Optional.ofNullable(BY_CALL.get(syscall));
  }

  /// Lines of mark, names and sentence, with tabs between.
  private static Map<String, Reason> parse(String text) {
    var all = new HashMap<String, Reason>(1024);
    int line = 0;
    while (line < text.length()) {
      int end = text.indexOf('\n', line);
      if (text.charAt(line) != '#') {
        int names = text.indexOf('\t', line) + 1;
        int sentence = text.indexOf('\t', names) + 1;
        var reason = new Reason(text.substring(sentence, end), text.charAt(line) == '!');
        addAll(all, text, names, sentence - 1, reason);
      }
      line = end + 1;
    }
    return all;
  }

  private static void addAll(Map<String, Reason> all, String text, int from, int to, Reason reason) {
    int at = from;
    while (at < to) {
      int space = text.indexOf(' ', at);
      int end = space < 0 || space > to ? to : space;
      all.put(text.substring(at, end), reason);
      at = end + 1;
    }
  }
}
