package dev.warder.jail;

import java.util.List;

/// Ids of a jail that stand for ids of the host, one for one.
///
/// @param inside first id in the jail
/// @param outside first id on the host, not 0: root's files stay closed to the program
public record IdRange(int inside, int outside, int count) {
  public IdRange {
    if (inside < 0 || outside < 1 || count < 1 || inside > Integer.MAX_VALUE - count || outside > Integer.MAX_VALUE - count) {
      throw new IllegalArgumentException("no range of ids: " + inside + " " + outside + " " + count);
    }
  }

  /// The host's id, or -1 where no range holds the jail's.
  public static int outside(List<IdRange> ranges, int id) {
    for (IdRange range : ranges) {
      if (id >= range.inside && id - range.inside < range.count) {
        return range.outside + (id - range.inside);
      }
    }
    return -1;
  }

  /// As `/proc/PID/uid_map` wants them, see user_namespaces(7).
  public static String lines(List<IdRange> ranges) {
    var lines = new StringBuilder();
    for (IdRange range : ranges) {
      lines.append(range.inside).append(' ').append(range.outside).append(' ').append(range.count).append('\n');
    }
    return lines.toString();
  }
}
