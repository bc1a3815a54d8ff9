package dev.warder.format.minijail;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Reads tests of arguments: alternatives of `&&`-joined comparisons with constants. A method returns null after noting
/// a problem.
///
/// `arg0 & MASK` asks whether any bit of the mask is set, `arg0 in MASK` whether no other is.
///
/// Source: `parse_argument_expression` and below in `tools/parser.py` of minijail, 0d443e792ae9; `bpf.py` there.
final class ArgumentParser {
  private static final int DEPTH = 32;
  /// Tests of one statement; a filter has room for some thousand instructions.
  private static final int TESTS = 1000;
  private static final Value ZERO = new Value.Number(0, "0");

  private final Tokens tokens;
  private final Collection<String> calls;
  private int tests;

  /// @param calls whose arguments they are
  ArgumentParser(Tokens tokens, Collection<String> calls) {
    this.tokens = tokens;
    this.calls = calls;
  }

  static boolean isArgument(String word) {
    return word.startsWith("arg") && word.length() > 3 && word.chars().skip(3).allMatch(c -> c >= '0' && c <= '9');
  }

  Expression expression() {
    var clauses = new ArrayList<Expression>();
    do {
      clauses.add(clause());
    } while (clauses.getLast() != null && tokens.skip("||"));
    return joined(clauses, false);
  }

  private Expression clause() {
    var atoms = new ArrayList<Expression>();
    do {
      atoms.add(atom());
    } while (atoms.getLast() != null && tokens.skip("&&"));
    return joined(atoms, true);
  }

  private static Expression joined(List<Expression> terms, boolean all) {
    if (terms.getLast() == null || terms.size() == 1) {
      return terms.getLast();
    }
    return all ? new Expression.AllOf(terms) : new Expression.AnyOf(terms);
  }

  private Expression atom() {
    if (++tests > TESTS) {
      return tokens.fail("too-many-tests", "more than " + TESTS + " tests", "no filter has room for them; use fewer");
    }
    String argument = argument();
    if (argument == null) {
      return null;
    }
    String operator = tokens.text();
    Operator comparison = comparison(operator);
    if (comparison == null && !operator.equals("&") && !operator.equals("in")) {
      return tokens.missing("==, !=, <, <=, >, >=, & or in");
    }
    tokens.next();
    Value value = value(0);
    if (value == null) {
      return null;
    }
    return switch (operator) {
      case "&" -> new Expression.Test(argument, Optional.of(value), Operator.NE, ZERO);
      case "in" -> new Expression.Test(argument, Optional.of(new Value.Complement(value)), Operator.EQ, ZERO);
      default -> new Expression.Test(argument, Optional.empty(), comparison, value);
    };
  }

  private String argument() {
    String word = tokens.text();
    if (!isArgument(word)) {
      return tokens.missing("arg0 to arg5");
    }
    if (word.length() != 4 || word.charAt(3) > '5') {
      return tokens.fail("bad-index", "a call has six arguments", "write arg0 to arg5");
    }
    for (String call : calls) {
      if (!hasArgument(call, word.charAt(3) - '0')) {
        return tokens.fail("bad-index", call + " has no " + word, "leave the test out");
      }
    }
    tokens.next();
    return word;
  }

  /// Whether some architecture's call has it, or none is known.
  private static boolean hasArgument(String call, int slot) {
    boolean known = false;
    for (Arch arch : Arch.values()) {
      List<Argument> arguments = Catalog.get().arguments(call, arch);
      known |= !arguments.isEmpty();
      for (Argument argument : arguments) {
        if (argument.index() == slot) {
          return true;
        }
      }
    }
    return !known;
  }

  private static Operator comparison(String symbol) {
    return switch (symbol) {
      case "==" -> Operator.EQ;
      case "!=" -> Operator.NE;
      case "<" -> Operator.LT;
      case "<=" -> Operator.LE;
      case ">" -> Operator.GT;
      case ">=" -> Operator.GE;
      default -> null;
    };
  }

  private Value value(int depth) {
    var parts = new ArrayList<Value>();
    do {
      parts.add(part(depth));
    } while (parts.getLast() != null && tokens.skip("|"));
    return parts.getLast() == null || parts.size() == 1 ? parts.getLast() : new Value.Union(parts);
  }

  private Value part(int depth) {
    if (depth > DEPTH) {
      return tokens.fail("expression-too-deep", "a value this deep", "use at most " + DEPTH + " levels");
    }
    if (tokens.skip("~")) {
      Value inner = part(depth + 1);
      return inner == null ? null : new Value.Complement(inner);
    }
    if (tokens.skip("(")) {
      Value inner = value(depth + 1);
      return inner != null && tokens.expect(")") ? inner : null;
    }
    if (!tokens.atWord()) {
      return tokens.missing("a number or the name of a constant");
    }
    return single();
  }

  /// A number as strtol reads it, or a constant.
  private Value single() {
    String word = tokens.text();
    Optional<Long> number = number(word);
    if (number.isPresent()) {
      tokens.next();
      return new Value.Number(number.get(), plain(word, number.get()));
    }
    if (!isConstant(word)) {
      List<String> near = Catalog.get().constantSuggestions(word);
      return tokens.fail("unknown-constant", "no kernel constant named '" + word + "'", near.isEmpty()
          ? "write its number, or a name of the kernel's headers" : "did you mean '" + near.getFirst() + "'?");
    }
    tokens.next();
    return new Value.Constant(word);
  }

  /// The number as Warder's own expressions may have it.
  private static String plain(String word, long value) {
    return word.startsWith("-") ? Long.toString(value) : "0x".concat(Long.toHexString(value));
  }

  static Optional<Long> number(String word) {
    boolean negative = word.startsWith("-");
    String digits = negative ? word.substring(1) : word;
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    boolean octal = digits.length() > 1 && digits.startsWith("0");
    if (digits.isEmpty() || digits.charAt(0) < '0' || digits.charAt(0) > '9') {
      return Optional.empty();
    }
    try {
      long value = hex ? Long.parseUnsignedLong(digits, 2, digits.length(), 16)
          : Long.parseUnsignedLong(digits, octal ? 8 : 10);
      return negative && value < 0 ? Optional.empty() : Optional.of(negative ? -value : value);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean isConstant(String name) {
    for (Arch arch : Arch.values()) {
      if (Catalog.get().constant(name, arch).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
