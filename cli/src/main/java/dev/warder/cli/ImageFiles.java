package dev.warder.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Writes files whole or not at all.
final class ImageFiles {
  private static final Set<StandardOpenOption> CREATE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private ImageFiles() {}

  /// Writes an executable, as [#writePlain] does, and makes sure that its file system executes.
  static void write(Path file, byte[] bytes, String permissions) throws CommandException {
    writePlain(file, bytes, permissions);
    if (!Files.isExecutable(file)) {
      throw new CommandException(file + " cannot be executed: its file system is mounted noexec; choose another folder"
          + " (for the image cache: XDG_CACHE_HOME)");
    }
  }

  /// Writes under a temporary name in the same folder, then renames.
  ///
  /// @param permissions of the file, as in `rwx------`
  static void writePlain(Path file, byte[] bytes, String permissions) throws CommandException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CommandException(file + " is no plain file and cannot be replaced; choose another name");
    }
    Path temporary = file.resolveSibling(".warder." + System.nanoTime());
    try {
      try {
        var modes = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        try (var out = Files.newByteChannel(temporary, CREATE, modes)) {
          var rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) {
            out.write(rest);
          }
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? "" : ": " + e.getReason();
      throw new CommandException("cannot write " + file + reason + "; choose a folder that exists and is yours to write");
    } catch (IOException e) {
      throw new CommandException("cannot write " + file + ": " + e.getMessage());
    }
  }
}
