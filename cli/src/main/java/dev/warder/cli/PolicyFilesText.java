package dev.warder.cli;

import dev.warder.jail.Mount;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What can be said of the files that policies put into a jail.
final class PolicyFilesText {
  private PolicyFilesText() {}

  /// A file that two policies do not have alike; null on the side that lacks it.
  record Difference(String target, Mount.Content left, Mount.Content right) {}

  /// By target.
  static List<Difference> differences(List<Mount.Content> left, List<Mount.Content> right) {
    SortedMap<String, Mount.Content> lefts = byTarget(left);
    SortedMap<String, Mount.Content> rights = byTarget(right);
    var targets = new TreeMap<>(lefts);
    targets.putAll(rights);
    var differences = new ArrayList<Difference>();
    for (String target : targets.keySet()) {
      Mount.Content one = lefts.get(target);
      if (one == null || !one.equals(rights.get(target))) {
        differences.add(new Difference(target, one, rights.get(target)));
      }
    }
    return differences;
  }

  static SortedMap<String, Mount.Content> byTarget(List<Mount.Content> files) {
    var byTarget = new TreeMap<String, Mount.Content>();
    files.forEach(file -> byTarget.put(file.target(), file));
    return byTarget;
  }

  /// Mode, size and digest as `sha256sum` prints it.
  static String about(Mount.Content file) {
    int size = file.bytes().length;
    String kind = file.text().isPresent() ? " of text" : "";
    String what = size == 0 ? "empty" : size + (size == 1 ? " byte" : " bytes") + kind;
    return "mode " + mode(file) + ", " + what + ", SHA-256 " + digest(file);
  }

  static String mode(Mount.Content file) {
    return String.format("%04o", file.mode());
  }

  static String digest(Mount.Content file) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
