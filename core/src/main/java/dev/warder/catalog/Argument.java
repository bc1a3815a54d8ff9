package dev.warder.catalog;

/// One argument of a system call on one architecture: a register, as a filter sees it.
///
/// Source: `SYSCALL_DEFINE*` and `COMPAT_SYSCALL_DEFINE*`, Linux 7.3 (`catalog/arguments.csv`).
///
/// @param index the slot in `seccomp_data.args`, 0 to 5; a 64-bit value takes two slots (`_lo`, `_hi`) on x86 and arm
/// @param name the kernel's name of it
/// @param type the kernel's type, as C; empty for a padding slot
/// @param width how many low bits the kernel's entry point reads, 16, 32 or 64; the rest of the register is ignored, so
///     a test on it must ignore the rest too
/// @param kind what it means, a judgement by name and type
/// @param inspectable whether a filter can judge its value
public record Argument(int index, String name, String type, int width, Kind kind, Inspectable inspectable) {
  public Argument {
    if (index < 0 || index > 5) {
      throw new IllegalArgumentException("argument index must be 0 to 5, got " + index);
    }
    if (width != 16 && width != 32 && width != 64) {
      throw new IllegalArgumentException("argument width must be 16, 32 or 64 bits, got " + width);
    }
  }

  public enum Kind {
    POINTER,
    /// One or the other, as another argument (the operation) says.
    POINTER_OR_VALUE,
    /// An address as a value: the kernel does not read what it points to.
    ADDRESS,
    FD,
    /// A file descriptor that paths start at, or `AT_FDCWD`.
    DIRFD,
    FLAGS,
    /// One of a list of values, such as the operation of `ioctl`.
    ENUM,
    MODE,
    SIZE,
    OFFSET,
    PID,
    UID,
    GID,
    SIGNAL,
    /// A number of some other kernel object, such as a timer.
    ID,
    DEV,
    INT,
    /// A slot that carries nothing, before a 64-bit value in an even pair of registers.
    PAD
  }

  public enum Inspectable {
    YES,
    /// What counts is in memory, which a filter cannot read.
    NO,
    /// Only for those operations that take a value here.
    BY_OPERATION
  }
}
