package dev.warder.jail;

/// Whom the program runs as.
///
/// @param uid host user id, not 0: a namespace that maps host id 0 would leave root's files open to the program
/// @param gid host group id, not 0
/// @param name value of `USER` in the jail
public record Identity(int uid, int gid, String name) {
  /// Who owns nothing: what the program runs as when root calls.
  public static final Identity NOBODY = new Identity(65534, 65534, "nobody");

  public Identity {
    if (uid <= 0 || gid <= 0) {
      throw new IllegalArgumentException("uid and gid must be positive, got " + uid + ":" + gid);
    }
  }
}
