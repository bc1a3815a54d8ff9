package dev.warder.catalog;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/// The facts about the kernel that everything else names: calls, sets, constants, arguments, capabilities.
///
/// Immutable to its callers and safe for threads. Each part is read from its file when first asked for, and then only
/// as far as needed: tables and sets are parsed whole, constants and arguments are searched in place.
///
/// The tables are those of Linux 7.3; each file beside this class names its source in its first lines.
public final class Catalog {
  private static final Catalog INSTANCE = new Catalog();

  /// By ordinal: an enum map would look the constants up by reflection, which costs milliseconds in a new JVM.
  private final SyscallTable[] tables = new SyscallTable[Arch.values().length];

  private Catalog() {}

  public static Catalog get() {
    return INSTANCE;
  }

  /// The numbers of one architecture.
  public synchronized SyscallTable table(Arch arch) {
    if (tables[arch.ordinal()] == null) {
      tables[arch.ordinal()] = new SyscallTable(arch, SyscallRows.ALL);
    }
    return tables[arch.ordinal()];
  }

  /// The call with this name on any architecture; empty for a name that the catalog lacks. The second names of a few
  /// calls of arm are calls of their own elsewhere, and mean those here; [SyscallTable#number] tells them apart.
  public Optional<Syscall> syscall(String name) {
    int row = SyscallRows.ALL.row(name);
    return row < 0 ? Optional.empty() : Optional.of(SyscallRows.ALL.syscall(row));
  }

  /// Whether [#syscall] finds this name: cheaper, where nothing else is asked.
  public boolean knows(String name) {
    return SyscallRows.ALL.row(name) >= 0;
  }

  /// Every name that [#syscall] finds, in ascending order; unmodifiable.
  public SortedSet<String> syscallNames() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(SyscallRows.ALL.names()));
  }

  /// The set with this name, with its `@`.
  public Optional<SyscallSet> set(String name) {
    return Optional.ofNullable(sets().get(name));
  }

  /// All sets by name, in ascending order; unmodifiable.
  public SortedMap<String, SyscallSet> sets() {
    return SyscallSets.ALL;
  }

  /// The names of the calls in a set and in the sets inside it, in ascending order; unmodifiable.
  ///
  /// @throws IllegalArgumentException if a nested set does not exist
  public SortedSet<String> expand(SyscallSet set) {
    return SyscallSets.expand(set);
  }

  /// Names in sets for which [#syscall] is empty: calls of architectures that the catalog has no table for, such as
  /// `osf_mount` of alpha, and a few that are names of kernel or library functions, such as `newfstat`. They are no
  /// mistakes, but no filter for an [Arch] can meet them. In ascending order; unmodifiable.
  public SortedSet<String> foreign() {
    return SyscallSets.Foreign.NAMES;
  }

  /// The value of a constant of the kernel's user headers, such as `AF_NETLINK`, on this architecture; negative values
  /// are signed. Empty if it has no such constant.
  public OptionalLong constant(String name, Arch arch) {
    return Constants.value(name, arch);
  }

  /// The constants that an argument takes, as far as the catalog knows.
  ///
  /// @param argument the kernel's name
  public List<String> constants(String syscall, String argument) {
    return List.copyOf(Constants.takenBy(syscall, argument));
  }

  /// The arguments of a call by slot; empty if it takes none, is not on this architecture, or is not covered: a number
  /// that leads nowhere, or any call of mips and mipsel, whose slots follow another rule.
  public List<Argument> arguments(String syscall, Arch arch) {
    String kernelName = table(arch).kernelName(syscall);
    return kernelName == null ? List.of() : Arguments.of(kernelName, arch);
  }

  /// The argument with this name, as the kernel calls it or as the manual does (`dirfd` for `dfd`).
  public Optional<Argument> argument(String syscall, String name, Arch arch) {
    return Arguments.named(syscall, name, arguments(syscall, arch));
  }

  /// What the manual calls an argument; the kernel's name where it has no other.
  ///
  /// @param argument the kernel's name
  public String manualName(String syscall, String argument) {
    return Arguments.manualName(syscall, argument);
  }

  /// What a capability is needed for.
  public CapabilityInfo capability(Capability capability) {
    return CapabilityInfo.of(capability);
  }

  /// The names that someone may have meant, best first, at most 3: sets if the name starts with `@`, else calls. A set
  /// whose `@` was forgotten comes first.
  public List<String> suggestions(String wrongName) {
    if (sets().containsKey("@".concat(wrongName))) {
      return List.of("@".concat(wrongName));
    }
    return Suggestions.nearest(wrongName, wrongName.startsWith("@") ? sets().keySet() : SyscallRows.ALL.names());
  }

  /// The constants that someone may have meant, best first, at most 3.
  public List<String> constantSuggestions(String wrongName) {
    return Suggestions.nearest(wrongName, Constants.names());
  }
}
