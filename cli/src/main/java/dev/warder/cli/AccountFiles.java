package dev.warder.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads `/etc/passwd` and its like of this host or of a root that may be somebody else's: there no link is followed, since
/// it would lead to the host's files, and no more than a bound is read.
final class AccountFiles {
  private static final int MAX_BYTES = 1 << 20;
  private static final Path HOST = Path.of("/");

  private AccountFiles() {}

  static Users users(Path root) throws CommandException {
    Path passwd = root.resolve("etc/passwd");
    return new Users(lines(root, "passwd"), lines(root, "group"), passwd.toString());
  }

  /// The files that tell a user's ids.
  static List<Path> files(Path root) {
    return List.of(root.resolve("etc/passwd"), root.resolve("etc/group"));
  }

  /// The lines of a file in `/etc`, their fields apart; none where there is no such file.
  static List<String[]> lines(Path root, String name) throws CommandException {
    try {
      String text = root.equals(HOST) ? hosts(name) : ofRoot(root, name);
      var lines = new ArrayList<String[]>();
      for (int start = 0; start < text.length(); ) {
        int end = text.indexOf('\n', start);
        end = end < 0 ? text.length() : end;
        lines.add(text.substring(start, end).split(":", -1));
        start = end + 1;
      }
      return lines;
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException | ClassCastException e) {
      throw new CommandException("cannot read " + root.resolve("etc").resolve(name) + ": " + e.getMessage()
          + "; it must be a plain file without links on the way, up to 1 MB; or give -u a number");
    }
  }

  private static String hosts(String name) throws IOException {
    try (var in = Files.newInputStream(HOST.resolve("etc").resolve(name))) {
      return text(in.readNBytes(MAX_BYTES + 1));
    }
  }

  private static String ofRoot(Path root, String name) throws IOException {
    Path file = Path.of(name);
    try (var top = (SecureDirectoryStream<Path>) Files.newDirectoryStream(root);
        var etc = top.newDirectoryStream(Path.of("etc"), LinkOption.NOFOLLOW_LINKS)) {
      if (!etc.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes()
          .isRegularFile()) {
        throw new IOException("no plain file");
      }
      try (var in = etc.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
        var bytes = ByteBuffer.allocate(MAX_BYTES + 1);
        while (bytes.hasRemaining() && in.read(bytes) >= 0) {
          // on
        }
        bytes.flip();
        var all = new byte[bytes.remaining()];
        bytes.get(all);
        return text(all);
      }
    }
  }

  private static String text(byte[] bytes) throws IOException {
    if (bytes.length > MAX_BYTES) {
      throw new IOException("too long");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
