package dev.warder.image;

import dev.warder.image.Value.Const;

/// Kernel constants in the kernel's spelling, with the values that x86-64 and AArch64 share.
///
/// Source: the headers named below in `include/uapi/`, Linux 7.3; the tests compare them with the catalog.
final class Uapi {
  // fcntl.h, include/uapi/linux/openat2.h, include/uapi/linux/fcntl.h
  static final Const AT_FDCWD = Value.named("AT_FDCWD", -100);
  static final Const AT_EMPTY_PATH = Value.named("AT_EMPTY_PATH", 0x1000);
  static final Const AT_RECURSIVE = Value.named("AT_RECURSIVE", 0x8000);
  static final Const AT_REMOVEDIR = Value.named("AT_REMOVEDIR", 0x200);
  static final Const AT_SYMLINK_NOFOLLOW = Value.named("AT_SYMLINK_NOFOLLOW", 0x100);
  static final Const O_RDONLY = Value.named("O_RDONLY", 0);
  static final Const O_WRONLY = Value.named("O_WRONLY", 1);
  static final Const O_RDWR = Value.named("O_RDWR", 2);
  static final Const O_CREAT = Value.named("O_CREAT", 0x40);
  static final Const O_NOCTTY = Value.named("O_NOCTTY", 0x100);
  static final Const O_NONBLOCK = Value.named("O_NONBLOCK", 0x800);
  static final Const O_EXCL = Value.named("O_EXCL", 0x80);
  static final Const O_ACCMODE = Value.named("O_ACCMODE", 3);
  static final Const F_GETFL = Value.named("F_GETFL", 3);
  static final Const F_SETFL = Value.named("F_SETFL", 4);
  static final Const O_CLOEXEC = Value.named("O_CLOEXEC", 0x80000);
  static final Const CLOSE_RANGE_CLOEXEC = Value.named("CLOSE_RANGE_CLOEXEC", 4);
  static final Const O_PATH = Value.named("O_PATH", 0x200000);
  static final Const RESOLVE_BENEATH = Value.named("RESOLVE_BENEATH", 8);
  static final Const RESOLVE_NO_SYMLINKS = Value.named("RESOLVE_NO_SYMLINKS", 4);
  static final Const RESOLVE_NO_MAGICLINKS = Value.named("RESOLVE_NO_MAGICLINKS", 2);
  static final Const RESOLVE_IN_ROOT = Value.named("RESOLVE_IN_ROOT", 0x10);

  // mount.h
  static final Const OPEN_TREE_CLONE = Value.named("OPEN_TREE_CLONE", 1);
  static final Const OPEN_TREE_CLOEXEC = Value.named("OPEN_TREE_CLOEXEC", 0x80000);
  static final Const MOVE_MOUNT_F_EMPTY_PATH = Value.named("MOVE_MOUNT_F_EMPTY_PATH", 4);
  static final Const MOVE_MOUNT_T_EMPTY_PATH = Value.named("MOVE_MOUNT_T_EMPTY_PATH", 0x40);
  static final Const FSOPEN_CLOEXEC = Value.named("FSOPEN_CLOEXEC", 1);
  static final Const FSMOUNT_CLOEXEC = Value.named("FSMOUNT_CLOEXEC", 1);
  static final Const FSCONFIG_SET_FLAG = Value.named("FSCONFIG_SET_FLAG", 0);
  static final Const FSCONFIG_SET_STRING = Value.named("FSCONFIG_SET_STRING", 1);
  static final Const FSCONFIG_CMD_CREATE = Value.named("FSCONFIG_CMD_CREATE", 6);
  static final Const MOUNT_ATTR_RDONLY = Value.named("MOUNT_ATTR_RDONLY", 1);
  static final Const MOUNT_ATTR_NOSUID = Value.named("MOUNT_ATTR_NOSUID", 2);
  static final Const MOUNT_ATTR_NODEV = Value.named("MOUNT_ATTR_NODEV", 4);
  static final Const MOUNT_ATTR_NOEXEC = Value.named("MOUNT_ATTR_NOEXEC", 8);
  static final Const MOUNT_ATTR_IDMAP = Value.named("MOUNT_ATTR_IDMAP", 0x100000);
  static final Const MS_PRIVATE = Value.named("MS_PRIVATE", 0x40000);
  static final Const MNT_DETACH = Value.named("MNT_DETACH", 2);

  // magic.h
  static final Const CGROUP2_SUPER_MAGIC = Value.named("CGROUP2_SUPER_MAGIC", 0x63677270);

  // sched.h
  static final Const CLONE_INTO_CGROUP = Value.named("CLONE_INTO_CGROUP", 0x200000000L);
  static final Const CLONE_VM = Value.named("CLONE_VM", 0x100);
  static final Const CLONE_VFORK = Value.named("CLONE_VFORK", 0x4000);
  static final Const CLONE_PIDFD = Value.named("CLONE_PIDFD", 0x1000);
  static final Const CLONE_NEWTIME = Value.named("CLONE_NEWTIME", 0x80);
  static final Const CLONE_NEWNS = Value.named("CLONE_NEWNS", 0x20000);
  static final Const CLONE_NEWCGROUP = Value.named("CLONE_NEWCGROUP", 0x2000000);
  static final Const CLONE_NEWUTS = Value.named("CLONE_NEWUTS", 0x4000000);
  static final Const CLONE_NEWIPC = Value.named("CLONE_NEWIPC", 0x8000000);
  static final Const CLONE_NEWUSER = Value.named("CLONE_NEWUSER", 0x10000000);
  static final Const CLONE_NEWPID = Value.named("CLONE_NEWPID", 0x20000000);
  static final Const CLONE_NEWNET = Value.named("CLONE_NEWNET", 0x40000000);

  // prctl.h
  static final Const PR_SET_PDEATHSIG = Value.named("PR_SET_PDEATHSIG", 1);
  static final Const PR_SET_DUMPABLE = Value.named("PR_SET_DUMPABLE", 4);
  static final Const PR_SET_KEEPCAPS = Value.named("PR_SET_KEEPCAPS", 8);
  static final Const PR_CAPBSET_DROP = Value.named("PR_CAPBSET_DROP", 24);
  static final Const PR_SET_SECUREBITS = Value.named("PR_SET_SECUREBITS", 28);
  static final Const PR_SET_NO_NEW_PRIVS = Value.named("PR_SET_NO_NEW_PRIVS", 38);
  static final Const PR_CAP_AMBIENT = Value.named("PR_CAP_AMBIENT", 47);
  static final Const PR_CAP_AMBIENT_RAISE = Value.named("PR_CAP_AMBIENT_RAISE", 2);
  static final Const PR_CAP_AMBIENT_CLEAR_ALL = Value.named("PR_CAP_AMBIENT_CLEAR_ALL", 4);

  // seccomp.h
  static final Const SECCOMP_SET_MODE_FILTER = Value.named("SECCOMP_SET_MODE_FILTER", 1);

  // stat.h
  static final Const S_IFMT = Value.named("S_IFMT", 0xF000);
  static final Const S_IFDIR = Value.named("S_IFDIR", 0x4000);
  static final Const S_IFBLK = Value.named("S_IFBLK", 0x6000);
  static final Const S_IFREG = Value.named("S_IFREG", 0x8000);
  static final Const STATX_TYPE = Value.named("STATX_TYPE", 1);
  static final Const STATX_BASIC_STATS = Value.named("STATX_BASIC_STATS", 0x7ff);

  // wait.h, asm-generic/poll.h, signal.h, timerfd.h
  static final Const __WALL = Value.named("__WALL", 0x40000000);
  static final Const POLLIN = Value.named("POLLIN", 1);
  static final Const POLLOUT = Value.named("POLLOUT", 4);
  static final Const SFD_CLOEXEC = Value.named("SFD_CLOEXEC", 0x80000);
  static final Const SFD_NONBLOCK = Value.named("SFD_NONBLOCK", 0x800);
  static final Const SIG_BLOCK = Value.named("SIG_BLOCK", 0);
  static final Const SIG_UNBLOCK = Value.named("SIG_UNBLOCK", 1);
  static final Const SIG_SETMASK = Value.named("SIG_SETMASK", 2);
  static final Const SIGHUP = Value.named("SIGHUP", 1);
  static final Const SIGKILL = Value.named("SIGKILL", 9);
  static final Const SIGTERM = Value.named("SIGTERM", 15);
  static final Const SIGCONT = Value.named("SIGCONT", 18);
  static final Const SIGSTOP = Value.named("SIGSTOP", 19);
  static final Const SIGTSTP = Value.named("SIGTSTP", 20);
  static final Const SIGWINCH = Value.named("SIGWINCH", 28);
  static final Const SIGCHLD = Value.named("SIGCHLD", 17);
  static final Const CLOCK_MONOTONIC = Value.named("CLOCK_MONOTONIC", 1);
  static final Const CLOCK_BOOTTIME = Value.named("CLOCK_BOOTTIME", 7);
  static final Const TFD_CLOEXEC = Value.named("TFD_CLOEXEC", 0x80000);
  static final Const P_PID = Value.named("P_PID", 1);
  static final Const WEXITED = Value.named("WEXITED", 4);
  static final Const WNOHANG = Value.named("WNOHANG", 1);
  static final Const WUNTRACED = Value.named("WUNTRACED", 2);

  // asm-generic/ioctls.h, asm-generic/termbits.h
  static final Const TCGETS = Value.named("TCGETS", 0x5401);
  static final Const TCSETS = Value.named("TCSETS", 0x5402);
  static final Const TIOCSCTTY = Value.named("TIOCSCTTY", 0x540E);
  static final Const TIOCGPGRP = Value.named("TIOCGPGRP", 0x540F);
  static final Const TIOCGWINSZ = Value.named("TIOCGWINSZ", 0x5413);
  static final Const TIOCSWINSZ = Value.named("TIOCSWINSZ", 0x5414);
  static final Const TIOCGPTPEER = Value.named("TIOCGPTPEER", 0x5441);
  static final Const TIOCSPTLCK = Value.named("TIOCSPTLCK", 0x40045431);
  static final Const TIOCGDEV = Value.named("TIOCGDEV", 0x80045432L);

  // socket.h, if.h, sockios.h
  static final Const AF_UNIX = Value.named("AF_UNIX", 1);
  static final Const SOCK_STREAM = Value.named("SOCK_STREAM", 1);
  static final Const SOL_SOCKET = Value.named("SOL_SOCKET", 1);
  static final Const SO_RCVTIMEO = Value.named("SO_RCVTIMEO", 20);
  static final Const SO_SNDTIMEO = Value.named("SO_SNDTIMEO", 21);
  static final Const SOCK_SEQPACKET = Value.named("SOCK_SEQPACKET", 5);
  static final Const MSG_NOSIGNAL = Value.named("MSG_NOSIGNAL", 0x4000);
  static final Const MSG_WAITALL = Value.named("MSG_WAITALL", 0x100);
  static final Const MSG_CMSG_CLOEXEC = Value.named("MSG_CMSG_CLOEXEC", 0x40000000);
  static final Const MSG_DONTWAIT = Value.named("MSG_DONTWAIT", 0x40);
  static final Const AF_INET = Value.named("AF_INET", 2);
  static final Const SOCK_DGRAM = Value.named("SOCK_DGRAM", 2);
  static final Const SOCK_CLOEXEC = Value.named("SOCK_CLOEXEC", 0x80000);
  static final Const NS_GET_USERNS = Value.named("NS_GET_USERNS", 0xB701);
  static final Const SIOCSIFFLAGS = Value.named("SIOCSIFFLAGS", 0x8914);

  // landlock.h
  static final Const LANDLOCK_CREATE_RULESET_VERSION = Value.named("LANDLOCK_CREATE_RULESET_VERSION", 1);
  static final Const LANDLOCK_ACCESS_FS_EXECUTE = Value.named("LANDLOCK_ACCESS_FS_EXECUTE", 0x1);
  static final Const LANDLOCK_ACCESS_FS_WRITE_FILE = Value.named("LANDLOCK_ACCESS_FS_WRITE_FILE", 0x2);
  static final Const LANDLOCK_ACCESS_FS_READ_FILE = Value.named("LANDLOCK_ACCESS_FS_READ_FILE", 0x4);
  static final Const LANDLOCK_ACCESS_FS_READ_DIR = Value.named("LANDLOCK_ACCESS_FS_READ_DIR", 0x8);
  static final Const LANDLOCK_ACCESS_FS_REMOVE_DIR = Value.named("LANDLOCK_ACCESS_FS_REMOVE_DIR", 0x10);
  static final Const LANDLOCK_ACCESS_FS_REMOVE_FILE = Value.named("LANDLOCK_ACCESS_FS_REMOVE_FILE", 0x20);
  static final Const LANDLOCK_ACCESS_FS_MAKE_CHAR = Value.named("LANDLOCK_ACCESS_FS_MAKE_CHAR", 0x40);
  static final Const LANDLOCK_ACCESS_FS_MAKE_DIR = Value.named("LANDLOCK_ACCESS_FS_MAKE_DIR", 0x80);
  static final Const LANDLOCK_ACCESS_FS_MAKE_REG = Value.named("LANDLOCK_ACCESS_FS_MAKE_REG", 0x100);
  static final Const LANDLOCK_ACCESS_FS_MAKE_SOCK = Value.named("LANDLOCK_ACCESS_FS_MAKE_SOCK", 0x200);
  static final Const LANDLOCK_ACCESS_FS_MAKE_FIFO = Value.named("LANDLOCK_ACCESS_FS_MAKE_FIFO", 0x400);
  static final Const LANDLOCK_ACCESS_FS_MAKE_BLOCK = Value.named("LANDLOCK_ACCESS_FS_MAKE_BLOCK", 0x800);
  static final Const LANDLOCK_ACCESS_FS_MAKE_SYM = Value.named("LANDLOCK_ACCESS_FS_MAKE_SYM", 0x1000);
  static final Const LANDLOCK_ACCESS_FS_REFER = Value.named("LANDLOCK_ACCESS_FS_REFER", 0x2000);
  static final Const LANDLOCK_ACCESS_FS_TRUNCATE = Value.named("LANDLOCK_ACCESS_FS_TRUNCATE", 0x4000);
  static final Const LANDLOCK_ACCESS_FS_IOCTL_DEV = Value.named("LANDLOCK_ACCESS_FS_IOCTL_DEV", 0x8000);
  static final Const LANDLOCK_RULE_PATH_BENEATH = Value.named("LANDLOCK_RULE_PATH_BENEATH", 1);
  static final Const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = Value.named("LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET", 1);

  // mman.h
  static final Const PROT_READ = Value.named("PROT_READ", 1);
  static final Const PROT_WRITE = Value.named("PROT_WRITE", 2);
  static final Const MAP_SHARED = Value.named("MAP_SHARED", 1);
  static final Const MAP_PRIVATE = Value.named("MAP_PRIVATE", 2);
  static final Const MAP_ANONYMOUS = Value.named("MAP_ANONYMOUS", 0x20);

  // securebits.h
  static final Const SECBIT_NOROOT = Value.named("SECBIT_NOROOT", 1);
  static final Const SECBIT_NOROOT_LOCKED = Value.named("SECBIT_NOROOT_LOCKED", 2);
  static final Const SECBIT_NO_SETUID_FIXUP = Value.named("SECBIT_NO_SETUID_FIXUP", 4);
  static final Const SECBIT_NO_SETUID_FIXUP_LOCKED = Value.named("SECBIT_NO_SETUID_FIXUP_LOCKED", 8);
  static final Const SECBIT_KEEP_CAPS_LOCKED = Value.named("SECBIT_KEEP_CAPS_LOCKED", 0x20);
  static final Const SECBIT_NO_CAP_AMBIENT_RAISE = Value.named("SECBIT_NO_CAP_AMBIENT_RAISE", 0x40);
  static final Const SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED = Value.named("SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED", 0x80);

  // capability.h
  static final Const LINUX_CAPABILITY_VERSION_3 = Value.named("LINUX_CAPABILITY_VERSION_3", 0x20080522);

  // keyctl.h, resource.h
  static final Const KEYCTL_JOIN_SESSION_KEYRING = Value.named("KEYCTL_JOIN_SESSION_KEYRING", 1);
  static final Const PRIO_PROCESS = Value.named("PRIO_PROCESS", 0);

  private Uapi() {}
}
