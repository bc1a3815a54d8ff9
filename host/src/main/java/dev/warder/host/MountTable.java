package dev.warder.host;

import java.util.ArrayList;
import java.util.List;

/// What is mounted where, as proc_pid_mountinfo(5) tells it.
record MountTable(List<Entry> entries) {
  /// @param root the folder of the file system that is mounted
  /// @param at where
  /// @param options of the mount
  record Entry(String root, String at, List<String> options, String type) {}

  /// proc(5) mounts nothing of importance in these folders of its own, so the kernel does not count what covers them.
  private static final List<String> EMPTY_IN_PROC = List.of("/sys/fs/binfmt_misc", "/fs/nfsd");

  static MountTable of(Host host) {
    var entries = new ArrayList<Entry>();
    for (String line : host.lines("/proc/self/mountinfo")) {
      String[] fields = line.split(" ");
      int separator = List.of(fields).indexOf("-");
      if (separator >= 6 && separator + 1 < fields.length) {
        entries.add(new Entry(plain(fields[3]), plain(fields[4]), List.of(fields[5].split(",")), fields[separator + 1]));
      }
    }
    return new MountTable(entries);
  }

  /// Space, tab, line end and backslash stand as `\` and three octal digits.
  private static String plain(String field) {
    var out = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        out.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        out.append(field.charAt(i));
      }
    }
    return out.toString();
  }

  /// What covers parts of `/proc`, so that the kernel lets no user namespace mount one: `mount_too_revealing` in
  /// `fs/namespace.c`, Linux 6.18. Empty if one proc file system is fully visible, wherever.
  List<String> coversOfProc() {
    List<String> fewest = List.of("/proc");
    for (Entry proc : entries) {
      if (proc.type.equals("proc") && proc.root.equals("/")) {
        List<String> covers = coversOf(proc.at);
        if (covers.isEmpty()) {
          return covers;
        }
        fewest = covers;
      }
    }
    return fewest;
  }

  private List<String> coversOf(String proc) {
    var covers = new ArrayList<String>();
    for (Entry entry : entries) {
      if (entry.at.startsWith(proc + "/") && !EMPTY_IN_PROC.contains(entry.at.substring(proc.length()))) {
        covers.add(entry.at);
      }
    }
    return covers;
  }

  /// In a chroot the root folder is no mount, and the kernel makes no user namespace.
  boolean isChroot() {
    return !entries.isEmpty() && entries.stream().noneMatch(entry -> entry.at.equals("/"));
  }

  /// Whether programs in the folder cannot be executed.
  boolean isNoexec(String folder) {
    Entry nearest = null;
    for (Entry entry : entries) {
      boolean above = entry.at.equals("/") || folder.equals(entry.at) || folder.startsWith(entry.at + "/");
      if (above && (nearest == null || entry.at.length() >= nearest.at.length())) {
        nearest = entry;
      }
    }
    return nearest != null && nearest.options.contains("noexec");
  }
}
