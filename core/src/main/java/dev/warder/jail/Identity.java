package dev.warder.jail;

import java.util.List;
import java.util.Optional;

/// Whom the program runs as.
///
/// @param uid user id in the jail
/// @param gid group id in the jail
/// @param name value of `USER` and `LOGNAME`
/// @param groups supplementary groups
/// @param home value of `HOME` in a root of its own; empty for a private folder
public record Identity(int uid, int gid, String name, List<Integer> groups, Optional<String> home) {
  /// Who owns nothing: what the program runs as when root calls.
  public static final Identity NOBODY = new Identity(65534, 65534, "nobody");

  public Identity {
    groups = List.copyOf(groups);
    if (uid < 0 || gid < 0) {
      throw new IllegalArgumentException("uid and gid must not be negative, got " + uid + ":" + gid);
    }
  }

  public Identity(int uid, int gid, String name) {
    this(uid, gid, name, List.of(), Optional.empty());
  }
}
