package dev.warder.jail;

/// A resource limit of setrlimit(2).
///
/// @param soft in the resource's unit (bytes, seconds, a count); -1 for unlimited
/// @param hard at least `soft`; -1 for unlimited
public record Limit(Resource resource, long soft, long hard) {
  public static final long UNLIMITED = -1;

  public Limit {
    if (Long.compareUnsigned(soft, hard) > 0) {
      throw new IllegalArgumentException(
          "soft limit " + Long.toUnsignedString(soft) + " above hard limit " + Long.toUnsignedString(hard));
    }
  }

  /// The resources in the kernel's order; [#ordinal] is the number on all architectures but MIPS.
  ///
  /// Source: `include/uapi/asm-generic/resource.h`, Linux 7.3.
  public enum Resource {
    CPU, FSIZE, DATA, STACK, CORE, RSS, NPROC, NOFILE, MEMLOCK, AS, LOCKS, SIGPENDING, MSGQUEUE, NICE, RTPRIO, RTTIME
  }
}
