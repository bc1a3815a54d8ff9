package dev.warder.catalog;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The rows of `syscalls.csv`, which all tables share.
///
/// Names and numbers are parsed once; the other columns are read only for the row that someone asks for.
final class SyscallRows {
  static final SyscallRows ALL = new SyscallRows(Text.resource("syscalls.csv"));

  // The columns after the numbers, counted from the right end of a row.
  private static final int SINCE = 4;
  private static final int REMOVED = 3;
  private static final int UNIMPLEMENTED = 2;
  private static final int ALIAS = 1;

  private final Text text;
  private final List<String> header;
  private final List<String> names = new ArrayList<>(600);
  private final List<Integer> lines = new ArrayList<>(600);
  private final List<int[]> numbers = new ArrayList<>(600);
  private final Map<String, Integer> rows = HashMap.newHashMap(600);
  private final List<Integer> aliased = new ArrayList<>();

  private SyscallRows(Text text) {
    this.text = text;
    this.header = text.fields(text.start);
    int line = text.nextLine(text.start);
    while (line < text.bytes.length) {
      line = parse(line);
    }
  }

  private int parse(int line) {
    int end = text.fieldEnd(line, ',');
    String name = text.string(line, end);
    rows.put(name, names.size());
    names.add(name);
    lines.add(line);
    var row = new int[header.size() - ALIAS - SINCE + 1];
    for (int column = 1; column < row.length; column++) {
      int from = end + 1;
      end = text.fieldEnd(from, ',');
      row[column] = text.number(from, end);
    }
    numbers.add(row);
    int newline = text.fieldEnd(end, '\n');
    if (text.bytes[newline - 1] != ',') {
      aliased.add(names.size() - 1);
    }
    return newline + 1;
  }

  int size() {
    return names.size();
  }

  List<String> names() {
    return names;
  }

  /// Row of a name, or -1.
  int row(String name) {
    Integer row = rows.get(name);
    return row == null ? -1 : row;
  }

  /// The column of an architecture's table.
  int column(Arch arch) {
    return header.indexOf(arch.table());
  }

  /// The number in this row and column, or -1.
  int number(int row, int column) {
    return numbers.get(row)[column];
  }

  /// The row that has this name as its second name and a number in this column, or -1.
  int aliasRow(String alias, int column) {
    for (int row : aliased) {
      if (number(row, column) >= 0 && last(row, ALIAS).equals(alias)) {
        return row;
      }
    }
    return -1;
  }

  boolean unimplemented(int row, String table) {
    return Text.words(last(row, UNIMPLEMENTED)).contains(table);
  }

  Syscall syscall(int row) {
    List<String> tables = Text.words(last(row, UNIMPLEMENTED));
    var unimplemented = EnumSet.noneOf(Arch.class);
    for (Arch arch : Arch.values()) {
      if (tables.contains(arch.table())) {
        unimplemented.add(arch);
      }
    }
    return new Syscall(names.get(row), nonEmpty(last(row, SINCE)), nonEmpty(last(row, REMOVED)), unimplemented);
  }

  private String last(int row, int column) {
    List<String> fields = text.fields(lines.get(row));
    return fields.get(fields.size() - column);
  }

  private static Optional<String> nonEmpty(String field) {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
