package dev.warder.cli;

import dev.warder.format.PolicyFiles;
import dev.warder.format.convert.Includes;
import dev.warder.jail.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The files that a policy names. Each is looked at before it is read, so that an image can tell when it has changed.
final class IncludedFiles implements Includes {
  private final Path folder;
  private final List<Origin.Stamp> stamps;

  /// @param policy the first file
  /// @param stamps takes what was looked at
  IncludedFiles(Path policy, List<Origin.Stamp> stamps) {
    this.folder = policy.toAbsolutePath().getParent();
    this.stamps = stamps;
  }

  @Override
  public byte[] read(String path) throws IOException {
    Path file = folder.resolve(path);
    stamps.add(ImageOrigin.look(file));
    Path real = file.toRealPath();
    if (!real.startsWith(folder.toRealPath())) {
      throw new IOException("it is a link to a place outside of the policy's folder");
    }
    if (!Files.isRegularFile(real)) {
      throw new IOException("it is no ordinary file");         // a pipe would be waited for
    }
    return content(real);
  }

  /// No more of a file than a reader needs to see that it is too large.
  static byte[] content(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(PolicyFiles.MOST_BYTES + 1);
    }
  }
}
