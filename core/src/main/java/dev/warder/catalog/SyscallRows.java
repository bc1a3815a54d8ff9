package dev.warder.catalog;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The rows of `syscalls.csv`, which all tables share.
///
/// Names and numbers are parsed once; the other columns are read only for the row that someone asks for.
final class SyscallRows {
  static final SyscallRows ALL = new SyscallRows(Text.resource("syscalls.csv"));

  // The columns after the numbers, counted from there.
  private static final int SINCE = 0;
  private static final int REMOVED = 1;
  private static final int UNIMPLEMENTED = 2;
  private static final int ALIAS = 3;

  private final Text text;
  private final List<String> header;
  private final int columns;
  private final List<String> names = new ArrayList<>(600);
  /// Where in the text the columns after the numbers start.
  private final List<Integer> tails = new ArrayList<>(600);
  private final List<int[]> numbers = new ArrayList<>(600);
  private final Map<String, Integer> rows = HashMap.newHashMap(600);
  private final List<Integer> aliased = new ArrayList<>();

  private SyscallRows(Text text) {
    this.text = text;
    this.header = text.fields(text.start);
    this.columns = header.indexOf("since");
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
    int tail = numbers(end + 1);
    tails.add(tail);
    int newline = text.fieldEnd(tail, '\n');
    if (text.bytes[newline - 1] != ',') {
      aliased.add(names.size() - 1);
    }
    return newline + 1;
  }

  /// Adds the numbers that start here and returns where the columns after them do. One loop without a call, since all
  /// of the file passes through it in a JVM that interprets.
  private int numbers(int from) {
    byte[] bytes = text.bytes;
    var row = new int[columns];
    int at = from;
    for (int column = 1; column < row.length; column++) {
      int value = bytes[at] == ',' ? -1 : 0;
      for (byte digit = bytes[at++]; digit != ','; digit = bytes[at++]) {
        value = 10 * value + digit - '0';
      }
      row[column] = value;
    }
    numbers.add(row);
    return at;
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
      if (number(row, column) >= 0 && tail(row).get(ALIAS).equals(alias)) {
        return row;
      }
    }
    return -1;
  }

  boolean unimplemented(int row, String table) {
    return Text.words(tail(row).get(UNIMPLEMENTED)).contains(table);
  }

  Syscall syscall(int row) {
    List<String> tail = tail(row);
    return new Syscall(names.get(row), nonEmpty(tail.get(SINCE)), nonEmpty(tail.get(REMOVED)),
        arches(Text.words(tail.get(UNIMPLEMENTED))));
  }

  private static Set<Arch> arches(List<String> tables) {
    if (tables.isEmpty()) {
      return Set.of();
    }
    var arches = EnumSet.noneOf(Arch.class);
    for (Arch arch : Arch.values()) {
      if (tables.contains(arch.table())) {
        arches.add(arch);
      }
    }
    return arches;
  }

  private List<String> tail(int row) {
    return text.fields(tails.get(row));
  }

  private static Optional<String> nonEmpty(String field) {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
