package dev.warder.meaning;

import dev.warder.policy.ArgumentText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes a set of calls as a condition on their arguments, in the syntax of policies.
///
/// Exact: read back as a condition it holds for the same arguments. Only where a program looks at bits that the kernel
/// ignores, or at the instruction pointer, is there no such condition; then the text has words that no policy can use:
/// `high32(domain) != 0`, `instruction_pointer <= 0xffff`. Values that only a long list would tell are not listed, and
/// the text says so.
final class Wording {
  /// Ways on from one argument; a person reads a few.
  private static final int MOST_WAYS = 64;

  private final Diagrams diagrams;
  private final ArgumentText names;

  Wording(Diagrams diagrams, ArgumentText names) {
    this.diagrams = diagrams;
    this.names = names;
  }

  /// The condition; empty if it always holds.
  ///
  /// @param calls a function with values TRUE and FALSE of arguments and instruction pointer, and not FALSE
  String text(int calls) {
    if (calls == Diagrams.TRUE) {
      return "";
    }
    Segment segment = Segment.of(diagrams.top(calls), names);
    Map<Integer, Integer> ways = ways(calls, segment);
    if (ways.isEmpty()) {
      return "(" + segment.name() + " together with other arguments, as no short condition tells)";
    }
    int common = common(ways);
    var terms = new ArrayList<String>();
    ways.forEach((way, values) -> {
      if (way != Diagrams.FALSE && way != common) {
        String test = ValueSet.text(diagrams, values, segment, names);
        terms.add(way == Diagrams.TRUE ? test : group(test) + " && " + group(text(way)));
      }
    });
    if (common != Diagrams.FALSE) {
      terms.add(text(common));
    }
    return anyOf(terms);
  }

  /// The way on that every other implies less of: what holds whatever the argument; FALSE if there is none.
  private int common(Map<Integer, Integer> ways) {
    for (int way : ways.keySet()) {
      if (ways.keySet().stream().allMatch(other -> diagrams.and(way, diagrams.not(other)) == Diagrams.FALSE)) {
        return way;
      }
    }
    return Diagrams.FALSE;
  }

  /// What is left to ask behind a segment, and for which values of it, by ascending first value; none if that is too
  /// much to write.
  private Map<Integer, Integer> ways(int calls, Segment segment) {
    var ends = new LinkedHashMap<Integer, Integer>();
    findEnds(calls, segment, ends, new HashMap<>());
    if (ends.size() > MOST_WAYS) {
      return Map.of();
    }
    for (int end : List.copyOf(ends.keySet())) {
      ends.put(end, valuesTo(calls, segment, end, new HashMap<>()));
    }
    return ends;
  }

  private void findEnds(int f, Segment segment, Map<Integer, Integer> ends, Map<Integer, Boolean> seen) {
    if (diagrams.top(f) >= segment.end()) {
      ends.putIfAbsent(f, Diagrams.FALSE);
    } else if (seen.put(f, true) == null) {
      diagrams.walk();
      findEnds(diagrams.low(f), segment, ends, seen);
      findEnds(diagrams.high(f), segment, ends, seen);
    }
  }

  private int valuesTo(int f, Segment segment, int end, Map<Integer, Integer> known) {
    if (diagrams.top(f) >= segment.end()) {
      return f == end ? Diagrams.TRUE : Diagrams.FALSE;
    }
    Integer values = known.get(f);
    if (values == null) {
      diagrams.walk();
      int low = valuesTo(diagrams.low(f), segment, end, known);
      int high = valuesTo(diagrams.high(f), segment, end, known);
      values = diagrams.choose(diagrams.bit(diagrams.top(f)), high, low);
      known.put(f, values);
    }
    return values;
  }

  /// The terms joined by `||`.
  static String anyOf(List<String> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    var out = new StringBuilder();
    for (String term : terms) {
      boolean both = topLevel(term, "&&") && !topLevel(term, "||");
      out.append(out.isEmpty() ? "" : " || ").append(both ? "(" + term + ")" : term);
    }
    return out.toString();
  }

  /// In parentheses if it has `||` outside of any.
  private static String group(String text) {
    return topLevel(text, "||") ? "(" + text + ")" : text;
  }

  private static boolean topLevel(String text, String operator) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0 && text.startsWith(operator, i)) {
        return true;
      }
    }
    return false;
  }
}
