package dev.warder.format;

import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads how often calls are made: a mapping from calls to counts.
final class Frequencies {
  private Frequencies() {}

  /// @param mapping null for none
  static Map<String, Long> read(Reading reading, Node.Mapping mapping) {
    if (mapping == null) {
      return Map.of();
    }
    var calls = new ArrayList<String>();
    for (Node.Entry entry : mapping.entries()) {
      calls.add(entry.key().text());
    }
    var fields = new Fields(reading, mapping, calls);
    var frequencies = new TreeMap<String, Long>();
    for (Node.Entry entry : mapping.entries()) {
      if (!reading.hopeless()) {
        read(reading, fields, entry, frequencies);
      }
    }
    return frequencies;
  }

  private static void read(Reading reading, Fields fields, Node.Entry entry, Map<String, Long> frequencies) {
    String call = entry.key().text();
    if (!Catalog.get().knows(call) && !Catalog.get().foreign().contains(call)) {
      List<String> near = Catalog.get().suggestions(call);
      reading.fail("unknown-syscall", entry.key(), "no system call named '" + call + "'", near.isEmpty()
          ? "see `warder explain` for the calls there are" : "did you mean '" + near.getFirst() + "'?");
      return;
    }
    Long count = fields.number(call);
    if (count == null && !fields.has(call)) {
      reading.fail("wrong-kind", entry.key(), "nothing says how often", "write how often it is made");
    } else if (count != null && (count < 0 || count > Policy.MOST_FREQUENT)) {
      reading.fail("bad-number", entry.value(), "a frequency is 0 to " + Policy.MOST_FREQUENT,
          "divide all of them by the same number");
    } else if (count != null) {
      frequencies.put(call, count);
    }
  }
}
