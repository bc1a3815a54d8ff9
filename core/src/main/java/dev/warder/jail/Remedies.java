package dev.warder.jail;

import static dev.warder.catalog.Errno.*;

import dev.warder.catalog.Errno;
import java.util.LinkedHashMap;
import java.util.Map;

/// What to say when a step fails: what could not be done, and what helps.
///
/// The kernel's answers mislead here and there (`EINVAL` for a feature it lacks, `EPERM` for a setting); each remedy
/// names the setting or the edit.
public final class Remedies {
  private static final String OLD_KERNEL = "this kernel is too old, Warder needs Linux 5.14 or newer";
  private static final String NO_USER_NAMESPACES =
      "this host refuses user namespaces to ordinary users; as root: sysctl -w kernel.unprivileged_userns_clone=1 "
          + "(Debian), sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, let its "
          + "seccomp profile allow clone with namespaces";
  private static final String NO_SUCH_SOURCE = "no such file or folder on this host; make it, or correct the path";

  private Remedies() {}

  /// Completes "cannot …".
  public static String what(Step step) {
    return switch (step) {
      case Step.TakeSystemFolder(String path) -> "take " + path;
      case Step.TakeCurrentFolder() -> "take the current folder";
      case Step.TakeDevice(String path) -> "take " + path;
      case Step.TakeRoot(String path, _) -> "take " + path + " as the root";
      case Step.TakeSource(Mount.Bind bind) -> "take " + bind.source();
      case Step.BecomeUser _ -> "give up root";
      case Step.EnterNamespaces _ -> "make namespaces";
      case Step.MapIds() -> "map the ids";
      case Step.RaiseLoopback() -> "bring the loopback device up";
      case Step.SetHostname(String hostname) -> "set the hostname to " + hostname;
      case Step.MakeRoot() -> "make the root";
      case Step.UseRoot() -> "mount the root";
      case Step.ShowSystemFolder(String path) -> "show " + path;
      case Step.MakePrivateFolder(String path, _) -> "make a private " + path;
      case Step.CoverPrivateFolder(String path, _) -> "make a private " + path;
      case Step.MountProc _ -> "mount /proc";
      case Step.MakeDevices _ -> "make /dev";
      case Step.ShowCurrentFolder() -> "show the current folder";
      case Step.Attach(Mount.Bind bind) -> "bind " + bind.source() + " to " + bind.target();
      case Step.Attach(Mount.Tmpfs tmpfs) -> "mount a tmpfs on " + tmpfs.target();
      case Step.Attach(Mount.Inaccessible hidden) -> "cover " + hidden.target();
      case Step.PivotRoot() -> "enter the new root";
      case Step.SealRoot() -> "make the root read-only";
      case Step.EnterFolder(var path) -> "enter " + path.orElse("the current folder");
      case Step.SetLimit(Limit limit) -> "set the limit " + limit.resource();
      case Step.LimitCapabilities _ -> "give up capabilities";
      case Step.DieWithLauncher() -> "tie the jail's life to the launcher's";
      case Step.ForbidNewPrivileges() -> "forbid new privileges";
      case Step.CloseFiles() -> "close the caller's files";
      case Step.LeaveSession() -> "start a new session";
      case Step.InstallFilter _ -> "install the system call filter";
      case Step.Execute() -> "run";
    };
  }

  /// What helps, by errno.
  public static Map<Errno, String> of(Step step) {
    var remedies = new LinkedHashMap<Errno, String>();
    switch (step) {
      case Step.TakeRoot(String path, _) -> {
        remedies.put(ENOENT, "there is no folder " + path + "; make it, or correct -D");
        remedies.put(ENOTDIR, "it is not a folder; -D takes one");
        remedies.put(EINVAL, "it is not a folder; -D takes one");
        remedies.put(EACCES, "you may not enter it; check the modes of its parents");
        remedies.put(EPERM, "root here lacks CAP_SYS_ADMIN (a container?); run as an ordinary user");
      }
      case Step.TakeSource _, Step.TakeSystemFolder _, Step.TakeDevice _, Step.TakeCurrentFolder _ -> {
        remedies.put(ENOENT, NO_SUCH_SOURCE);
        remedies.put(EACCES, "you may not reach it; check the modes of its parents");
        remedies.put(EPERM, "root here lacks CAP_SYS_ADMIN (a container?); run as an ordinary user");
        remedies.put(ENOSYS, OLD_KERNEL);
      }
      case Step.BecomeUser _ -> remedies.put(EPERM, "only root may choose another user; leave -u out");
      case Step.EnterNamespaces _ -> {
        remedies.put(EPERM, NO_USER_NAMESPACES);
        remedies.put(EACCES, NO_USER_NAMESPACES);
        remedies.put(ENOSPC, "the limit on namespaces is reached; as root raise user.max_user_namespaces and the other "
            + "user.max_*_namespaces with sysctl -w");
        remedies.put(EINVAL, "this kernel lacks a kind of namespace (CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS …)");
        remedies.put(EUSERS, "user namespaces are nested too deep");
        remedies.put(EAGAIN, "the limit on processes is reached; see ulimit -u");
      }
      case Step.MapIds() -> {
        remedies.put(EPERM, NO_USER_NAMESPACES);
        remedies.put(EACCES, NO_USER_NAMESPACES);
        remedies.put(ENOENT, "/proc is not mounted here");
      }
      case Step.MakeRoot() -> {
        remedies.put(EACCES, NO_USER_NAMESPACES);
        remedies.put(EPERM, NO_USER_NAMESPACES);
        remedies.put(ENOSYS, OLD_KERNEL);
      }
      case Step.MountProc _ -> {
        remedies.put(EPERM, "the kernel allows it only where the host's own /proc is fully visible; here parts of it are "
            + "covered, as container engines do (docker: --security-opt systempaths=unconfined)");
        remedies.put(ENOENT, "the root has no folder /proc and none can be made; make one");
      }
      case Step.Attach(Mount.Bind bind) -> {
        remedies.put(EROFS, "the folder above " + bind.target() + " is read-only; make the target on the host first");
        remedies.put(EACCES, "the target cannot be made there; make it on the host first");
        remedies.put(ENOTDIR, "a folder can only be bound to a folder, a file to a file");
        remedies.put(EXDEV, "a link of the root leads out of it");
        remedies.put(ELOOP, "too many links");
      }
      case Step.Attach(Mount.Tmpfs tmpfs) -> {
        remedies.put(EINVAL, "an option is wrong; see tmpfs(5)");
        remedies.put(EROFS, "the folder above " + tmpfs.target() + " is read-only; make the target on the host first");
        remedies.put(EACCES, "the target cannot be made there; make it on the host first");
      }
      case Step.Attach(Mount.Inaccessible _) -> remedies.put(ENOENT, "there is no such path in the jail to be covered");
      case Step.EnterFolder _ -> {
        remedies.put(ENOENT, "there is no such folder in the jail; show it with --bind-ro, or correct --chdir");
        remedies.put(EACCES, "the program's user may not enter it");
        remedies.put(ENOTDIR, "it is not a folder");
      }
      case Step.SetLimit _ -> remedies.put(EPERM, "only root may raise a hard limit; see ulimit -H");
      case Step.InstallFilter _ -> {
        remedies.put(EINVAL, "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)");
        remedies.put(ENOSYS, "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)");
        remedies.put(ENOMEM, "too many filters are stacked on this process already");
      }
      case Step.SetHostname _ -> remedies.put(EINVAL, "a hostname has at most 64 bytes");
      case Step.PivotRoot(), Step.SealRoot() -> remedies.put(ENOSYS, OLD_KERNEL);
      case Step.RaiseLoopback _, Step.UseRoot _, Step.ShowSystemFolder _, Step.MakePrivateFolder _,
          Step.CoverPrivateFolder _, Step.MakeDevices _, Step.ShowCurrentFolder _, Step.LimitCapabilities _,
          Step.DieWithLauncher _, Step.ForbidNewPrivileges _, Step.CloseFiles _, Step.LeaveSession _, Step.Execute _ -> { }
    }
    return remedies;
  }
}
