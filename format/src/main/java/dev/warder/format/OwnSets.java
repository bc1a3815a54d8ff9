package dev.warder.format;

import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Rule.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// Reads the sets that a policy file defines for itself.
final class OwnSets {
  private OwnSets() {}

  /// @param mapping null for none
  /// @return by name, with the `@`
  static Map<String, Subject.OwnSet> read(Reading reading, Node.Mapping mapping) {
    var sets = new HashMap<String, Subject.OwnSet>();
    if (mapping != null) {
      for (Node.Entry entry : mapping.entries()) {
        if (!reading.hopeless()) {
          sets.put(entry.key().text(), set(reading, entry));
        }
      }
    }
    return sets;
  }

  private static Subject.OwnSet set(Reading reading, Node.Entry entry) {
    String name = entry.key().text();
    if (!name.startsWith("@") || name.length() == 1) {
      reading.fail("bad-set-name", entry.key(), "the name of a set begins with @", "write \"@" + name + "\"");
    }
    SortedSet<String> calls = new TreeSet<>();
    for (Node.Scalar member : Fields.texts(reading, entry.value())) {
      if (Catalog.get().syscall(member.text()).isPresent() || Catalog.get().foreign().contains(member.text())) {
        calls.add(member.text());
      } else if (!reading.hopeless()) {
        unknown(reading, member);
      }
    }
    return new Subject.OwnSet(name, calls);
  }

  private static void unknown(Reading reading, Node.Scalar member) {
    if (member.text().startsWith("@")) {
      reading.fail("set-in-set", member, "a set of a file holds calls, no other sets", "name its calls");
      return;
    }
    List<String> near = Catalog.get().suggestions(member.text());
    String fix =
        near.isEmpty() ? "see `warder explain` for the calls there are" : "did you mean '" + near.getFirst() + "'?";
    reading.fail("unknown-syscall", member, "no system call named '" + member.text() + "'", fix);
  }
}
