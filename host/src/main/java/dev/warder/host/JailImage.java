package dev.warder.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// An image on disk, ready to be started any number of times, by any number of threads.
///
/// A jail lives no longer than the JVM that started it: the image watches its caller by a pidfd, so it does not matter
/// which thread started it or when that thread ends.
public final class JailImage implements AutoCloseable {
  private final Path file;

  private JailImage(Path file) {
    this.file = file;
  }

  /// Puts the image into a private temporary folder.
  ///
  /// @param bytes an ELF executable, as [dev.warder.image.ImageWriter#write] makes it
  /// @throws IOException if it cannot be written, or lies on a file system mounted noexec; the message names the remedy
  public static JailImage of(byte[] bytes) throws IOException {
    return in(Path.of(System.getProperty("java.io.tmpdir")), bytes);
  }

  /// The same in a private folder below another one.
  static JailImage in(Path parent, byte[] bytes) throws IOException {
    Path folder = Files.createTempDirectory(parent, "warder");
    Path file = folder.resolve("jail");
    Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.write(file, bytes);
    var image = new JailImage(file);
    if (!Files.isExecutable(file)) {
      image.close();
      throw new IOException(folder + " is mounted noexec; set -Djava.io.tmpdir to another folder");
    }
    return image;
  }

  /// Starts the jail. Its exit value is the program's own, 128+N if signal N ended it, 124 if the time limit did, 125 if
  /// the jail could not be made, 126 or 127 if the command could not be executed or found.
  ///
  /// @param arguments appended to the image's command
  public Process start(String... arguments) throws IOException {
    return builder(arguments).start();
  }

  /// A process builder for the jail, to set where its standard streams go.
  public ProcessBuilder builder(String... arguments) {
    var words = new ArrayList<String>();
    words.add(file.toString());
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words);
  }

  /// Removes the file. Jails that run go on.
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.getParent());
  }
}
