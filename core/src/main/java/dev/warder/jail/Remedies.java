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
          + "seccomp profile allow clone with namespaces";
  private static final String NO_SUCH_SOURCE = "no such file or folder on this host; make it, or correct the path";

  private static final String NOT_QUITE_ROOT =
      "root here lacks CAP_SYS_ADMIN (a container?); run as an ordinary user";
  private static final String NO_FILTERS = "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)";

  /// Where nothing better is known.
  public static final String LAST_RESORT =
      "not expected here; a security module or a container's rules may refuse the call, see dmesg";

  private Remedies() {}

  /// What helps whatever the step.
  public static Map<Errno, String> ofAnyStep() {
    var remedies = new LinkedHashMap<Errno, String>();
    remedies.put(ENOMEM, "memory is short, or a limit on it is reached");
    remedies.put(EMFILE, "too many open files; see ulimit -n");
    remedies.put(ENOSYS, OLD_KERNEL);
    return remedies;
  }

  /// What helps, by errno.
  public static Map<Errno, String> of(Step step) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (step instanceof Step.TakeRoot(String path, _)) {
      remedies.put(ENOENT, "there is no folder " + path + "; make it, or correct -D");
      remedies.put(ENOTDIR, "it is not a folder; -D takes one");
      remedies.put(EINVAL, "it is not a folder; -D takes one");
      remedies.put(EACCES, "you may not enter it; check the modes of its parents");
      remedies.put(EPERM, NOT_QUITE_ROOT);
    } else if (step instanceof Step.TakeSource || step instanceof Step.TakeSystemFolder
        || step instanceof Step.TakeDevice || step instanceof Step.TakeCurrentFolder) {
      remedies.put(ENOENT, NO_SUCH_SOURCE);
      remedies.put(EACCES, "you may not reach it; check the modes of its parents");
      remedies.put(EPERM, NOT_QUITE_ROOT);
      remedies.put(ENOSYS, OLD_KERNEL);
    } else if (step instanceof Step.CheckStandardFiles) {
      remedies.put(EISDIR, "by it the program could leave the jail; redirect from a file, and show the folder with --bind");
    } else if (step instanceof Step.WatchCaller) {
      remedies.put(ESRCH, "the caller has ended");
    } else if (step instanceof Step.DieWithLauncher) {
      remedies.put(ESRCH, "the launcher has ended");
    } else if (step instanceof Step.BecomeUser) {
      remedies.put(EPERM, "only root may choose another user; leave -u out");
    } else if (step instanceof Step.EnterNamespaces) {
      remedies.put(EPERM, NO_USER_NAMESPACES);
      remedies.put(EACCES, NO_USER_NAMESPACES);
      remedies.put(ENOSPC, "the limit on namespaces is reached; as root raise user.max_user_namespaces and the other "
          + "user.max_*_namespaces with sysctl -w");
      remedies.put(EINVAL, "this kernel lacks a kind of namespace (CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS …)");
      remedies.put(EUSERS, "user namespaces are nested too deep");
      remedies.put(EAGAIN, "the limit on processes is reached; see ulimit -u");
    } else if (step instanceof Step.MapIds) {
      remedies.put(EPERM, NO_USER_NAMESPACES);
      remedies.put(EACCES, NO_USER_NAMESPACES);
      remedies.put(ENOENT, "/proc is not mounted here");
    } else if (step instanceof Step.MakeRoot) {
      remedies.put(EACCES, NO_USER_NAMESPACES);
      remedies.put(EPERM, NO_USER_NAMESPACES);
      remedies.put(ENOSYS, OLD_KERNEL);
    } else if (step instanceof Step.MountProc) {
      remedies.put(EPERM, "the kernel allows it only where the host's own /proc is fully visible; here parts of it are "
          + "covered, as container engines do (docker: --security-opt systempaths=unconfined)");
    } else if (step instanceof Step.Attach(Mount mount)) {
      remedies.putAll(of(mount));
    } else if (step instanceof Step.EnterFolder) {
      remedies.put(ENOENT, "there is no such folder in the jail; show it with --bind-ro, or correct --chdir");
      remedies.put(EACCES, "the program's user may not enter it");
      remedies.put(ENOTDIR, "it is not a folder");
    } else if (step instanceof Step.SetLimit) {
      remedies.put(EPERM, "only root may raise a hard limit; see ulimit -H");
    } else if (step instanceof Step.InstallFilter) {
      remedies.put(EINVAL, NO_FILTERS);
      remedies.put(ENOSYS, NO_FILTERS);
      remedies.put(ENOMEM, "too many filters are stacked on this process already");
    } else if (step instanceof Step.PivotRoot || step instanceof Step.SealRoot) {
      remedies.put(ENOSYS, OLD_KERNEL);
    }
    return remedies;
  }

  private static Map<Errno, String> of(Mount mount) {
    var remedies = new LinkedHashMap<Errno, String>();
    if (mount instanceof Mount.Inaccessible) {
      remedies.put(ENOENT, "there is no such path in the jail to be covered");
      return remedies;
    }
    remedies.put(EROFS, "the folder above " + mount.target() + " is read-only; make the target on the host first");
    remedies.put(EACCES, "the target cannot be made there; make it on the host first");
    remedies.put(ENOTDIR, "a folder can only be mounted on a folder, a file on a file");
    remedies.put(ELOOP, "too many links");
    if (mount instanceof Mount.Tmpfs) {
      remedies.put(EINVAL, "an option is wrong; see tmpfs(5)");
    }
    return remedies;
  }
}
