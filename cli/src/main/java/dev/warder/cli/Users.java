package dev.warder.cli;

import dev.warder.jail.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Users of this host.
final class Users {
  static final Path PASSWD = Path.of("/etc/passwd");
  private static final int MAX_ID = Integer.MAX_VALUE;

  private Users() {}

  /// Whom `NAME`, `UID` or `UID:GID` means.
  static Identity identity(String text) throws CommandException {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    boolean numeric = !user.isEmpty() && user.chars().allMatch(c -> c >= '0' && c <= '9');
    String[] entry = entry(user, numeric);
    if (!numeric && entry == null) {
      throw new CommandException("there is no user '" + user + "' in /etc/passwd; give a number, as in -u 1000");
    }
    int uid = id(numeric ? user : entry[2]);
    int gid = colon >= 0 ? id(text.substring(colon + 1)) : entry != null ? id(entry[3]) : uid;
    if (uid == 0 || gid == 0) {
      throw new CommandException("a jailed program cannot be root of the host; leave -u out to run it as nobody");
    }
    return new Identity(uid, gid, entry != null ? entry[0] : user);
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

  /// The line of passwd(5), or null.
  private static String[] entry(String user, boolean numeric) throws CommandException {
    for (String line : lines()) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 7 && fields[numeric ? 2 : 0].equals(user)) {
        return fields;
      }
    }
    return null;
  }

  private static List<String> lines() throws CommandException {
    try {
      return Files.readAllLines(PASSWD, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CommandException("cannot read /etc/passwd: " + e.getMessage());
    }
  }
}
