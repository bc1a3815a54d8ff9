package dev.warder.host;

import dev.warder.jail.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/// What else a jail takes of the host: ids, a terminal, a folder for images.
final class HostFindings {
  private static final List<String> HELPERS = List.of("/usr/bin/newuidmap", "/usr/bin/newgidmap");

  private static final String TUN = "/dev/net/tun";

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

  /// When root calls, whoever the jail runs as opens the device.
  Finding userNetworks() {
    var found = new ArrayList<String>();
    for (Network.Helper helper : Network.Helper.values()) {
      if (host.has(helper.path())) {
        found.add("--network " + helper.program());
      }
    }
    if (found.isEmpty()) {
      return Finding.missing("user networks", "neither pasta nor slirp4netns is in /usr/bin", "as root: apt-get install "
          + Network.Helper.PASTA.debianPackage() + " (elsewhere: passt)");
    }
    if (!host.has(TUN)) {
      return Finding.missing("user networks", "there is no " + TUN, "as root: modprobe tun");
    }
    return opensTun() ? Finding.ok("user networks", String.join(", ", found))
        : Finding.missing("user networks", TUN + " is closed to the jail's user", "as root: chmod 666 " + TUN);
  }

  private boolean opensTun() {
    try {
      return Files.getPosixFilePermissions(host.path(TUN)).containsAll(
          List.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE))
          || !host.isRoot() && Files.isReadable(host.path(TUN)) && Files.isWritable(host.path(TUN));
    } catch (IOException e) {
      return false;
    }
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
