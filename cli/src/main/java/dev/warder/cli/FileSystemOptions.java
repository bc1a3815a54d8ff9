package dev.warder.cli;

import dev.warder.jail.FileSystem;
import dev.warder.jail.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/// The options that say what a jail shows of files.
final class FileSystemOptions {
  /// What `--volatile=state` has in memory.
  private static final String STATE = "/var";

  private final Arguments arguments;
  private final Path here;
  private final List<Mount.Content> policyFiles;

  private FileSystemOptions(Arguments arguments, Path here, List<Mount.Content> policyFiles) {
    this.arguments = arguments;
    this.here = here;
    this.policyFiles = policyFiles;
  }

  static void addTo(Options options) {
    Arguments.value(options, "D", "directory", "DIR");
    Arguments.value(options, "bind", "SRC[:DST[:OPTIONS]]");
    Arguments.value(options, "bind-ro", "SRC[:DST[:OPTIONS]]");
    Arguments.value(options, "overlay", "LOWER[:LOWER...]:UPPER:DST");
    Arguments.value(options, "overlay-ro", "LOWER[:LOWER...]:UPPER:DST");
    Arguments.value(options, "file", "FD:DST[:MODE]");
    Arguments.value(options, "tmpfs", "DST[:OPTIONS]");
    Arguments.value(options, "inaccessible", "PATH");
    Arguments.flag(options, "read-only");
    Arguments.optionalValue(options, "volatile", "overlay|state|yes|no", "overlay");
    Arguments.value(options, "chdir", "DIR");
  }

  /// @param policyFiles what the policy puts into the jail
  static FileSystem read(Arguments arguments, List<Mount.Content> policyFiles) throws CommandException {
    return new FileSystemOptions(arguments, Path.of("").toAbsolutePath(), policyFiles).read();
  }

  private FileSystem read() throws CommandException {
    Optional<String> root = root();
    return new FileSystem(root, rootMode(root.isPresent()), mounts(), workingFolder());
  }

  /// Without a root of its own the jail's is read-only anyway. The words are systemd-nspawn's, whose `--volatile` alone means
  /// `yes`.
  private FileSystem.RootMode rootMode(boolean ownRoot) throws CommandException {
    boolean readOnly = arguments.has("read-only");
    String mode = arguments.has("volatile") ? arguments.value("volatile") : "no";
    if (!List.of("overlay", "state", "yes", "no").contains(mode)) {
      throw new CommandException("--volatile is overlay, state, yes or no, got '" + mode + "'");
    }
    if (mode.equals("no") || mode.equals("state")) {
      checkRoot(ownRoot || mode.equals("no"));
      return readOnly || !ownRoot || mode.equals("state") ? FileSystem.RootMode.READ_ONLY : FileSystem.RootMode.WRITABLE;
    }
    checkRoot(ownRoot);
    if (readOnly) {
      throw new CommandException("--volatile lets the root be changed, --read-only does not; leave one out");
    }
    return mode.equals("yes") ? FileSystem.RootMode.USR_ALONE : FileSystem.RootMode.VOLATILE;
  }

  private static void checkRoot(boolean there) throws CommandException {
    if (!there) {
      throw new CommandException("--volatile keeps changes to a root in memory and needs one: -D DIR; for one folder: "
          + "--overlay FOLDER::FOLDER");
    }
  }

  private Optional<String> root() throws CommandException {
    String directory = arguments.value("directory");
    if (directory == null) {
      return Optional.empty();
    }
    if (directory.isEmpty()) {
      throw new CommandException("-D needs a folder; the one given is empty");
    }
    return Optional.of(here.resolve(directory).toString());
  }

  /// Parents before children, else in the order given. An option says more of this one jail than the policy does, so what
  /// it mounts stands in place of the policy's file there.
  private List<Mount> mounts() throws CommandException {
    var mounts = new ArrayList<Mount>();
    for (Option option : arguments.inOrder()) {
      Mount mount = mount(option);
      if (mount != null) {
        refuseSecondReading(mounts, mount);
        add(mounts, mount);
      }
    }
    if ("state".equals(arguments.value("volatile")) && !has(mounts, STATE)) {
      add(mounts, new Mount.Tmpfs(STATE, List.of("mode=0755")));
    }
    for (Mount.Content file : policyFiles) {
      if (!has(mounts, file.target())) {
        add(mounts, file);
      }
    }
    return mounts;
  }

  private static boolean has(List<Mount> mounts, String target) {
    for (Mount mount : mounts) {
      if (mount.target().equals(target)) {
        return true;
      }
    }
    return false;
  }

  /// The first reads it to its end.
  private static void refuseSecondReading(List<Mount> mounts, Mount mount) throws CommandException {
    for (Mount other : mounts) {
      if (mount instanceof Mount.Data second && other instanceof Mount.Data first
          && first.descriptor() == second.descriptor()) {
        throw new CommandException("two files of descriptor " + first.descriptor() + "; a descriptor can be read once");
      }
    }
  }

  private static void add(List<Mount> mounts, Mount mount) throws CommandException {
    int at = mounts.size();
    for (int i = mounts.size() - 1; i >= 0; i--) {
      String other = mounts.get(i).target();
      if (other.equals(mount.target())) {
        throw new CommandException("two mounts on " + other + "; leave one out");
      }
      if (other.startsWith(mount.target() + "/")) {
        at = i;
      }
    }
    mounts.add(at, mount);
  }

  private Mount mount(Option option) throws CommandException {
    String value = option.getValue();
    return switch (option.getLongOpt() == null ? "" : option.getLongOpt()) {
      case "bind" -> bind(value, false);
      case "bind-ro" -> bind(value, true);
      case "overlay" -> overlay(value, false);
      case "overlay-ro" -> overlay(value, true);
      case "file" -> file(value);
      case "tmpfs" -> tmpfs(value);
      case "inaccessible" -> new Mount.Inaccessible(target(value, "--inaccessible"));
      default -> null;
    };
  }

  private Mount bind(String value, boolean readOnly) throws CommandException {
    String option = readOnly ? "--bind-ro" : "--bind";
    List<String> parts = split(value);
    if (parts.size() > 3) {
      throw new CommandException(option + " takes SRC, SRC:DST or SRC:DST:OPTIONS, got " + value
          + "; write a colon in a name as \\:");
    }
    String source = here.resolve(parts.getFirst()).toString();
    if (parts.getFirst().isEmpty()) {
      throw new CommandException(option + " needs a source");
    }
    String target = target(parts.size() > 1 && !parts.get(1).isEmpty() ? parts.get(1) : source, option);
    if (parts.size() == 3 && PrivilegeOptions.mapsIds(arguments) && List.of(parts.get(2).split(",")).contains("idmap")) {
      throw new CommandException("idmap is for a jail of one id; leave it or --private-users out");
    }
    return bind(source, target, readOnly, parts.size() == 3 ? parts.get(2).split(",", -1) : new String[0]);
  }

  /// What contradicts itself is refused: the last word does not win.
  private static Mount bind(String source, String target, boolean readOnly, String[] words) throws CommandException {
    var given = new ArrayList<String>();
    for (String word : words) {
      switch (word) {
        case "ro", "rw", "noexec", "exec", "rbind", "norbind", "idmap", "noidmap" -> given.add(word);
        case "nosuid", "nodev" -> {}                        // always
        default -> throw new CommandException("a bind has no option '" + word
            + "'; there are ro, rw, noexec, exec, rbind, norbind, idmap, noidmap");
      }
    }
    for (String word : given) {
      String opposite = word.equals("ro") ? "rw" : word.equals("rbind") || word.equals("exec") || word.equals("idmap")
          ? "no" + word : null;
      if (given.contains(opposite)) {
        throw new CommandException("bind options '" + word + "' and '" + opposite + "' exclude each other; leave one out");
      }
    }
    if (readOnly && given.contains("rw")) {
      throw new CommandException("--bind-ro is read-only; for 'rw' write --bind");
    }
    return new Mount.Bind(source, target, readOnly || given.contains("ro"), given.contains("noexec"),
        !given.contains("norbind"), given.contains("idmap"));
  }

  /// From the lowest layer to the highest, then the target, which may be left out where it is the highest's own path. An
  /// empty highest layer of a writable overlay stands for memory.
  private Mount overlay(String value, boolean readOnly) throws CommandException {
    String option = readOnly ? "--overlay-ro" : "--overlay";
    List<String> parts = split(value);
    int layers = Math.max(2, parts.size() - 1);
    if (parts.size() < 2 || layers > Mount.Overlay.MAX_LOWER) {
      throw new CommandException(option + " takes LOWER:UPPER:DST with up to " + Mount.Overlay.MAX_LOWER
          + " folders before DST, got " + value + "; write a colon in a name as \\:");
    }
    var folders = new ArrayList<String>();
    for (String folder : parts.subList(0, layers)) {
      if (folder.startsWith("+")) {
        throw new CommandException(option + ": layers are folders of the host; for a name with + write ./" + folder);
      }
      folders.add(folder.isEmpty() ? "" : here.resolve(folder).normalize().toString());
    }
    String highest = folders.getLast();
    String target = target(parts.size() > 2 ? parts.getLast() : highest, option);
    if (folders.subList(0, layers - 1).contains("") || readOnly && highest.isEmpty() || highest.equals("/")) {
      throw new CommandException(option + ": a layer of " + value + " is empty or /; name a folder");
    }
    if (readOnly) {
      return new Mount.Overlay(folders, new Mount.Changes.None(), target);
    }
    return new Mount.Overlay(folders.subList(0, layers - 1),
        highest.isEmpty() ? new Mount.Changes.InMemory() : new Mount.Changes.Into(highest), target);
  }

  /// At colons; `\:` stands for a colon.
  private static List<String> split(String value) {
    var parts = new ArrayList<String>();
    var part = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length() && value.charAt(i + 1) == ':') {
        part.append(':');
        i++;
      } else if (c == ':') {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static Mount file(String value) throws CommandException {
    List<String> parts = split(value);
    if (parts.size() < 2 || parts.size() > 3) {
      throw new CommandException("--file takes FD:DST or FD:DST:MODE, got " + value + ", as in --file 3:/run/key 3< KEY");
    }
    int descriptor = number(parts.getFirst(), 10);
    int mode = parts.size() == 3 ? number(parts.get(2), 8) : 0444;
    if (descriptor < 0 || descriptor == 1 || descriptor == 2) {
      throw new CommandException("--file reads from file descriptor 0, or 3 and above, got '" + parts.getFirst() + "'");
    }
    if (mode < 0 || mode > 0777) {
      throw new CommandException("--file: not a mode: '" + parts.get(2) + "'; write one as 0400");
    }
    return new Mount.Data(descriptor, target(parts.get(1), "--file"), mode);
  }

  /// Without a sign, up to some thousands; -1 if it is none.
  private static int number(String text, int radix) {
    try {
      return text.length() > 4 || text.startsWith("+") ? -1 : Integer.parseInt(text, radix);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static Mount tmpfs(String value) throws CommandException {
    int colon = value.indexOf(':');
    var options = new ArrayList<String>();
    boolean mode = false;
    for (String option : colon < 0 ? new String[0] : value.substring(colon + 1).split(",")) {
      String key = option.contains("=") ? option.substring(0, option.indexOf('=')) : option;
      switch (key) {
        case "size", "nr_inodes", "nr_blocks" -> options.add(option);
        case "mode" -> {
          options.add(option);
          mode = true;
        }
        default -> throw new CommandException("--tmpfs has no option '" + option
            + "'; there are size=, mode=, nr_inodes=, nr_blocks=");
      }
      if (!option.contains("=") || option.endsWith("=")) {
        throw new CommandException("--tmpfs " + key + " needs a value, as in size=64m");
      }
    }
    if (!mode) {
      options.add("mode=0755");
    }
    return new Mount.Tmpfs(target(colon < 0 ? value : value.substring(0, colon), "--tmpfs"), options);
  }

  /// An absolute path of the jail, without trailing slash.
  private static String target(String path, String option) throws CommandException {
    String trimmed = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    if (!trimmed.startsWith("/")) {
      throw new CommandException(option + ": " + path + " is not an absolute path of the jail; begin it with /");
    }
    Path normal = Path.of(trimmed).normalize();
    if (trimmed.equals("/") || !normal.toString().equals(trimmed)) {
      throw new CommandException(option + ": cannot mount on " + path
          + "; write a path below / without ., .. and double slashes");
    }
    return trimmed;
  }

  private Optional<String> workingFolder() throws CommandException {
    String folder = arguments.value("chdir");
    if (folder != null && !folder.startsWith("/")) {
      throw new CommandException("--chdir takes an absolute path of the jail, got " + folder);
    }
    return Optional.ofNullable(folder);
  }
}
