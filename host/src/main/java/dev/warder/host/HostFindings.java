package dev.warder.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/// What else a jail takes of the host: ids, a terminal, a folder for images.
final class HostFindings {
  private static final List<String> HELPERS = List.of("/usr/bin/newuidmap", "/usr/bin/newgidmap");

  private final Host host;

  HostFindings(Host host) {
    this.host = host;
  }

  Finding ranges(Trials trials) {
    if (host.isRoot()) {
      return trials.finding(trials.ranges(), "id ranges", "root may map any: --private-users START", "");
    }
    return trials.finding(trials.ranges(), "id ranges", "yours in /etc/subuid and /etc/subgid: --private-users", helperRemedy());
  }

  private String helperRemedy() {
    for (String helper : HELPERS) {
      if (!host.has(helper)) {
        return "as root: apt-get install uidmap (elsewhere: shadow-utils or shadow)";
      }
    }
    return "";
  }

  /// The kernel keeps a part of its number for its own `/dev/pts`; a jail's are other ones.
  Finding terminals() {
    int max = number("/proc/sys/kernel/pty/max");
    int left = max - number("/proc/sys/kernel/pty/reserve") - number("/proc/sys/kernel/pty/nr");
    return left > 0 ? Finding.ok("terminals", left + " left: a jail gets its own where you sit at one")
        : Finding.missing("terminals", "none of " + max + " is left", "as root: sysctl -w kernel.pty.max=" + (max + 1024)
            + "; or give --console pipe");
  }

  private int number(String setting) {
    try {
      return Integer.parseInt(host.setting(setting).orElse("0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// @param cache where `warder run` keeps images, as the front script finds it
  Finding cache(Path cache) {
    Path folder = cache;
    while (!Files.exists(folder)) {
      folder = folder.getParent();
    }
    String remedy = host.isRoot() ? "mount a folder there that allows it, root's, with mode 700"
        : "export XDG_CACHE_HOME=FOLDER, one that is yours";
    try {
      if (MountTable.of(host).isNoexec(folder.toRealPath().toString())) {
        return Finding.missing("image cache", cache + " lies on a file system that is mounted noexec", remedy);
      }
      if (!folder.equals(cache)) {
        return Files.isWritable(folder) ? Finding.ok("image cache", cache + ", made on first use")
            : Finding.note("image cache", cache + " cannot be made, so it is /tmp/warder-" + host.uid());
      }
      boolean own = host.uid() == (Integer) Files.getAttribute(cache, "unix:uid") && Files.isWritable(cache);
      boolean open = Files.getPosixFilePermissions(cache).contains(PosixFilePermission.OTHERS_WRITE);
      return own && !open ? Finding.ok("image cache", cache.toString())
          : Finding.missing("image cache", cache + " is not yours alone to write", remedy);
    } catch (IOException e) {
      return Finding.missing("image cache", cache + " cannot be looked at", remedy);
    }
  }
}
