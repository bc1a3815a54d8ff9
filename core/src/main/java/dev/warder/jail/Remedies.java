package dev.warder.jail;

import static dev.warder.catalog.Errno.*;

import dev.warder.catalog.Errno;
import java.util.LinkedHashMap;
import java.util.Map;

/// What helps when a step fails.
///
/// The kernel's answers mislead here and there (`EINVAL` for a feature it lacks, `EPERM` for a setting); each remedy
/// names the setting or the edit.
public final class Remedies {
  private static final String OLD_KERNEL = "this kernel is too old, Warder needs Linux 5.14 or newer";
  private static final String NO_USER_NAMESPACES =
      "this host refuses user namespaces to ordinary users; as root: sysctl -w kernel.unprivileged_userns_clone=1 "
          + "(Debian), sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, let its "
          + "seccomp profile allow clone with namespaces; a chroot can have none";
  private static final String TOO_MANY_PROCESSES = "the limit on processes is reached; see ulimit -u";
  private static final String WITHOUT = ", or as root do without a user namespace: --private-users=no";
  private static final String NO_SUCH_SOURCE = "no such file or folder on this host; make it, or correct the path";

  private static final String NOT_QUITE_ROOT =
      "root here lacks CAP_SYS_ADMIN (a container?); run as an ordinary user";
  private static final String NO_FILTERS = "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)";

  private static final String NO_SUCH_NETWORK =
      "there is no such namespace; ip netns list shows the named ones, lsns -t net those of processes";
  private static final String NOT_YOUR_NETWORK =
      "only root may enter it, or who made the user namespace that it belongs to (and does so without --private-users)";

  /// Where nothing better is known.
  public static final String LAST_RESORT =
      "not expected here; a security module or a container's rules may refuse the call, see dmesg";
  private static final String OWN_GROUP =
      "where systemd runs, it is asked for another: by root, or by users who are logged in or have loginctl enable-linger, "
          + "in a unit without MemoryMax= and CPUQuota=, its own or from above; by hand: systemd-run --user --scope -p Delegate=yes "
          + "COMMAND (root: without --user); with cgroup v1, as root";
  private static final String NO_LANDLOCK_ALLOWED =
      "a filter around this process refuses Landlock; let it allow its calls, or give --landlock off";
  private static final String LANDLOCK_ON = ", CONFIG_SECURITY_LANDLOCK, and landlock in lsm= at boot); ";
  private static final String LOWER =
      "only root may go below the present value, with CAP_SYS_NICE for --nice and CAP_SYS_RESOURCE for --oom-score-adjust";

  private Remedies() {}

  /// What helps whatever the step.
  public static Map<Errno, String> ofAnyStep() {
    var remedies = new LinkedHashMap<Errno, String>();
    remedies.put(ENOMEM, "memory is short, or a limit on it is reached");
    remedies.put(EMFILE, "too many open files; see ulimit -n");
    remedies.put(ENOSYS, OLD_KERNEL);
    return remedies;
  }

  /// What helps when process 1 cannot make the program's process.
  public static Map<Errno, String> ofStart() {
    return Map.of(EAGAIN, TOO_MANY_PROCESSES);
  }

  /// What helps, by errno.
  public static Map<Errno, String> of(Step step) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (step instanceof Step.TakeRoot(String path, FileSystem.RootMode mode)) {
      if (mode == FileSystem.RootMode.VOLATILE) {
        remedies.putAll(ofOverlay());
      } else if (mode == FileSystem.RootMode.USR_ALONE) {
        remedies.put(ENOENT, "there is no folder " + path + "/usr; make it, or correct -D");
        remedies.put(EINVAL, "its /bin, /sbin or one of its /lib is a folder of its own, no link to /usr, which is all that "
            + "--volatile=yes shows; give --volatile=overlay");
        remedies.put(ELOOP, "its /usr is a link; give --volatile=overlay");
      }
      remedies.putIfAbsent(ENOENT, "there is no folder " + path + "; make it, or correct -D");
      remedies.put(ENOTDIR, "it is not a folder; -D takes one");
      remedies.putIfAbsent(EINVAL, "it is not a folder; -D takes one");
      remedies.put(EACCES, "you may not enter it; check the modes of its parents");
      remedies.put(EPERM, NOT_QUITE_ROOT);
    } else if (step instanceof Step.OwnMounts) {
      remedies.put(EPERM, NOT_QUITE_ROOT);
      remedies.put(EINVAL, "the root folder here is no mount of its own (a chroot?); overlays need one");
    } else if (step instanceof Step.TakeOverlay) {
      remedies.putAll(ofOverlay());
      remedies.put(ENOENT, NO_SUCH_SOURCE);
      remedies.put(ENOTDIR, "layers are folders");
      remedies.put(ELOOP, "the uppermost layer is a link; name the folder itself");
      remedies.put(EACCES, "you may not reach a layer, or make a folder beside the uppermost; check the modes");
      remedies.put(EROFS, "the uppermost layer lies on a read-only file system");
    } else if (step instanceof Step.TakeSource || step instanceof Step.TakeSystemFolder
        || step instanceof Step.TakeDevice || step instanceof Step.TakeCurrentFolder) {
      remedies.put(ENOENT, NO_SUCH_SOURCE);
      remedies.put(EACCES, "you may not reach it; check the modes of its parents");
      remedies.put(EPERM, NOT_QUITE_ROOT);
      remedies.put(ENOSYS, OLD_KERNEL);
      if (step instanceof Step.TakeSource(Mount.Bind bind)) {
        remedies.putAll(ofOptions(bind));
      }
    } else if (step instanceof Step.ReadData) {
      remedies.put(EBADF, "it is not open for reading; give one that is, as in 3< FILE");
      remedies.put(EISDIR, "it is a folder; show it with --bind-ro");
      remedies.put(EFBIG, "more than 16 MiB; show a file with --bind-ro");
    } else if (step instanceof Step.CheckStandardFiles) {
      remedies.put(EISDIR, "by it the program could leave the jail; redirect from a file, and show the folder with --bind");
    } else if (step instanceof Step.WatchCaller) {
      remedies.put(ESRCH, "the caller has ended");
    } else if (step instanceof Step.DieWithLauncher) {
      remedies.put(ESRCH, "the launcher has ended");
    } else if (step instanceof Step.OpenResult) {
      remedies.put(EINVAL, "--stats takes a file, new or to be replaced; this is no regular file");
      remedies.put(ENOENT, "its folder does not exist");
      remedies.put(EACCES, "you may not write in its folder");
      remedies.put(EROFS, "its folder is read-only");
    } else if (step instanceof Step.KeepFile(int file)) {
      remedies.put(EBADF, "it is not open; open it before, as in " + file + "< FILE, or leave --keep-fd out");
      remedies.put(EISDIR, "it is a folder, by which the program could leave the jail; show it with --bind or --bind-ro");
    } else if (step instanceof Step.SetAttribute(Attribute attribute)) {
      remedies.putAll(of(attribute));
    } else if (step instanceof Step.OffsetClocks) {
      remedies.put(EINVAL, "this kernel has no time namespaces (CONFIG_TIME_NS)");
      remedies.put(ENOENT, "this kernel has no time namespaces (CONFIG_TIME_NS)");
      remedies.put(ERANGE, "a clock cannot be set before zero or by more than some 146 years");
    } else if (step instanceof Step.JoinKeyring) {
      remedies.put(EDQUOT, "the user has too many keys; see /proc/key-users and keyctl(1)");
    } else if (step instanceof Step.JoinNetwork) {
      remedies.put(ENOENT, NO_SUCH_NETWORK);
      remedies.put(EINVAL, "it is no network namespace; give a file such as /run/netns/NAME or /proc/PID/ns/net");
      remedies.put(EISDIR, "it is no network namespace; give a file such as /run/netns/NAME or /proc/PID/ns/net");
      remedies.put(ENOTDIR, NO_SUCH_NETWORK);
      remedies.put(EACCES, NOT_YOUR_NETWORK);
      remedies.put(EPERM, NOT_YOUR_NETWORK);
    } else if (step instanceof Step.RequireRoot) {
      remedies.put(EPERM, "only root can make namespaces without it; leave --private-users=no out");
    } else if (step instanceof Step.PartMounts) {
      remedies.put(EINVAL, "the root folder here is no mount of its own (a chroot?); leave --private-users=no out");
      remedies.put(EPERM, NOT_QUITE_ROOT);
    } else if (step instanceof Step.LeaveRoot || step instanceof Step.LimitCapabilities) {
      remedies.put(EPERM, "root here lacks CAP_SETPCAP or a capability that is to be kept (a container?)");
    } else if (step instanceof Step.GuardProc) {
      remedies.put(EPERM, NOT_QUITE_ROOT);
    } else if (step instanceof Step.BecomeUser(Privileges privileges) && !privileges.userNamespace()) {
      remedies.put(EPERM, "root here lacks CAP_SETUID or CAP_SETGID (a container?)");
      remedies.put(EINVAL, "the user or a group of it has no id in the user namespace that root is in here");
    } else if (step instanceof Step.StartNetwork(Network.UserMode network)) {
      remedies.putAll(of(network.helper()));
    } else if (step instanceof Step.BecomeUser) {
      remedies.put(EPERM, "only root may choose another user of the host; leave -u out, or map ids of your own: --private-users=pick");
    } else if (step instanceof Step.EnterNamespaces enter) {
      remedies.put(EPERM, enter.user() ? NO_USER_NAMESPACES : NOT_QUITE_ROOT);
      remedies.put(EACCES, enter.user() ? NO_USER_NAMESPACES : NOT_QUITE_ROOT);
      remedies.put(ENOSPC, "the limit on namespaces is reached; as root raise user.max_user_namespaces and the other "
          + "user.max_*_namespaces with sysctl -w" + (enter.user() ? WITHOUT : ""));
      remedies.put(EINVAL, "this kernel lacks a kind of namespace (CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS …)");
      remedies.put(EUSERS, "user namespaces are nested too deep");
      remedies.put(EAGAIN, TOO_MANY_PROCESSES);
      if (enter.inGroup()) {
        remedies.put(ENOSYS, "a filter around this process refuses clone3, as container engines' do");
      }
    } else if (step instanceof Step.WriteMaps) {
      remedies.put(ENOENT, "newuidmap or newgidmap is missing in /usr/bin; install them, for example: apt-get install uidmap");
      remedies.put(EACCES, "newuidmap or newgidmap in /usr/bin is not root's alone to write, so it is not trusted");
      remedies.put(EPERM, "these ids are not yours to map; as root: usermod --add-subuids 100000-165535 "
          + "--add-subgids 100000-165535 USER");
    } else if (step instanceof Step.MapIds) {
      remedies.put(EPERM, NO_USER_NAMESPACES);
      remedies.put(EACCES, NO_USER_NAMESPACES);
      remedies.put(ENOENT, "/proc is not mounted here");
    } else if (step instanceof Step.MakeRoot(boolean userNamespace)) {
      remedies.put(EACCES, userNamespace ? NO_USER_NAMESPACES : NOT_QUITE_ROOT);
      remedies.put(EPERM, userNamespace ? NO_USER_NAMESPACES : NOT_QUITE_ROOT);
      remedies.put(ENOSYS, OLD_KERNEL);
    } else if (step instanceof Step.MountProc) {
      remedies.put(EPERM, "the kernel allows it only where the host's own /proc is fully visible; here parts of it are "
          + "covered, as container engines do (docker: --security-opt systempaths=unconfined)" + WITHOUT);
    } else if (step instanceof Step.Attach(Mount mount)) {
      remedies.putAll(of(mount));
    } else if (step instanceof Step.MakeRuleset make) {
      remedies.putAll(of(make));
    } else if (step instanceof Step.EnterDomain) {
      remedies.put(E2BIG, "too many Landlock domains around it already, the kernel takes 16; give --landlock off");
    } else if (step instanceof Step.FindTerminal) {
      for (Errno errno : new Errno[] {EPERM, ENOENT, EACCES, EBUSY}) {
        remedies.put(errno, "so the jail gets none of its own; --console pipe hands yours over as it is");
      }
    } else if (step instanceof Step.MakeTerminal) {
      remedies.put(ENOSPC, "no pseudo-terminal is left; as root raise kernel.pty.max with sysctl -w, or give --console pipe");
    } else if (step instanceof Step.EnterFolder) {
      remedies.put(ENOENT, "there is no such folder in the jail; show it with --bind-ro, or correct --chdir");
      remedies.put(EACCES, "the program's user may not enter it");
      remedies.put(ENOTDIR, "it is not a folder");
    } else if (step instanceof Step.SetLimit) {
      remedies.put(EPERM, "only root may raise a hard limit, see ulimit -aH; NOFILE stays below the sysctl fs.nr_open");
    } else if (step instanceof Step.RaiseLimits) {
      remedies.put(EPERM, "root here lacks CAP_SYS_RESOURCE (a container?), or NOFILE is above the sysctl fs.nr_open");
    } else if (step instanceof Step.FindGroup) {
      remedies.put(ENOENT, "/sys/fs/cgroup does not show the caller's group or lacks a controller that is needed; mount "
          + "cgroup2 there, or let the container see its own groups");
      remedies.put(EXDEV, "the caller's group lies outside what /sys/fs/cgroup shows here");
    } else if (step instanceof Step.MakeGroup) {
      remedies.put(EACCES, "the caller's group belongs to somebody else; " + OWN_GROUP);
      remedies.put(EPERM, "the caller's group belongs to somebody else; " + OWN_GROUP);
      remedies.put(EBUSY, "the caller's group has other processes, so it cannot be divided; " + OWN_GROUP);
      remedies.put(ENOENT, "a controller is not handed down to the caller's group; for users, systemd does so if "
          + "user@.service has Delegate=cpu io memory pids; " + OWN_GROUP);
      remedies.put(EROFS, "/sys/fs/cgroup is read-only, as in containers; limit the container, or let it write there");
      remedies.put(EAGAIN, "a limit on the number of groups is reached; see cgroup.max.descendants");
    } else if (step instanceof Step.LimitGroup(GroupLimit limit)) {
      remedies.putAll(of(limit));
    } else if (step instanceof Step.InstallFilter) {
      remedies.put(EINVAL, NO_FILTERS);
      remedies.put(ENOSYS, NO_FILTERS);
      remedies.put(ENOMEM, "too many filters are stacked on this process already");
    } else if (step instanceof Step.LockMounts) {
      remedies.put(ENOSPC, "the limit on namespaces is reached; as root raise user.max_user_namespaces with sysctl -w");
      remedies.put(EPERM, NO_USER_NAMESPACES);
      remedies.put(EUSERS, "user namespaces are nested too deep");
    } else if (step instanceof Step.PivotRoot || step instanceof Step.SealRoot) {
      remedies.put(ENOSYS, OLD_KERNEL);
    }
    return remedies;
  }

  private static Map<Errno, String> of(GroupLimit limit) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (limit instanceof GroupLimit.Disk) {
      remedies.put(ENOENT, "there is no such file, or this kernel cannot bound disks (CONFIG_BLK_DEV_THROTTLING)");
      remedies.put(EACCES, "you may not reach it; check the modes of its parents");
      remedies.put(ENOTBLK, "its file system is on no disk of its own (overlay, btrfs, tmpfs, network); name the disk itself, "
          + "as in --io /dev/sda:rbps=10M; findmnt and lsblk show them");
      remedies.put(EEXIST, "an earlier --io is about the same disk; give one for both");
      remedies.put(ENODEV, "the kernel bounds whole disks, and this is a part of one, or gone; name the disk, see lsblk");
      return remedies;
    }
    remedies.put(ENOENT, "this kernel cannot: with cgroup v1, memory needs swapaccount=1 on the kernel's command line, "
        + "cpu CONFIG_CFS_BANDWIDTH");
    remedies.put(EINVAL, "the group above allows less");
    return remedies;
  }

  private static Map<Errno, String> of(Network.Helper helper) {
    var remedies = new LinkedHashMap<Errno, String>();
    remedies.put(ENOENT, "there is no " + helper.path() + "; install it, for example: apt-get install "
        + helper.debianPackage());
    remedies.put(EACCES, helper.path() + " is not root's alone to write, so it is not trusted");
    remedies.put(EIO, "it ended before the network was there; it needs /dev/net/tun, readable and writable to all as on "
        + "most hosts (chmod 666)" + (helper == Network.Helper.PASTA ? ", a default route, and free ports for --port" : ""));
    remedies.put(ETIMEDOUT, "the network was not there in time; see what it says when it is started by hand");
    remedies.put(EAGAIN, "the limit on processes is reached; see ulimit -u");
    if (helper == Network.Helper.SLIRP4NETNS) {
      remedies.put(EOPNOTSUPP, "this kernel has no Landlock to keep it from the caller's files (CONFIG_SECURITY_LANDLOCK, and "
          + "landlock in lsm= at boot); give --network pasta");
    }
    return remedies;
  }

  /// A filter around Warder may refuse the calls, as some of container engines' do.
  private static Map<Errno, String> of(Step.MakeRuleset make) {
    var remedies = new LinkedHashMap<Errno, String>();
    remedies.put(EPERM, NO_LANDLOCK_ALLOWED);
    if (make.required()) {
      remedies.put(EOPNOTSUPP, make.sockets() ? "this kernel has no Landlock of ABI 6 (Linux 6.12" + LANDLOCK_ON
          + "leave --landlock require out, or give --network none"
          : "this kernel has no Landlock of ABI 2 (Linux 5.19" + LANDLOCK_ON + "leave --landlock require out");
    }
    return remedies;
  }

  private static Map<Errno, String> of(Attribute attribute) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (attribute instanceof Attribute.CpuAffinity) {
      remedies.put(EINVAL, "none of them is here or allowed to the caller; see nproc and taskset -p $$");
    } else {
      remedies.put(EACCES, LOWER);
      remedies.put(EPERM, LOWER);
    }
    return remedies;
  }

  private static Map<Errno, String> ofOverlay() {
    var remedies = new LinkedHashMap<Errno, String>();
    remedies.put(EINVAL, "a layer is no folder, lies on a file system that cannot be one (or, for an ordinary user, has "
        + "others mounted below it), or is used already; dmesg says more");
    remedies.put(ENODEV, "this kernel has no overlays (CONFIG_OVERLAY_FS); as root: modprobe overlay");
    remedies.put(EPERM, "this kernel or host refuses overlays to ordinary users; call as root");
    return remedies;
  }

  private static Map<Errno, String> ofOptions(Mount.Bind bind) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (bind.idMapped()) {
      remedies.put(EPERM, "only root can map ids, and only once; leave idmap out");
      remedies.put(EINVAL, "this kernel cannot map the ids of that file system, or of one mounted below it; leave idmap "
          + "out, or add norbind");
      remedies.put(ERANGE, "it belongs to root or to root's group, whose id is never mapped; chown it to an ordinary user, "
          + "or leave idmap out");
    } else if (!bind.recursive()) {
      remedies.put(EINVAL, "only root may leave out the file systems mounted below it; write rbind in place of norbind");
    }
    return remedies;
  }

  private static Map<Errno, String> of(Mount mount) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (mount instanceof Mount.Inaccessible) {
      remedies.put(ENOENT, "there is no such path in the jail to be covered");
      return remedies;
    }
    String other = mount instanceof Mount.MemoryFile ? ", or take one below /run" : "";
    remedies.put(EROFS, "the folder above " + mount.target() + " is read-only; make the target on the host first" + other);
    remedies.put(EACCES, "the target cannot be made there; make it on the host first" + other);
    String kinds = "a folder can only be mounted on a folder, a file on a file";
    remedies.put(ENOTDIR, kinds);
    remedies.put(EINVAL, kinds);
    remedies.put(ELOOP, "too many links");
    remedies.put(EEXIST, "a link there leads to nothing in the jail; remove it, or name what it should lead to");
    if (mount instanceof Mount.Tmpfs) {
      remedies.put(EINVAL, "an option is wrong; see tmpfs(5)");
    }
    return remedies;
  }
}
