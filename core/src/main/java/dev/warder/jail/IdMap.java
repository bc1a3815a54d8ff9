package dev.warder.jail;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// The ids that a jail has.
public record IdMap(List<IdRange> uids, List<IdRange> gids) {
  /// The kernel takes a map in one write of less than a page.
  private static final int MAX_BYTES = 4095;

  public IdMap {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    if (IdRange.lines(uids).length() > MAX_BYTES || IdRange.lines(gids).length() > MAX_BYTES) {
      throw new IllegalArgumentException("more ranges of ids than the kernel takes");
    }
  }

  /// Just the ids of one user, each standing for itself.
  static IdMap of(Identity identity) {
    var gids = new TreeSet<>(identity.groups());
    gids.add(identity.gid());
    var ranges = new ArrayList<IdRange>();
    for (int gid : gids) {
      IdRange last = ranges.isEmpty() ? null : ranges.getLast();
      if (last != null && last.inside() + last.count() == gid) {
        ranges.set(ranges.size() - 1, new IdRange(last.inside(), last.outside(), last.count() + 1));
      } else {
        ranges.add(new IdRange(gid, gid, 1));
      }
    }
    return new IdMap(List.of(new IdRange(identity.uid(), identity.uid(), 1)), ranges);
  }

  /// The same user by the host's ids.
  ///
  /// @throws IllegalArgumentException if one of them is not mapped
  Identity onHost(Identity inside) {
    var groups = new ArrayList<Integer>();
    for (int group : inside.groups()) {
      groups.add(outside(gids, group));
    }
    return new Identity(outside(uids, inside.uid()), outside(gids, inside.gid()), inside.name(), groups, inside.home());
  }

  private static int outside(List<IdRange> ranges, int id) {
    int outside = IdRange.outside(ranges, id);
    if (outside < 0) {
      throw new IllegalArgumentException("id " + id + " is not mapped");
    }
    return outside;
  }
}
