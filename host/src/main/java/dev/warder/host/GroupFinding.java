package dev.warder.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;

/// Whether the caller can bound a jail by a control group, by looking alone: to try would change the caller's group.
///
/// It follows what an image does (`dev.warder.image.Groups`).
final class GroupFinding {
  private static final String NAME = "control groups";
  private static final String TOP = "/sys/fs/cgroup";
  private static final List<String> NEEDED = List.of("memory", "pids", "cpu");
  private static final String OPTIONS = "--memory --pids --cpus";
  private static final String DISKS = " --io";

  private final Host host;
  private final long pid;

  /// @param pid of the process that asks
  GroupFinding(Host host, long pid) {
    this.host = host;
    this.pid = pid;
  }

  Finding find() {
    return host.has(TOP + "/cgroup.controllers") ? unified() : legacy();
  }

  /// The caller's group, as `/proc/self/cgroup` names it.
  ///
  /// @param controller empty for cgroup v2
  private String own(String controller) {
    for (String line : host.lines("/proc/self/cgroup")) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3 && List.of(fields[1].split(",")).contains(controller)) {
        return fields[2].equals("/") ? "" : fields[2];
      }
    }
    return null;
  }

  private Finding legacy() {
    var absent = new ArrayList<String>();
    var closed = new ArrayList<String>();
    for (String controller : NEEDED) {
      String own = own(controller);
      String group = TOP + "/" + controller + own;
      if (own == null || !host.has(group)) {
        absent.add(controller);
      } else if (!Files.isWritable(host.path(group))) {
        closed.add(controller);
      }
    }
    String version = host.has(TOP + "/unified") ? "v1 (hybrid)" : "v1";
    if (!absent.isEmpty()) {
      return Finding.missing(NAME, version + " shows no group for " + String.join(" ", absent) + ": no " + OPTIONS,
          "as root: mount -t cgroup -o NAME cgroup /sys/fs/cgroup/NAME; or boot with systemd.unified_cgroup_hierarchy=1");
    }
    if (!closed.isEmpty()) {
      return Finding.missing(NAME, version + "; the groups of " + String.join(" ", closed) + " are not yours: no " + OPTIONS,
          "call warder as root; or boot with systemd.unified_cgroup_hierarchy=1");
    }
    if (!host.has(TOP + "/memory" + own("memory") + "/memory.memsw.limit_in_bytes")) {
      return Finding.missing(NAME, version + "; swap is not counted: no --memory", "boot with swapaccount=1");
    }
    String disks = own("blkio");
    boolean bounds = disks != null && Files.isWritable(host.path(TOP + "/blkio" + disks));
    return Finding.ok(NAME, version + ", " + String.join(" ", NEEDED) + " are yours to divide: " + OPTIONS
        + (bounds ? DISKS : "; no group of blkio is: no --io"));
  }

  private Finding unified() {
    String own = own("");
    String group = TOP + own;
    if (own == null || !host.has(group)) {
      return Finding.missing(NAME, "v2; the caller's group is not below " + TOP + ": no " + OPTIONS,
          "mount cgroup2 there, or start the container with docker run --cgroupns=private");
    }
    boolean given = mayDivide(group) && holds(group + "/cgroup.controllers")
        && (own.isEmpty() || holds(group + "/cgroup.subtree_control") || isAlone(group) || aboveIsGiven(own));
    if (given) {
      return Finding.ok(NAME, "v2, " + String.join(" ", NEEDED) + " are yours to divide: " + OPTIONS
          + disks(group + "/cgroup.controllers"));
    }
    boolean asks = host.has(manager() + "/systemd/private") && !isBounded(group);
    if (asks && holds(scopes() + "/cgroup.controllers")) {
      return Finding.ok(NAME, "v2; systemd gives each jail that is bounded a scope: " + OPTIONS
          + disks(scopes() + "/cgroup.controllers"));
    }
    if (!asks && !mayDivide(group)) {
      return Finding.missing(NAME, "v2; your group " + own + " is not yours: no " + OPTIONS, scope());
    }
    if (asks || !holds(group + "/cgroup.controllers")) {
      return Finding.missing(NAME, "v2; not all of " + String.join(" ", NEEDED) + " are handed down to you: no " + OPTIONS,
          "as root: systemctl set-property user@" + host.uid() + ".service Delegate=yes; then " + scope());
    }
    return Finding.missing(NAME, "v2; your group has other processes and cannot be divided: no " + OPTIONS, scope());
  }

  /// Of the caller's own, or the system's.
  private String manager() {
    return host.isRoot() ? "/run" : "/run/user/" + host.uid();
  }

  /// What that manager divides.
  private String scopes() {
    return host.isRoot() ? TOP
        : TOP + "/user.slice/user-" + host.uid() + ".slice/user@" + host.uid() + ".service";
  }

  /// A scope would lie outside these bounds.
  private boolean isBounded(String group) {
    for (String at = group; at.length() > TOP.length(); at = at.substring(0, at.lastIndexOf('/'))) {
      if (!host.setting(at + "/memory.max").orElse("max").startsWith("max")
          || !host.setting(at + "/cpu.max").orElse("max").startsWith("max")) {
        return true;
      }
    }
    return false;
  }

  private String disks(String list) {
    boolean bounds = List.of(host.setting(list).orElse("").split(" ")).contains("io");
    return bounds ? DISKS : "; io is not handed down: no --io";
  }

  private boolean mayDivide(String group) {
    return Files.isWritable(host.path(group)) && Files.isWritable(host.path(group + "/cgroup.subtree_control"));
  }

  private boolean holds(String list) {
    return List.of(host.setting(list).orElse("").split(" ")).containsAll(NEEDED);
  }

  private boolean isAlone(String group) {
    return host.lines(group + "/cgroup.procs").equals(List.of(Long.toString(pid)));
  }

  /// The top, or a group that systemd has marked as given away.
  private boolean aboveIsGiven(String own) {
    String above = own.substring(0, own.lastIndexOf('/'));
    return mayDivide(TOP + above) && holds(TOP + above + "/cgroup.controllers")
        && (above.isEmpty() || isDelegated(host.path(TOP + above)));
  }

  private static boolean isDelegated(Path group) {
    try {
      var attributes = Files.getFileAttributeView(group, UserDefinedFileAttributeView.class);
      var value = ByteBuffer.allocate(8);
      attributes.read("delegate", value);
      return new String(value.array(), 0, value.position(), StandardCharsets.US_ASCII).equals("1");
    } catch (IOException e) {
      return false;                               // there is no such mark
    }
  }

  private String scope() {
    String start = "systemd-run --scope -p Delegate=yes warder run …";
    if (host.isRoot()) {
      return host.has("/run/systemd/system") ? start : "let the container write to " + TOP + ", or bound the container";
    }
    return host.has("/run/user/" + host.uid() + "/systemd") ? start.replace("--scope", "--user --scope")
        : "call warder as root, or log in to a systemd user session (loginctl enable-linger " + host.user() + ")";
  }
}
