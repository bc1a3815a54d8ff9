package dev.warder.format.minijail;

import dev.warder.format.convert.Includes;
import dev.warder.format.tree.Limits;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import dev.warder.format.tree.TextFile;
import dev.warder.policy.Parsed;
import java.io.IOException;
import java.util.ArrayList;

/// The files that a policy names: in the folder of the first or below it, and bounded all together. A method returns
/// null after noting a problem.
final class NamedFiles {
  private static final int FILES = 64;

  private final Includes includes;
  private int files = 1;
  private int bytes;

  /// @param includes null where no files can be read
  NamedFiles(Includes includes) {
    this.includes = includes;
  }

  /// @param folder from that of the first file, empty or ending in a slash
  record Named(Reading reading, String folder) {}

  boolean readable() {
    return includes != null;
  }

  /// @param from the file that names another
  /// @param folder of that file
  /// @param written the path as it stands there
  Named open(Reading from, Position place, String folder, String written) {
    String path = path(folder, written);
    if (path == null) {
      return from.fail("include-path", place, "only files beside the first policy, or below it, are read",
          "keep a copy there, and write it as ./name");
    }
    if (!readable()) {
      return from.fail("include", place, "there is no folder that this file could be in", "name the policy by its file");
    }
    if (files++ == FILES) {
      return from.fail("too-many-files", place, "more than " + FILES + " files", "join some of them");
    }
    return open(from, place, path);
  }

  private Named open(Reading from, Position place, String path) {
    byte[] content;
    try {
      content = includes.read(path);
    } catch (IOException e) {
      return from.fail("include", place, "cannot read " + path + ": " + Includes.reason(e),
          "check the path, which is relative to the folder of " + from.file().name());
    }
    bytes += content.length;
    if (bytes > Limits.BYTES) {
      return from.fail("include", place, "with " + path + " the files have more than " + Limits.BYTES + " bytes",
          "check that it is a policy");
    }
    Parsed<TextFile> decoded = TextFile.decode(path, content);
    return decoded instanceof Parsed.Accepted<TextFile>(TextFile text)
        ? new Named(new Reading(text), path.substring(0, path.lastIndexOf('/') + 1))
        : from.fail("include", place, path + " is not UTF-8", "check that it is a policy");
  }

  /// The path from the first file's folder, or null if it leads elsewhere.
  private static String path(String folder, String written) {
    var parts = new ArrayList<String>();
    if (written.isEmpty() || written.startsWith("/")) {
      return null;
    }
    for (String part : (folder + written).split("/")) {
      if (part.equals("..")) {
        if (parts.isEmpty()) {
          return null;
        }
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts.isEmpty() ? null : String.join("/", parts);
  }
}
