package dev.warder.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The sets of `sets.txt`.
final class SyscallSets {
  static final SortedMap<String, SyscallSet> ALL = parse(Text.resource("sets.txt"));

  /// The expansions asked for so far: a policy asks for the same ones for each architecture.
  private static final Map<SyscallSet, SortedSet<String>> EXPANDED = new IdentityHashMap<>();

  private SyscallSets() {}

  private static SortedMap<String, SyscallSet> parse(Text text) {
    var all = new TreeMap<String, SyscallSet>();
    int line = text.start;
    while (line < text.bytes.length) {
      int end = text.fieldEnd(line, '\n');
      String name = text.string(line, end);
      var syscalls = new ArrayList<String>();
      var sets = new ArrayList<String>();
      line = end + 1;
      while (line < text.bytes.length && text.bytes[line] == ' ') {
        end = text.fieldEnd(line, '\n');
        members(text, line, end, syscalls, sets);
        line = end + 1;
      }
      all.put(name, new SyscallSet(name, syscalls, sets));
    }
    return Collections.unmodifiableSortedMap(all);
  }

  private static void members(Text text, int from, int to, List<String> syscalls, List<String> sets) {
    int at = from;
    while (at < to) {
      if (text.bytes[at] == ' ') {
        at++;
        continue;
      }
      int end = text.wordEnd(at);
      (text.bytes[at] == '@' ? sets : syscalls).add(text.string(at, end));
      at = end;
    }
  }

  static synchronized SortedSet<String> expand(SyscallSet set) {
    SortedSet<String> names = EXPANDED.get(set);
    if (names == null) {
      var all = new TreeSet<String>();
      expand(set, all);
      names = Collections.unmodifiableSortedSet(all);
      if (ALL.get(set.name()) == set) {
        EXPANDED.put(set, names);
      }
    }
    return names;
  }

  private static void expand(SyscallSet set, SortedSet<String> into) {
    into.addAll(set.syscalls());
    for (String nested : set.sets()) {
      SyscallSet inner = ALL.get(nested);
      if (inner == null) {
        throw new IllegalArgumentException("no set is named ".concat(nested));
      }
      expand(inner, into);
    }
  }

  /// Apart, because few ask for it.
  static final class Foreign {
    static final SortedSet<String> NAMES = names();

    private static SortedSet<String> names() {
      var names = new TreeSet<String>();
      for (SyscallSet set : ALL.values()) {
        for (String name : set.syscalls()) {
          if (!Catalog.get().knows(name)) {
            names.add(name);
          }
        }
      }
      return Collections.unmodifiableSortedSet(names);
    }
  }
}
