package dev.warder.policy;

import dev.warder.catalog.Catalog;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.List;

/// Reads values: `O_RDWR | O_CLOEXEC`, `~CLONE_FS`, `-100`, `0x20000`, `0644`.
final class ValueParser {
  /// How deep parentheses may nest; a person needs three.
  static final int DEPTH = 32;

  private final Lexer lexer;
  private final Source source;
  private final List<Problem> problems;

  ValueParser(Lexer lexer, Source source, List<Problem> problems) {
    this.lexer = lexer;
    this.source = source;
    this.problems = problems;
  }

  /// The value at the current token, or null after noting a problem.
  Value value(int depth) {
    Value first = part(depth);
    if (first == null || !lexer.at("|")) {
      return first;
    }
    var parts = new ArrayList<Value>();
    parts.add(first);
    while (lexer.skip("|")) {
      Value part = part(depth);
      if (part == null) {
        return null;
      }
      parts.add(part);
    }
    return new Value.Union(parts);
  }

  private Value part(int depth) {
    if (depth > DEPTH) {
      return fail("expression-too-deep", "a condition this deep", "use at most " + DEPTH + " levels");
    }
    if (lexer.skip("~")) {
      Value inner = part(depth + 1);
      return inner == null ? null : new Value.Complement(inner);
    }
    if (lexer.skip("(")) {
      Value inner = value(depth + 1);
      return inner != null && expect(")") ? inner : null;
    }
    if (lexer.skip("-")) {
      return lexer.at(Lexer.NUMBER) ? number(true) : wanted("a number after -");
    }
    if (lexer.at(Lexer.NUMBER)) {
      return number(false);
    }
    return lexer.at(Lexer.NAME) ? constant() : wanted("a number or the name of a constant");
  }

  /// What to write instead of a constant that the catalog lacks.
  private static String constantHint(String name) {
    List<String> near = Catalog.get().constantSuggestions(name);
    return near.isEmpty() ? "write its number, or a name of the kernel's headers" : "did you mean '" + near.getFirst() + "'?";
  }

  private Value constant() {
    String name = lexer.word();
    if (Names.isConstant(name)) {
      lexer.next();
      return new Value.Constant(name);
    }
    return fail("unknown-constant", "no kernel constant named '" + name + "'", constantHint(name));
  }

  private Value number(boolean negative) {
    String word = lexer.word();
    long value;
    try {
      value = unsigned(word);
    } catch (NumberFormatException e) {
      return fail("expression-syntax", "'" + word + "' is no number of 64 bits", "write it as 10, 0x1f or 0644");
    }
    lexer.next();
    return negative ? new Value.Number(-value, "-".concat(word)) : new Value.Number(value, word);
  }

  private static long unsigned(String word) {
    if (word.startsWith("0x") || word.startsWith("0X")) {
      return Long.parseUnsignedLong(word, 2, word.length(), 16);
    }
    boolean octal = word.length() > 1 && word.charAt(0) == '0';
    return Long.parseUnsignedLong(word, octal ? 8 : 10);
  }

  boolean expect(String kind) {
    if (lexer.skip(kind)) {
      return true;
    }
    wanted("'" + kind + "'");
    return false;
  }

  /// Notes that something else should stand here.
  <T> T wanted(String what) {
    String found = lexer.at(Lexer.END) ? "the end" : "'" + lexer.word() + "'";
    return fail("expression-syntax", "found " + found + " instead of " + what, "write " + what + " here");
  }

  <T> T fail(String code, String what, String fix) {
    problems.add(source.problem(code, lexer.start, lexer.end, what, fix));
    return null;
  }
}
