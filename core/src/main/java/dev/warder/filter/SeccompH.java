package dev.warder.filter;

/// What a filter reads and returns.
///
/// Source: `include/uapi/linux/seccomp.h`, Linux 7.3.
public final class SeccompH {
  public static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
  public static final int SECCOMP_RET_KILL_THREAD = 0x00000000;
  public static final int SECCOMP_RET_TRAP = 0x00030000;
  public static final int SECCOMP_RET_ERRNO = 0x00050000;
  public static final int SECCOMP_RET_USER_NOTIF = 0x7fc00000;
  public static final int SECCOMP_RET_TRACE = 0x7ff00000;
  public static final int SECCOMP_RET_LOG = 0x7ffc0000;
  public static final int SECCOMP_RET_ALLOW = 0x7fff0000;
  public static final int SECCOMP_RET_ACTION_FULL = 0xffff0000;
  public static final int SECCOMP_RET_DATA = 0x0000ffff;

  /// Byte offsets in `struct seccomp_data`.
  public static final int NR = 0;
  public static final int ARCH = 4;
  public static final int ARGS = 16;
  /// Bytes in `struct seccomp_data`.
  public static final int DATA_SIZE = 64;

  /// `__X32_SYSCALL_BIT`: an x86_64 number from here on belongs to x32.
  ///
  /// Source: `arch/x86/include/uapi/asm/unistd.h`, Linux 7.3.
  public static final int X32_SYSCALL_BIT = 0x40000000;

  private SeccompH() {}
}
