package dev.warder.format;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Suggestions;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.jail.Mount;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads Warder's own policy file.
///
/// ```yaml
/// name: web
/// description: Serves files over HTTP
/// extends: strict                       # a shipped profile; what follows adds to it
/// architectures: [x86_64, aarch64]      # or family (the default) or native
/// default-action: errno:EPERM           # as --default-action spells it
/// sets:
///   "@files": [openat, read, close]     # stands before a set of the catalog with that name
/// frequencies: {ioctl: 12000, socket: 90} # what the program does, in any unit
/// allow:
///   - "@files"
///   - socket(domain in [AF_UNIX, AF_INET, AF_INET6])
///   - calls: "@clock"
///     with: CAP_SYS_TIME                # while the jail keeps it; several: all of them
/// deny:
///   - calls: ptrace
///     without: CAP_SYS_PTRACE
///     action: errno:EACCES
///     reason: Reads and changes other processes
/// ```
///
/// What `files` says is read by [FilesReader]. `extends` names a shipped profile and no file: so there are no cycles, and whoever reads the file, or keeps an image
/// compiled from it, needs to look at nothing else. A published schema says the same for editors:
/// `docs/schema/policy.schema.json`.
final class PolicyReader {
  static final List<String> KEYS = List.of(
      "$schema", "name", "description", "notes", "extends", "architectures", "default-action", "unassigned-action",
      "newer-action", "sets", "frequencies", "allow", "deny", "files");

  private final Reading reading;
  private List<Mount.Content> files = List.of();

  PolicyReader(Reading reading) {
    this.reading = reading;
  }

  /// The policy; null or half done if there are problems.
  Policy read(Node.Mapping root) {
    var fields = new Fields(reading, root, KEYS);
    Policy base = base(fields);
    fields.text("$schema");
    Action defaultAction = action(fields, "default-action");
    Policy policy = defaultAction == null ? base : base.withDefaultAction(defaultAction);
    Action unassigned = action(fields, "unassigned-action");
    Action newer = action(fields, "newer-action");
    var entries = new EntryReader(reading, OwnSets.read(reading, fields.mapping("sets")));
    List<Rule> rules = new ArrayList<>(base.rules());
    rules.addAll(entries.rules(fields.list("allow"), true));
    rules.addAll(entries.rules(fields.list("deny"), false));
    if (fields.has("files")) {
      files = FilesReader.read(reading, fields.mappings("files"));
    }
    return new Policy(
        text(fields, "name", reading.file().name()),
        text(fields, "description", base.description()),
        notes(fields),
        architectures(fields, base.architectures()),
        policy.defaultAction(),
        unassigned == null ? policy.unassignedAction() : unassigned,
        newer == null ? policy.newerAction() : newer,
        rules,
        Frequencies.read(reading, fields.mapping("frequencies")));
  }

  /// What the file that was read puts into a jail.
  List<Mount.Content> files() {
    return files;
  }

  private Policy base(Fields fields) {
    Policy nothing = Policy.allowList(reading.file().name());
    Node.Scalar name = fields.text("extends");
    if (name == null) {
      return nothing;
    }
    Optional<Policy> profile = ShippedProfiles.named(name.text());
    if (profile.isEmpty()) {
      String fix = "write one of ".concat(String.join(", ", ShippedProfiles.names()));
      reading.fail("unknown-profile", name, "no profile named '" + name.text() + "' is shipped", fix);
    }
    return profile.orElse(nothing);
  }

  private static String text(Fields fields, String key, String otherwise) {
    Node.Scalar text = fields.text(key);
    return text == null ? otherwise : text.text();
  }

  private static List<String> notes(Fields fields) {
    var notes = new ArrayList<String>();
    for (Node.Scalar note : fields.texts("notes")) {
      notes.add(note.text());
    }
    return notes;
  }

  private Action action(Fields fields, String key) {
    Node.Scalar text = fields.text(key);
    return text == null ? null : ActionText.read(reading, text);
  }

  private Architectures architectures(Fields fields, Architectures otherwise) {
    if (fields.get("architectures") instanceof Node.Scalar word) {
      switch (word.text()) {
        case "family":
          return new Architectures.Family();
        case "native":
          return new Architectures.Native();
        default:
      }
    }
    Set<Arch> list = arches(reading, fields);
    return list.isEmpty() ? otherwise : new Architectures.Listed(List.copyOf(list));
  }

  /// The architectures that a mapping names; empty if it does not.
  static Set<Arch> arches(Reading reading, Fields fields) {
    Set<Arch> arches = EnumSet.noneOf(Arch.class);
    List<Node.Scalar> names = fields.texts("architectures");
    if (names.isEmpty() && fields.has("architectures")) {
      reading.fail(
          "empty-list", fields.get("architectures"), "this list is empty", "name architectures, or leave the key out");
    }
    for (Node.Scalar name : names) {
      Optional<Arch> arch = Arch.named(name.text());
      if (arch.isPresent()) {
        arches.add(arch.get());
      } else {
        String what = "no architecture named '" + name.text() + "'";
        reading.fail("unknown-architecture", name, what, archHint(name.text()));
      }
    }
    return arches;
  }

  private static String archHint(String wrong) {
    var labels = new ArrayList<String>();
    for (Arch arch : Arch.values()) {
      labels.add(arch.label());
    }
    List<String> near = Suggestions.nearest(wrong, labels);
    return near.isEmpty() ? "write one of " + String.join(", ", labels) : "did you mean '" + near.getFirst() + "'?";
  }
}
