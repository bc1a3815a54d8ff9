package dev.warder.format.convert;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/// Reads the files that a policy includes. Only whoever reads files can, so it is handed in.
public interface Includes {
  /// The content of a file.
  ///
  /// @param path relative to the folder of the first file, and inside it: without `..`
  byte[] read(String path) throws IOException;

  /// Why a file cannot be read, for people: some exceptions say no more than its name.
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
  }
}
