package dev.warder.format.systemd;

import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.util.List;

/// The settings that are on or off and install a call filter.
///
/// Source: `src/shared/seccomp-util.c` and `src/core/execute.c`, systemd 252; systemd.exec(5).
enum Restriction {
  /// Where the old mmap takes its arguments from memory, as on x86 and s390x, it is refused altogether.
  MEMORY_DENY_WRITE_EXECUTE("MemoryDenyWriteExecute", """
      mmap(prot & (PROT_WRITE | PROT_EXEC) == (PROT_WRITE | PROT_EXEC)):EPERM
      mmap2(prot & (PROT_WRITE | PROT_EXEC) == (PROT_WRITE | PROT_EXEC)):EPERM
      mprotect(prot & PROT_EXEC):EPERM
      pkey_mprotect(prot & PROT_EXEC):EPERM
      shmat(shmflg & SHM_EXEC):EPERM
      """, ""),
  /// The policies of `sched_setattr` lie in memory, and systemd leaves it open.
  RESTRICT_REALTIME("RestrictRealtime", """
      sched_setscheduler(!(policy in [SCHED_NORMAL, SCHED_BATCH, SCHED_IDLE])):EPERM
      """, ""),
  RESTRICT_SUID_SGID("RestrictSUIDSGID", """
      chmod(mode & (S_ISUID | S_ISGID)):EPERM
      fchmod(mode & (S_ISUID | S_ISGID)):EPERM
      fchmodat(mode & (S_ISUID | S_ISGID)):EPERM
      fchmodat2(mode & (S_ISUID | S_ISGID)):EPERM
      mkdir(mode & (S_ISUID | S_ISGID)):EPERM
      mkdirat(mode & (S_ISUID | S_ISGID)):EPERM
      mknod(mode & (S_ISUID | S_ISGID)):EPERM
      mknodat(mode & (S_ISUID | S_ISGID)):EPERM
      creat(mode & (S_ISUID | S_ISGID)):EPERM
      open(flags & O_CREAT && mode & (S_ISUID | S_ISGID)):EPERM
      open(flags & O_TMPFILE == O_TMPFILE && mode & (S_ISUID | S_ISGID)):EPERM
      openat(flags & O_CREAT && mode & (S_ISUID | S_ISGID)):EPERM
      openat(flags & O_TMPFILE == O_TMPFILE && mode & (S_ISUID | S_ISGID)):EPERM
      openat2:ENOSYS
      """, ""),
  PROTECT_KERNEL_TUNABLES("ProtectKernelTunables", "_sysctl:EPERM", "makes /proc/sys and /sys read-only"),
  PROTECT_KERNEL_MODULES("ProtectKernelModules", "@module:EPERM", "drops CAP_SYS_MODULE and hides /usr/lib/modules"),
  PROTECT_KERNEL_LOGS("ProtectKernelLogs", "syslog:EPERM", "drops CAP_SYSLOG and hides /dev/kmsg"),
  PROTECT_CLOCK("ProtectClock", "@clock:EPERM", "drops CAP_SYS_TIME and CAP_WAKE_ALARM"),
  PRIVATE_DEVICES("PrivateDevices", "@raw-io:EPERM", "gives the unit a /dev of its own and drops CAP_MKNOD"),
  PROTECT_HOSTNAME("ProtectHostname", "sethostname:EPERM setdomainname:EPERM", "makes a UTS namespace");

  final String key;
  /// What the setting does besides; empty for nothing.
  final String besides;
  private final String denied;

  Restriction(String key, String denied, String besides) {
    this.key = key;
    this.denied = denied;
    this.besides = besides;
  }

  /// The restriction with this key, or null.
  static Restriction of(String key) {
    for (Restriction restriction : values()) {
      if (restriction.key.equals(key)) {
        return restriction;
      }
    }
    return null;
  }

  List<Rule> rules(String origin) {
    return SyscallList.parse("~".concat(denied), origin).orThrow();
  }
}
