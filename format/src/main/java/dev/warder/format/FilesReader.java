package dev.warder.format;

import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.jail.Mount;
import dev.warder.policy.Visible;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// Reads the files that a policy puts into a jail.
///
/// ```yaml
/// files:
///   - target: /run/web/web.conf         # in the jail
///     content: |
///       port = 8080
///   - target: /run/web/seed
///     base64: AAECAw==                  # for what is no text
///     mode: "0400"                      # else 0444
/// ```
final class FilesReader {
  static final List<String> KEYS = List.of("target", "content", "base64", "mode");

  /// Files in a policy. Each takes a mount and, until it is attached, a file descriptor.
  static final int MOST = 32;

  /// Bytes of a target, and folders that it names: both stand in the image, the way to each of the folders too.
  private static final int LONGEST_TARGET = 1024;
  private static final int LONGEST_NAME = 255;
  private static final int DEEPEST_TARGET = 32;

  private static final int USUAL_MODE = 0444;

  private final Reading reading;
  private final List<Mount.Content> files = new ArrayList<>();

  private FilesReader(Reading reading) {
    this.reading = reading;
  }

  /// The files that these entries say; some are missing if there are problems.
  static List<Mount.Content> read(Reading reading, List<Node.Mapping> entries) {
    var reader = new FilesReader(reading);
    for (int i = 0; i < entries.size() && !reading.hopeless(); i++) {
      if (i == MOST) {
        reading.fail("too-many-files", entries.get(i), "more than " + MOST + " files",
            "show a folder of the host with --bind-ro");
        break;
      }
      reader.file(entries.get(i));
    }
    return reader.files;
  }

  private void file(Node.Mapping entry) {
    var fields = new Fields(reading, entry, KEYS);
    Node.Scalar at = fields.text("target");
    if (!fields.has("target")) {
      reading.fail("no-target", entry, "this file has no target", "add target: and its absolute path in the jail");
    }
    String target = at == null ? null : target(at);
    byte[] content = content(fields, entry);
    int mode = mode(fields);
    if (target != null && content != null && mode >= 0) {
      files.add(new Mount.Content(target, content, mode));
    }
  }

  /// The path, or null after noting what is wrong with it.
  private String target(Node.Scalar at) {
    String path = at.text();
    if (!Visible.of(path).equals(path) || path.indexOf('\n') >= 0) {
      return reading.fail("bad-target", at, "a path with control characters", "write it with letters, digits and signs");
    }
    if (!path.startsWith("/")) {
      return reading.fail("bad-target", at, "'" + path + "' is not an absolute path of the jail", "begin it with /");
    }
    String normal = normalized(path);
    if (normal.isEmpty()) {
      return reading.fail("bad-target", at, "a file cannot be mounted on /", "name the file too, as in /run/web.conf");
    }
    if (!normal.equals(path)) {
      return reading.fail("bad-target", at, "a path with ., .. or a slash too many", "write " + normal);
    }
    if (isLong(path)) {
      return reading.fail("long-target", at, "a path of more than " + LONGEST_TARGET + " bytes, " + DEEPEST_TARGET
          + " folders, or " + LONGEST_NAME + " bytes between two slashes", "take a shorter one");
    }
    return clashes(at) ? null : path;
  }

  /// As `Path` does it, which knows only the characters of the caller's locale; empty for the root.
  private static String normalized(String path) {
    var parts = new ArrayList<String>();
    for (String part : path.split("/")) {
      if (part.equals("..") && !parts.isEmpty()) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
        parts.add(part);
      }
    }
    return parts.isEmpty() ? "" : "/" + String.join("/", parts);
  }

  private static boolean isLong(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    int slashes = 0;
    int name = 0;
    boolean longName = false;
    for (byte b : bytes) {
      slashes += b == '/' ? 1 : 0;
      name = b == '/' ? 0 : name + 1;
      longName |= name > LONGEST_NAME;
    }
    return bytes.length > LONGEST_TARGET || slashes > DEEPEST_TARGET + 1 || longName;
  }

  private boolean clashes(Node.Scalar at) {
    for (Mount.Content other : files) {
      if (other.target().equals(at.text())) {
        reading.fail("duplicate-target", at, "two files at " + at.text(), "leave one out");
        return true;
      }
      boolean below = at.text().startsWith(other.target() + "/");
      if (below || other.target().startsWith(at.text() + "/")) {
        String file = below ? other.target() : at.text();
        reading.fail("target-in-file", at, file + " is a file here, so no other can lie in it", "move one of them");
        return true;
      }
    }
    return false;
  }

  /// The content, or null after noting what is wrong with it.
  private byte[] content(Fields fields, Node.Mapping entry) {
    if (fields.has("content") == fields.has("base64")) {
      return fields.has("content")
          ? reading.fail("two-contents", fields.get("base64"), "content and base64 both say what is in this file",
              "leave one out")
          : reading.fail("no-content", entry, "nothing says what is in this file",
              "add content: and a text, or base64:; for an empty file content: ''");
    }
    Node.Scalar at = fields.text(fields.has("content") ? "content" : "base64");
    byte[] bytes = at == null ? null : fields.has("content") ? text(at) : base64(at);
    if (bytes != null && bytes.length > Mount.Content.MAX_BYTES) {
      return reading.fail("large-content", at, "a file of " + bytes.length + " bytes, and it may have "
          + Mount.Content.MAX_BYTES, "show a file of the host with --bind-ro, or hand it over with --file");
    }
    return bytes;
  }

  /// JSON can write half of a character.
  private byte[] text(Node.Scalar at) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(at.text()));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException e) {
      return reading.fail("bad-content", at, "a text with half a surrogate pair", "write it as base64:");
    }
  }

  private byte[] base64(Node.Scalar at) {
    var digits = new StringBuilder();
    for (int i = 0; i < at.text().length(); i++) {
      char c = at.text().charAt(i);
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        digits.append(c);
      }
    }
    try {
      return Base64.getDecoder().decode(digits.toString());
    } catch (IllegalArgumentException e) {
      return reading.fail("bad-base64", at, "this is not base64", "write what base64 FILE prints");
    }
  }

  /// Octal digits, in quotes or with a zero before them, as no other number has; -1 after noting that it is none.
  private int mode(Fields fields) {
    Node node = fields.get("mode");
    if (node == null) {
      return USUAL_MODE;
    }
    String fix = "write octal digits in quotes, as in \"0400\"";
    if (!(node instanceof Node.Scalar scalar) || scalar.kind() == Node.Kind.BOOLEAN) {
      reading.fail("wrong-kind", node, "found " + node.kindName() + " instead of a mode", fix);
      return -1;
    }
    String text = scalar.text();
    boolean number = scalar.kind() == Node.Kind.NUMBER;
    int mode = number && !text.startsWith("0") ? -1 : octal(number && text.startsWith("0o") ? text.substring(2) : text);
    if (mode < 0 || mode > 0777) {
      reading.fail("bad-mode", node, "'" + text + "' is no mode between 0000 and 0777" + (number ? " in quotes" : ""), fix);
      return -1;
    }
    return mode;
  }

  /// -1 for what is none.
  private static int octal(String text) {
    int value = text.isEmpty() || text.length() > 4 ? -1 : 0;
    for (int i = 0; i < text.length() && value >= 0; i++) {
      char c = text.charAt(i);
      value = c >= '0' && c <= '7' ? 8 * value + c - '0' : -1;
    }
    return value;
  }
}
