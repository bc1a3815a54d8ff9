package dev.warder.format.tree;

import dev.warder.policy.Parsed;
import java.util.List;

/// A file as a tree.
///
/// @param reading takes the problems of whoever interprets the tree; it has those that left a tree standing already,
///     such as double keys
public record Document(Reading reading, Node root) {
  /// Reads JSON if the first character is a brace, else YAML.
  ///
  /// @return problems `file-too-large`, `not-utf8`, `empty-file`, `json-syntax`, `yaml-syntax`, `yaml-anchor`,
  ///     `yaml-tag`, `yaml-documents`, `too-deep`, `too-many-values`, `long-number`
  public static Parsed<Document> read(String name, byte[] content) {
    Parsed<TextFile> file = TextFile.decode(name, content);
    return file instanceof Parsed.Accepted<TextFile> accepted
        ? read(new Reading(accepted.value()))
        : new Parsed.Rejected<>(file.problems());
  }

  /// Reads a file that was decoded.
  ///
  /// @return the problems above, but for the first two
  public static Parsed<Document> read(Reading reading) {
    try {
      Node root = isJson(reading.file().text()) ? new JsonReader(reading).read() : new YamlReader(reading).read();
      return new Parsed.Accepted<>(new Document(reading, root));
    } catch (SyntaxException e) {
      return new Parsed.Rejected<>(List.of(reading.problem(e.code, e.at, e.getMessage(), e.fix)));
    }
  }

  private static boolean isJson(String text) {
    int start = 0;
    while (start < text.length() && " \t\r\n".indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    return text.startsWith("{", start);
  }
}
