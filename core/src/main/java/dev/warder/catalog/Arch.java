package dev.warder.catalog;

import java.util.List;
import java.util.Optional;

/// A system call ABI, as a filter tells them apart.
///
/// Source: `include/uapi/linux/audit.h` and the syscall tables of Linux 7.3 (`catalog/arches.csv`).
public enum Arch {
  X86_64("x86_64", 0xC000003E, 64, false, 0),
  X86("x86", 0x40000003, 32, false, 0),
  /// Shares its audit value with [#X86_64]; bit 30 of the number tells the two apart.
  X32("x32", 0xC000003E, 32, false, 0x40000000),
  AARCH64("aarch64", 0xC00000B7, 64, false, 0),
  ARM("arm", 0x40000028, 32, false, 0),
  RISCV64("riscv64", 0xC00000F3, 64, false, 0),
  PPC64LE("ppc64le", 0xC0000015, 64, false, 0),
  PPC64("ppc64", 0x80000015, 64, true, 0),
  S390X("s390x", 0x80000016, 64, true, 0),
  LOONGARCH64("loongarch64", 0xC0000102, 64, false, 0),
  MIPS64("mips64", 0x80000008, 64, true, 5000),
  MIPSEL64("mipsel64", 0xC0000008, 64, false, 5000),
  MIPS64N32("mips64n32", 0xA0000008, 32, true, 6000),
  MIPSEL64N32("mipsel64n32", 0xE0000008, 32, false, 6000),
  MIPS("mips", 0x00000008, 32, true, 4000),
  MIPSEL("mipsel", 0x40000008, 32, false, 4000);

  private final String label;
  private final int auditArch;
  private final int longBits;
  private final boolean bigEndian;
  private final int numberBase;

  Arch(String label, int auditArch, int longBits, boolean bigEndian, int numberBase) {
    this.label = label;
    this.auditArch = auditArch;
    this.longBits = longBits;
    this.bigEndian = bigEndian;
    this.numberBase = numberBase;
  }

  /// The name used on the command line and in the data files, such as `x86_64`.
  public String label() {
    return label;
  }

  /// `AUDIT_ARCH_*`, what a filter reads in `seccomp_data.arch`.
  public int auditArch() {
    return auditArch;
  }

  /// Width of `long` and of pointers in this ABI, 32 or 64 bits.
  public int longBits() {
    return longBits;
  }

  public boolean bigEndian() {
    return bigEndian;
  }

  /// The lowest number of the table; numbers in a [SyscallTable] include it.
  public int numberBase() {
    return numberBase;
  }

  /// Name of the data column that serves this ABI: byte orders share their tables.
  String table() {
    return switch (this) {
      case PPC64 -> PPC64LE.label;
      case MIPSEL64 -> MIPS64.label;
      case MIPSEL64N32 -> MIPS64N32.label;
      case MIPSEL -> MIPS.label;
      default -> label;
    };
  }

  /// This architecture and the older ABIs that a usual kernel for it also serves, itself first.
  public List<Arch> family() {
    return switch (this) {
      case X86_64 -> List.of(X86_64, X86, X32);
      case AARCH64 -> List.of(AARCH64, ARM);
      case MIPS64 -> List.of(MIPS64, MIPS64N32, MIPS);
      case MIPSEL64 -> List.of(MIPSEL64, MIPSEL64N32, MIPSEL);
      default -> List.of(this);
    };
  }

  public static Optional<Arch> named(String label) {
    for (Arch arch : values()) {
      if (arch.label.equals(label)) {
        return Optional.of(arch);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return label;
  }
}
