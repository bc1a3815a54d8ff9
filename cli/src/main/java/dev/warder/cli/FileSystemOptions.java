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
  private final Arguments arguments;
  private final Path here;

  private FileSystemOptions(Arguments arguments, Path here) {
    this.arguments = arguments;
    this.here = here;
  }

  static void addTo(Options options) {
    Arguments.value(options, "D", "directory", "DIR");
    Arguments.value(options, "bind", "SRC[:DST]");
    Arguments.value(options, "bind-ro", "SRC[:DST]");
    Arguments.value(options, "tmpfs", "DST[:OPTIONS]");
    Arguments.value(options, "inaccessible", "PATH");
    Arguments.flag(options, "read-only");
    Arguments.value(options, "chdir", "DIR");
  }

  static FileSystem read(Arguments arguments) throws CommandException {
    return new FileSystemOptions(arguments, Path.of("").toAbsolutePath()).read();
  }

  private FileSystem read() throws CommandException {
    return new FileSystem(root(), arguments.has("read-only"), mounts(), workingFolder());
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

  /// Parents before children, else in the order given.
  private List<Mount> mounts() throws CommandException {
    var mounts = new ArrayList<Mount>();
    for (Option option : arguments.inOrder()) {
      Mount mount = mount(option);
      if (mount != null) {
        add(mounts, mount);
      }
    }
    return mounts;
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
      case "tmpfs" -> tmpfs(value);
      case "inaccessible" -> new Mount.Inaccessible(target(value, "--inaccessible"));
      default -> null;
    };
  }

  private Mount bind(String value, boolean readOnly) throws CommandException {
    String option = readOnly ? "--bind-ro" : "--bind";
    List<String> parts = split(value);
    if (parts.size() > 2) {
      throw new CommandException(option + " takes SRC or SRC:DST, got " + value + "; write a colon in a name as \\:");
    }
    String source = here.resolve(parts.getFirst()).toString();
    if (parts.getFirst().isEmpty()) {
      throw new CommandException(option + " needs a source");
    }
    return new Mount.Bind(source, target(parts.size() == 2 ? parts.get(1) : source, option), readOnly);
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
