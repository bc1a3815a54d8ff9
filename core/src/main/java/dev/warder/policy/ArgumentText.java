package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Words one call's arguments and their values, by the names that the manual and the kernel's headers give them.
///
/// What it writes is the syntax of [Expression]: read back, it means the same.
public final class ArgumentText {
  /// Second names of values that are better known by their first.
  private static final Set<String> LESS_KNOWN =
      Set.of("AF_LOCAL", "AF_ROUTE", "EWOULDBLOCK", "EDEADLOCK", "SIGIOT", "SIGPOLL", "SIGCLD", "O_FSYNC", "O_RSYNC");
  /// Arguments whose values mean what another argument says.
  private static final Set<String> DECIDED_BY_OTHERS = Set.of("protocol", "optname");
  private static final int MOST_NAMES = 12;

  private final String syscall;
  private final Arch arch;
  private final Argument[] arguments = new Argument[6];
  private final Map<Integer, Map<Long, String>> constants = new HashMap<>();

  /// @param syscall empty for a number without a name
  public ArgumentText(String syscall, Arch arch) {
    this.syscall = syscall;
    this.arch = arch;
    for (int index = 0; index < arguments.length; index++) {
      arguments[index] = syscall.isEmpty()
          ? null
          : Names.argument(syscall, "arg".concat(Integer.toString(index)), arch).orElse(null);
    }
  }

  /// `domain`, or `arg0` where the catalog has no name.
  public String name(int index) {
    String slot = "arg".concat(Integer.toString(index));
    if (arguments[index] == null || arguments[index].type().isEmpty()) {
      return slot;
    }
    String name = Catalog.get().manualName(syscall, arguments[index].name());
    return Names.slot(name) >= 0 ? slot : name;                     // prctl(2) counts from 1, slots from 0
  }

  /// How many low bits of the register the kernel reads; all 64 where the catalog does not say.
  public int width(int index) {
    return arguments[index] == null ? Long.SIZE : arguments[index].width();
  }

  /// The bits that the kernel reads.
  public long widthMask(int index) {
    return arguments[index] == null ? -1L : Names.mask(arguments[index]);
  }

  /// A value: `AF_UNIX`, `O_RDWR | O_CLOEXEC`, `8`, `0x1000`.
  public String value(int index, long value) {
    String name = constants(index).get(value);
    if (name != null) {
      return name;
    }
    String names = names(index, value);
    return names != null ? names : number(value);
  }

  /// A mask: `(CLONE_NEWUSER | CLONE_NEWNS)`, `~CLONE_FS`, `0xff`.
  public String mask(int index, long mask) {
    String one = constants(index).get(mask);
    String names = one != null ? one : names(index, mask);
    if (names == null) {
      String rest = names(index, widthMask(index) & ~mask);
      return rest == null ? number(mask) : rest.indexOf('|') < 0 ? "~" + rest : "~(" + rest + ")";
    }
    return names.indexOf('|') < 0 ? names : "(" + names + ")";
  }

  /// The single-bit constants that make up the value, or null if they do not.
  private String names(int index, long value) {
    if (arguments[index] == null || arguments[index].kind() != Argument.Kind.FLAGS) {
      return null;
    }
    var names = new ArrayList<String>();
    for (long rest = value; rest != 0; rest &= rest - 1) {
      String name = constants(index).get(Long.lowestOneBit(rest));
      if (name == null || names.size() == MOST_NAMES) {
        return null;
      }
      names.add(name);
    }
    return names.isEmpty() ? null : String.join(" | ", names);
  }

  /// The names of values; none where two mean different things, as a protocol does in different families.
  private Map<Long, String> constants(int index) {
    return constants.computeIfAbsent(index, _ -> arguments[index] == null ? Map.of() : named(arguments[index]));
  }

  private Map<Long, String> named(Argument argument) {
    var names = new HashMap<Long, String>();
    for (String constant : taken(argument)) {
      OptionalLong value = Catalog.get().constant(constant, arch);
      long mask = Names.mask(argument);
      boolean fits = value.isPresent() && ((value.getAsLong() & ~mask) == 0 || (value.getAsLong() | mask) == -1);
      if (fits && !LESS_KNOWN.contains(constant)) {
        boolean byOther = argument.inspectable() == Argument.Inspectable.BY_OPERATION
            || DECIDED_BY_OTHERS.contains(argument.name());
        names.merge(value.getAsLong() & mask, constant, byOther ? ArgumentText::same : ArgumentText::shorter);
      }
    }
    names.values().removeIf(String::isEmpty);
    return names;
  }

  private List<String> taken(Argument argument) {
    List<String> taken = Catalog.get().constants(syscall, argument.name());
    return taken.isEmpty() && argument.kind() == Argument.Kind.DIRFD ? List.of("AT_FDCWD") : taken;
  }

  private static String shorter(String one, String other) {
    return other.length() < one.length() ? other : one;
  }

  /// Empty for names of two families, which only other arguments tell apart.
  private static String same(String one, String other) {
    return !one.isEmpty() && prefix(one).equals(prefix(other)) ? shorter(one, other) : "";
  }

  private static String prefix(String constant) {
    return constant.substring(0, Math.max(0, constant.indexOf('_')));
  }

  public static String number(long value) {
    return value >= 0 && value < 256 ? Long.toString(value) : "0x" + Long.toHexString(value);
  }
}
