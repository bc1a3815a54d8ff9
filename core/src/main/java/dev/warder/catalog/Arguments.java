package dev.warder.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks arguments up in `arguments.csv`, and their names in the manual in `argument-aliases.csv`.
///
/// The files are searched in place: a policy inspects a handful of calls, and the rest is never parsed.
final class Arguments {
  // The columns after the call and its architectures.
  private static final int INDEX = 0;
  private static final int NAME = 1;
  private static final int TYPE = 2;
  private static final int WIDTH = 3;
  private static final int KIND = 4;
  private static final int INSPECTABLE = 5;

  private static final Text ROWS = Text.resource("arguments.csv");

  private Arguments() {}

  static List<Argument> of(String syscall, Arch arch) {
    var arguments = new ArrayList<Argument>(6);
    int line = ROWS.find(syscall);
    while (line >= 0 && ROWS.startsWith(line, syscall)) {
      int arches = line + syscall.length() + 1;
      int end = ROWS.fieldEnd(arches, ',');
      if (ROWS.bytes[end + 1] != ',' && ROWS.hasWord(arches, end, arch.table())) {
        arguments.add(argument(ROWS.fields(end + 1), arch));
      }
      line = ROWS.nextLine(end);
    }
    return List.copyOf(arguments);
  }

  /// The one of these that the kernel, or else the manual, calls so.
  static Optional<Argument> named(String syscall, String name, List<Argument> arguments) {
    for (Argument argument : arguments) {
      if (argument.name().equals(name)) {
        return Optional.of(argument);
      }
    }
    String kernelName = arguments.isEmpty() ? null : Aliases.kernelName(syscall, name);
    return kernelName == null ? Optional.empty() : named(syscall, kernelName, arguments);
  }

  /// The manual's first name of what the kernel calls so.
  static String manualName(String syscall, String kernelName) {
    int line = Aliases.ROWS.find(syscall);
    if (line >= 0) {
      for (String pair : Text.words(Aliases.ROWS.fields(line).get(1))) {
        int equals = pair.indexOf('=');
        if (pair.substring(equals + 1).equals(kernelName)) {
          return pair.substring(0, equals);
        }
      }
    }
    return kernelName;
  }

  private static Argument argument(List<String> row, Arch arch) {
    Argument.Kind kind = kind(row.get(KIND));
    return new Argument(Integer.parseInt(row.get(INDEX)), row.get(NAME), row.get(TYPE),
        width(Integer.parseInt(row.get(WIDTH)), kind, arch), kind, inspectable(row.get(INSPECTABLE)));
  }

  /// How many bits of the register reach the kernel's code.
  ///
  /// - On x86, arm and mips every register has 32 bits. A 64-bit program that enters by `int 0x80` can leave bits above
  ///   them where the filter sees them and the kernel does not.
  /// - x32 and mips64n32 have 32-bit longs, but their programs run in 64-bit mode and most of their calls enter the
  ///   very functions of the 64-bit ABI, which read the whole register. The file has rows of its own where they do not.
  /// - `mmap`, `preadv` and others take a file descriptor as a long, and look it up as an `unsigned int`; `ptrace` does
  ///   so with a process id.
  private static int width(int declared, Argument.Kind kind, Arch arch) {
    return switch (arch) {
      case X86, ARM, MIPS, MIPSEL -> Math.min(declared, 32);
      default -> kind == Argument.Kind.FD || kind == Argument.Kind.PID ? Math.min(declared, 32) : declared;
    };
  }

  private static Argument.Kind kind(String word) {
    for (Argument.Kind kind : Argument.Kind.values()) {
      if (kind.name().equalsIgnoreCase(word)) {
        return kind;
      }
    }
    if (word.equals("pointer-or-value")) {
      return Argument.Kind.POINTER_OR_VALUE;
    }
    throw new IllegalStateException("arguments.csv has an unknown kind: ".concat(word));
  }

  private static Argument.Inspectable inspectable(String word) {
    return switch (word) {
      case "yes" -> Argument.Inspectable.YES;
      case "by-op" -> Argument.Inspectable.BY_OPERATION;
      default -> Argument.Inspectable.NO;
    };
  }

  /// Loaded only when a name is not the kernel's.
  private static final class Aliases {
    private static final Text ROWS = Text.resource("argument-aliases.csv");

    /// The kernel's name of an argument that the manual calls otherwise, or null.
    static String kernelName(String syscall, String manualName) {
      int line = ROWS.find(syscall);
      if (line < 0) {
        return null;
      }
      for (String pair : Text.words(ROWS.fields(line).get(1))) {
        int equals = pair.indexOf('=');
        if (pair.substring(0, equals).equals(manualName)) {
          return pair.substring(equals + 1);
        }
      }
      return null;
    }
  }
}
