package dev.warder.catalog;

import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/// The system call numbers of one architecture, as a filter sees them in `seccomp_data.nr`: with the base of the ABI.
///
/// Immutable; names that other ABIs have, but not this one, are simply absent.
///
/// Source: `catalog/syscalls.csv`, Linux 7.3.
public final class SyscallTable {
  /// `__ARM_NR_BASE`: the calls private to arm (`cacheflush`, `set_tls`, …) start here, far above the common range.
  ///
  /// Source: `arch/arm/include/uapi/asm/unistd.h`, Linux 7.3.
  private static final int PRIVATE_BASE = 0x0F0000;

  private final Arch arch;
  private final SyscallRows rows;
  private final int column;
  private final int newest;
  /// Row by number, from the base of the ABI to the newest number; -1 where a number is free.
  private final int[] rowByNumber;

  SyscallTable(Arch arch, SyscallRows rows) {
    this.arch = arch;
    this.rows = rows;
    this.column = rows.column(arch);
    this.newest = newest(arch, rows, column);
    this.rowByNumber = new int[newest - arch.numberBase() + 1];
    Arrays.fill(rowByNumber, -1);
    for (int row = 0; row < rows.size(); row++) {
      int number = rows.number(row, column);
      if (number >= 0 && number <= newest) {
        rowByNumber[number - arch.numberBase()] = row;
      }
    }
  }

  private static int newest(Arch arch, SyscallRows rows, int column) {
    int newest = arch.numberBase();
    for (int row = 0; row < rows.size(); row++) {
      int number = rows.number(row, column);
      if (number - arch.numberBase() < PRIVATE_BASE) {
        newest = Math.max(newest, number);
      }
    }
    return newest;
  }

  public Arch arch() {
    return arch;
  }

  /// The number of a call, also by its second name on this architecture (`sync_file_range2` is `arm_sync_file_range` on
  /// arm); empty where this architecture lacks it.
  public OptionalInt number(String name) {
    int row = row(name);
    return row < 0 ? OptionalInt.empty() : OptionalInt.of(rows.number(row, column));
  }

  /// The kernel's name of a number of this ABI, base included; empty for a free number.
  public Optional<String> name(int number) {
    int row = row(number);
    return row < 0 ? Optional.empty() : Optional.of(rows.names().get(row));
  }

  /// The highest number in the range that new calls are taken from; what lies above is newer than this catalog.
  ///
  /// The private numbers of arm (`0x0F0000` and up) do not count, though [#number] and [#name] know them. For x32 it is
  /// the end of its own block, 547 above the base; calls newer than the catalog enter below that block, from 473 on,
  /// where they look like free numbers.
  public int newest() {
    return newest;
  }

  /// Every call with its number, in ascending order; unmodifiable. Built at each call.
  public SortedMap<Integer, String> names() {
    var names = new TreeMap<Integer, String>();
    for (int row = 0; row < rows.size(); row++) {
      int number = rows.number(row, column);
      if (number >= 0) {
        names.put(number, rows.names().get(row));
      }
    }
    return Collections.unmodifiableSortedMap(names);
  }

  /// Whether the kernel reserves a number for this call but answers `ENOSYS`; false where the call has no number here.
  public boolean unimplemented(String name) {
    int row = row(name);
    return row >= 0 && rows.unimplemented(row, arch.table());
  }

  /// The name by which the other files know this call on this architecture, or null.
  String kernelName(String name) {
    int row = row(name);
    return row < 0 ? null : rows.names().get(row);
  }

  private int row(String name) {
    int row = rows.row(name);
    return row >= 0 && rows.number(row, column) >= 0 ? row : rows.aliasRow(name, column);
  }

  private int row(int number) {
    int offset = number - arch.numberBase();
    if (offset >= 0 && offset < rowByNumber.length) {
      return rowByNumber[offset];
    }
    if (offset < PRIVATE_BASE) {
      return -1;
    }
    for (int row = 0; row < rows.size(); row++) {
      if (rows.number(row, column) == number) {
        return row;
      }
    }
    return -1;
  }
}
