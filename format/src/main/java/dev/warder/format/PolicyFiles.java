package dev.warder.format;

import dev.warder.catalog.Suggestions;
import dev.warder.format.oci.OciReader;
import dev.warder.format.tree.Document;
import dev.warder.format.tree.Limits;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// Reads policy files of every [Format], told apart by their keys, and writes Warder's own.
public final class PolicyFiles {
  private PolicyFiles() {}

  /// Reads a file; of one that is too large only as much as it takes to tell.
  ///
  /// @param name for messages and the origin of rules
  public static Parsed<PolicyFile> read(String name, InputStream in) throws IOException {
    return read(name, in.readNBytes(Limits.BYTES + 1));
  }

  /// Reads the content of a file.
  ///
  /// @return problems of [Document#read], `unknown-format`, `unknown-key`, `duplicate-key`, `wrong-kind`, and those of
  ///     the format
  public static Parsed<PolicyFile> read(String name, byte[] content) {
    Parsed<Document> parsed = Document.read(name, content);
    return parsed instanceof Parsed.Accepted<Document> accepted
        ? read(accepted.value())
        : new Parsed.Rejected<>(parsed.problems());
  }

  private static Parsed<PolicyFile> read(Document document) {
    Reading reading = document.reading();
    if (!(document.root() instanceof Node.Mapping root)) {
      return unknown(reading, document.root());
    }
    if (OciReader.recognises(root)) {
      Policy policy = new OciReader(reading).read(root);
      return reading.parsed(new PolicyFile(Format.OCI, policy, reading.losses()));
    }
    if (!looksLikeOurs(root)) {
      return unknown(reading, root);
    }
    return reading.parsed(new PolicyFile(Format.WARDER, new PolicyReader(reading).read(root), reading.losses()));
  }

  private static final List<String> TELLING = List.of("allow", "deny", "extends", "default-action");

  /// Whether a key is there that makes a policy, or nearly so; which are wrong is then said one by one.
  private static boolean looksLikeOurs(Node.Mapping root) {
    for (String key : TELLING) {
      if (root.get(key) != null) {
        return true;
      }
    }
    for (int i = 0; i < root.entries().size() && i < PolicyReader.KEYS.size(); i++) {
      if (!Suggestions.nearest(root.entries().get(i).key().text(), TELLING).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static Parsed<PolicyFile> unknown(Reading reading, Node root) {
    reading.fail(
        "unknown-format",
        root,
        "this is no policy that Warder reads",
        "a policy of Warder has allow: or deny: lists; a container profile has defaultAction and syscalls");
    return reading.parsed(null);
  }

  /// A policy as a file of Warder's own format, which reads back as an equal one but for the origin of its rules. Its
  /// allows come before its denies there, which changes nothing.
  public static String write(Policy policy) {
    return new PolicyWriter(policy).write();
  }
}
