package dev.warder.cli;

import dev.warder.format.convert.Includes;
import dev.warder.jail.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The files that a cached image depends on: the policy, and where users are given or ids mapped those that list them.
final class ImageOrigin {
  private ImageOrigin() {}

  /// @param options the words of `run` before the command
  static Origin of(Arguments arguments, List<String> options) throws CommandException {
    var files = new ArrayList<Origin.Stamp>();
    if (arguments.has("policy")) {
      files.add(stamp(PolicySource.path(arguments.value("policy")).toAbsolutePath()));
    }
    for (Path file : PrivilegeOptions.files(arguments)) {
      files.add(stamp(file));
    }
    return files.isEmpty() ? Origin.NONE : new Origin(files, remake(options));
  }

  /// The front script, which compiles the image anew from the options and executes it with the rest. Settings are the
  /// image's arguments already, and their values do not reach the disk; of `--stats` it must be known that it is asked.
  private static List<String> remake(List<String> options) {
    var words = new ArrayList<String>();
    for (int i = 0; i < options.size(); i++) {
      String word = options.get(i);
      if (word.equals("--stats") || word.startsWith("--stats=")) {
        i += word.equals("--stats") ? 1 : 0;
        words.add("--stats=");
      } else if (word.equals("-E") || word.equals("--setenv")) {
        i++;
      } else if (!word.equals("--") && !word.startsWith("-E") && !word.startsWith("--setenv=")) {
        words.add(word);
      }
    }
    words.add(0, Integer.toString(words.size()));
    words.add(0, "remake");
    words.add(0, System.getProperty("warder.script"));
    return words;
  }

  /// The same with what was looked at of the files that the policy names.
  static Origin with(Origin origin, List<Origin.Stamp> included) {
    var files = new ArrayList<>(origin.files());
    files.addAll(included);
    return new Origin(files, origin.remake());
  }

  private static Origin.Stamp stamp(Path file) throws CommandException {
    try {
      return look(file);
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + Includes.reason(e));
    }
  }

  /// What a file is now, apart from its content.
  static Origin.Stamp look(Path file) throws IOException {
    Map<String, Object> is = Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime", new LinkOption[0]);
    FileTime modified = (FileTime) is.get("lastModifiedTime");
    FileTime changed = (FileTime) is.get("ctime");
    return new Origin.Stamp(file.toString(), device((long) is.get("dev")), (long) is.get("ino"), (long) is.get("size"),
        modified.to(TimeUnit.SECONDS), modified.toInstant().getNano(),
        changed.to(TimeUnit.SECONDS), changed.toInstant().getNano());
  }

  /// From glibc's `dev_t` to the two numbers of statx(2).
  private static long device(long dev) {
    long major = dev >>> 8 & 0xFFF | dev >>> 32 & 0xFFFFF000L;
    long minor = dev & 0xFF | dev >>> 12 & 0xFFFFFF00L;
    return minor << 32 | major;
  }
}
