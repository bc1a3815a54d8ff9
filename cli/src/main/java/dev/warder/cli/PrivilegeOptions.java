package dev.warder.cli;

import dev.warder.catalog.Capability;
import dev.warder.jail.IdMap;
import dev.warder.jail.IdRange;
import dev.warder.jail.Identity;
import dev.warder.jail.Privileges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.cli.Options;

/// The options that say whom the program runs as.
record PrivilegeOptions(Arguments arguments) {
  private static final int USUAL_COUNT = 65_536;
  private static final Path HOST = Path.of("/");

  static void addTo(Options options) {
    Arguments.value(options, "u", "user", "NAME|UID[:GID]");
    Arguments.value(options, "private-users", "no|pick|START[:COUNT]");
  }

  /// The files that the options are about, which an image depends on.
  static List<Path> files(Arguments arguments) throws CommandException {
    var files = new ArrayList<Path>();
    if (arguments.has("user")) {
      for (Path file : AccountFiles.files(root(arguments))) {
        if (Files.exists(file)) {
          files.add(file);
        }
      }
    }
    if (mapsIds(arguments)) {
      for (String name : List.of("/etc/passwd", "/etc/subuid", "/etc/subgid")) {
        if (Files.exists(Path.of(name)) && !files.contains(Path.of(name))) {
          files.add(Path.of(name));
        }
      }
    }
    return files;
  }

  /// Whether the jail has several ids.
  static boolean mapsIds(Arguments arguments) {
    return arguments.has("private-users") && !withoutNamespace(arguments);
  }

  private static boolean withoutNamespace(Arguments arguments) {
    return "no".equals(arguments.value("private-users"));
  }

  private static Path root(Arguments arguments) {
    return arguments.has("directory") ? Path.of("").toAbsolutePath().resolve(arguments.value("directory")) : HOST;
  }

  Privileges privileges(Set<Capability> kept) throws CommandException {
    Optional<IdMap> ids = mapsIds(arguments) ? Optional.of(map(arguments.value("private-users"))) : Optional.empty();
    Optional<Identity> identity = identity(ids);
    boolean without = withoutNamespace(arguments);
    if (without && kept.contains(Capability.CAP_SYS_ADMIN)) {
      throw new CommandException("--private-users=no cannot keep CAP_SYS_ADMIN, with which the program could undo the jail's "
          + "own mounts; add --drop-capability CAP_SYS_ADMIN, or leave --private-users=no out");
    }
    try {
      return new Privileges(identity, ids, kept, !without);
    } catch (IllegalArgumentException e) {
      throw new CommandException("-u: " + e.getMessage() + "; map more ids, or choose another user");
    }
  }

  private Optional<Identity> identity(Optional<IdMap> ids) throws CommandException {
    if (arguments.has("user")) {
      Path root = root(arguments);
      return Optional.of(AccountFiles.users(root).identity(arguments.value("user"), ids.isEmpty() && !mayBeRoot(root),
          !root.equals(HOST)));
    }
    if (ids.isEmpty()) {
      return Optional.empty();
    }
    boolean own = arguments.value("private-users").equals("pick") && own("uid") != 0;
    return Optional.of(own ? new Identity(own("uid"), own("gid"), ownName()) : Identity.NOBODY);
  }

  /// Without a user namespace root may be asked for, but not by a name whose id the owner of a foreign root chooses.
  private boolean mayBeRoot(Path root) {
    return withoutNamespace(arguments) && (root.equals(HOST) || arguments.value("user").equals("0:0"));
  }

  private static IdMap map(String text) throws CommandException {
    if (text.equals("pick")) {
      if (ownName().isEmpty()) {
        throw new CommandException("--private-users=pick: your user id " + own("uid") + " has no account here, which "
            + "newuidmap(1) asks for; as root: useradd --uid " + own("uid") + " NAME, or leave the option out");
      }
      return new IdMap(picked("subuid", own("uid")), picked("subgid", own("gid")));
    }
    int colon = text.indexOf(':');
    String what = "--private-users takes no, pick, START or START:COUNT with";
    int start = Values.whole(what + " START", colon < 0 ? text : text.substring(0, colon), 1, Integer.MAX_VALUE - 1);
    int count = colon < 0 ? Math.min(USUAL_COUNT, Integer.MAX_VALUE - start)
        : Values.whole(what + " COUNT", text.substring(colon + 1), 1, Integer.MAX_VALUE - start);
    var ranges = List.of(new IdRange(0, start, count));
    return new IdMap(ranges, ranges);
  }

  /// The caller's first range, from id 0 of the jail on; only an ordinary caller's own id stays itself.
  private static List<IdRange> picked(String file, int own) throws CommandException {
    String user = ownName();
    String uid = Integer.toString(own("uid"));
    for (String[] fields : AccountFiles.lines(HOST, file)) {
      if (fields.length == 3 && (fields[0].equals(user) || fields[0].equals(uid))) {
        int start = Values.whole("/etc/" + file + ": START", fields[1], 1, Integer.MAX_VALUE - 1);
        int count = Values.whole("/etc/" + file + ": COUNT", fields[2], 1, Integer.MAX_VALUE - start);
        return around(own, start, count);
      }
    }
    throw new CommandException("--private-users=pick: /etc/" + file + " has no range for " + user
        + "; as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + user);
  }

  private static List<IdRange> around(int own, int start, int count) {
    var ranges = new ArrayList<IdRange>();
    if (own == 0 || own >= count) {
      ranges.add(new IdRange(0, start, count));
    } else {
      ranges.add(new IdRange(0, start, own));
    }
    if (own != 0) {
      ranges.add(new IdRange(own, own, 1));
    }
    if (own != 0 && own + 1 < count) {
      ranges.add(new IdRange(own + 1, start + own + 1, count - own - 1));
    }
    return ranges;
  }

  /// Empty where there is no account, which the JVM calls a question mark.
  private static String ownName() {
    String name = System.getProperty("user.name");
    return name == null || name.equals("?") ? "" : name;
  }

  private static int own(String id) throws CommandException {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:" + id);
    } catch (IOException e) {
      throw new CommandException("cannot tell who calls: " + e.getMessage());
    }
  }
}
