package dev.warder.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Finds the names that someone may have meant.
public final class Suggestions {
  private static final int MOST = 3;

  private record Candidate(int distance, String name) {}

  private Suggestions() {}

  /// The names nearest to a wrong one: one slip in three letters, three at most; letter case is no slip.
  public static List<String> nearest(String wrongName, Collection<String> names) {
    String wanted = wrongName.toLowerCase(Locale.ROOT);
    int bound = Math.clamp(wanted.length() / 3, 1, 3);
    var candidates = new ArrayList<Candidate>();
    for (String name : names) {
      if (Math.abs(name.length() - wanted.length()) <= bound) {
        int distance = distance(wanted, name.toLowerCase(Locale.ROOT));
        if (distance <= bound) {
          candidates.add(new Candidate(distance, name));
        }
      }
    }
    candidates.sort(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name));
    return candidates.stream().limit(MOST).map(Candidate::name).toList();
  }

  /// Letters inserted, left out, exchanged or swapped with their neighbour: the Damerau-Levenshtein distance in its
  /// common form, where no letter is touched twice.
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }
}
