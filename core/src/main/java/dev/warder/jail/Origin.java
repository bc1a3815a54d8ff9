package dev.warder.jail;

import java.util.List;

/// What an image was made from, so that it can tell when it is out of date.
///
/// @param files looked at before anything else is done
/// @param remake what to execute, with the image's own arguments behind it, if one of them has changed: a program by its
///     path, then its first arguments
public record Origin(List<Stamp> files, List<String> remake) {
  /// Nothing that could change.
  public static final Origin NONE = new Origin(List.of(), List.of());

  public Origin {
    files = List.copyOf(files);
    remake = List.copyOf(remake);
    if (!files.isEmpty() && remake.isEmpty()) {
      throw new IllegalArgumentException("files may change, but nothing says how to remake the image");
    }
  }

  /// A file as it was, as statx(2) tells.
  ///
  /// @param path absolute
  /// @param device major number in the low half, minor in the high
  /// @param byteSize size of the file
  /// @param modifiedNanos the part of the time of modification below a second
  /// @param changedNanos the part of the time of status change below a second
  public record Stamp(
      String path, long device, long inode, long byteSize, long modifiedSeconds, int modifiedNanos,
      long changedSeconds, int changedNanos) {}
}
