package dev.warder.format.convert;

import java.io.IOException;

/// Reads the files that a policy includes. Only whoever reads files can, so it is handed in.
public interface Includes {
  /// The content of a file.
  ///
  /// @param path relative to the folder of the first file, and inside it: without `..`
  byte[] read(String path) throws IOException;
}
