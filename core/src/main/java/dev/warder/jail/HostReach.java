package dev.warder.jail;

import dev.warder.catalog.Capability;
import java.util.ArrayList;
import java.util.List;

/// What a program may do to the host where no user namespace stands between them.
///
/// Source: capabilities(7), man-pages 6.9.
public final class HostReach {
  private static final String WITHOUT = "without a user namespace (--private-users=no) the program ";

  private HostReach() {}

  /// What whoever starts the jail should know, a line each; none for a program that is nobody's and keeps nothing.
  static List<String> of(Privileges privileges) {
    var lines = new ArrayList<String>();
    Identity host = privileges.onHost();
    if (host.uid() == 0) {
      lines.add(WITHOUT + "is root of this host: what the jail shows of root's files is open to it");
    } else if (host.gid() == 0 || host.groups().contains(0)) {
      lines.add(WITHOUT + "is of root's group of this host: what the jail shows of that group's files is open to it");
    }
    for (Capability capability : Capability.values()) {
      if (privileges.capabilities().contains(capability)) {
        lines.add(WITHOUT + "keeps " + capability.name() + " over this host: it " + of(capability));
      }
    }
    return lines;
  }

  /// What a capability over the host lets a program do, in words that complete "it …".
  public static String of(Capability capability) {
    return switch (capability) {
      case CAP_CHOWN, CAP_FOWNER, CAP_FSETID, CAP_SETFCAP -> "may make whatever is shown writable somebody else's, or a program "
          + "that gives rights to whoever runs it outside";
      case CAP_DAC_OVERRIDE -> "reads whatever is shown and changes whatever is shown writable, whose ever it is";
      case CAP_DAC_READ_SEARCH -> "reads every file of a file system of which it is shown a part: open_by_handle_at";
      case CAP_SETUID, CAP_SETGID -> "may become any user or group of this host, also root";
      case CAP_KILL -> "may signal what runs in the jail, whose ever it is";
      case CAP_MKNOD -> "may leave device nodes in what is shown writable, which open the device to whoever reaches them outside";
      case CAP_SYS_MODULE -> "may load code into the kernel";
      case CAP_SYS_RAWIO -> "may read and write memory and disks of this host through devices that are shown";
      case CAP_SYS_ADMIN -> "may undo the jail's own mounts and is as good as root";
      case CAP_SYS_BOOT -> "may load another kernel";
      case CAP_SYS_TIME, CAP_WAKE_ALARM, CAP_BLOCK_SUSPEND -> "may set this host's clock, or keep it from sleeping";
      case CAP_SYS_RESOURCE, CAP_SYS_NICE, CAP_IPC_LOCK, CAP_SYS_PACCT, CAP_LEASE, CAP_LINUX_IMMUTABLE -> "may pass limits and "
          + "take more than its share of this host";
      case CAP_BPF, CAP_PERFMON, CAP_SYSLOG -> "may read memory of the kernel";
      case CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_AUDIT_WRITE -> "may change what security "
          + "modules enforce, or what the audit log of this host says";
      case CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST -> "has it over the jail's network, which with "
          + "--network host is this host's, and may be others' with a network that was there before";
      default -> "may use it on whatever the jail shows";
    };
  }
}
