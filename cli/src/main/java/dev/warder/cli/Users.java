package dev.warder.cli;

import dev.warder.jail.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Users of this host, or of the root that a jail has of its own.
///
/// @param passwd lines of passwd(5), fields apart
/// @param group lines of group(5), fields apart
/// @param where how a message names the files
record Users(List<String[]> passwd, List<String[]> group, String where) {
  private static final int MAX_ID = Integer.MAX_VALUE;

  /// Whom `NAME`, `UID` or `UID:GID` means. A group given stands alone; else the groups that list the user come along.
  ///
  /// @param hostIds whether the ids are the host's, where nobody becomes root and root's group is left out
  /// @param home whether the home folder that is listed is the program's
  Identity identity(String text, boolean hostIds, boolean home) throws CommandException {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    boolean numeric = !user.isEmpty() && user.chars().allMatch(c -> c >= '0' && c <= '9');
    String[] entry = entry(user, numeric);
    if (!numeric && entry == null) {
      throw new CommandException("there is no user '" + user + "' in " + where + "; give a number, as in -u 1000");
    }
    int uid = id(numeric ? user : entry[2]);
    int gid = colon >= 0 ? id(text.substring(colon + 1)) : entry != null ? id(entry[3]) : uid;
    if (hostIds && (uid == 0 || gid == 0)) {
      throw new CommandException("a jailed program cannot be root of the host; leave -u out to run it as nobody, or map "
          + "other ids: --private-users=100000; real root takes --private-users=no, and with -D -u 0:0");
    }
    return new Identity(uid, gid, entry != null ? entry[0] : user,
        colon < 0 && entry != null ? groups(entry[0], gid, hostIds) : List.of(),
        home && entry != null && entry[5].startsWith("/") ? Optional.of(entry[5]) : Optional.empty());
  }

  private static int id(String text) throws CommandException {
    try {
      long id = Long.parseLong(text);
      if (id >= 0 && id < MAX_ID) {
        return (int) id;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new CommandException("not a user or group id: '" + text + "'; -u takes NAME, UID or UID:GID");
  }

  /// The line of the user, or null.
  private String[] entry(String user, boolean numeric) {
    for (String[] fields : passwd) {
      if (fields.length >= 7 && fields[numeric ? 2 : 0].equals(user)) {
        return fields;
      }
    }
    return null;
  }

  /// As initgroups(3), which counts the primary group too.
  private List<Integer> groups(String user, int gid, boolean hostIds) throws CommandException {
    var groups = new ArrayList<Integer>();
    for (String[] fields : group) {
      if (fields.length < 4 || !List.of(fields[3].split(",")).contains(user)) {
        continue;
      }
      int id = id(fields[2]);
      if (id == 0 && hostIds) {
        System.err.println("warder: group " + fields[0] + " of user " + user + " is root's of the host and left out");
      } else if (id != gid && !groups.contains(id)) {
        groups.add(id);
      }
    }
    return groups;
  }
}
