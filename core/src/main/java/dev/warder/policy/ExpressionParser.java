package dev.warder.policy;

import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Recursive descent over `||`, `&&`, `!`, parentheses and tests. A method returns null after noting a problem.
final class ExpressionParser {
  /// Longest condition in characters. A filter has room for some thousand instructions; this is far beyond it.
  private static final int LENGTH = 8192;

  /// The value of a test that has no operator, told from a written 0 by identity.
  private static final Value ANY_BIT = new Value.Number(0, "0");

  private final String syscall;
  private final Source source;
  private final int from;
  private final int to;
  private final List<Problem> problems = new ArrayList<>();
  private final Lexer lexer;
  private final ValueParser values;

  ExpressionParser(String syscall, Source source, int from, int to) {
    this.syscall = syscall;
    this.source = source;
    this.from = from;
    this.to = to;
    this.lexer = new Lexer(source.text(), from, to);
    this.values = new ValueParser(lexer, source, problems);
  }

  Parsed<Expression> parse() {
    if (to - from > LENGTH) {
      values.fail("expression-too-long", "a condition of " + (to - from) + " characters", "use at most " + LENGTH);
      return new Parsed.Rejected<>(problems);
    }
    Expression expression = anyOf(0);
    if (expression != null && !lexer.at(Lexer.END)) {
      values.wanted("&&, || or the end of the condition");
    }
    return Parsed.of(expression, problems);
  }

  private Expression anyOf(int depth) {
    Expression first = allOf(depth);
    if (first == null || !lexer.at("||")) {
      return first;
    }
    var terms = new ArrayList<Expression>();
    terms.add(first);
    while (lexer.skip("||")) {
      terms.add(allOf(depth));
    }
    return terms.contains(null) ? null : new Expression.AnyOf(terms);
  }

  private Expression allOf(int depth) {
    Expression first = unary(depth);
    if (first == null || !lexer.at("&&")) {
      return first;
    }
    var terms = new ArrayList<Expression>();
    terms.add(first);
    while (lexer.skip("&&")) {
      terms.add(unary(depth));
    }
    return terms.contains(null) ? null : new Expression.AllOf(terms);
  }

  private Expression unary(int depth) {
    if (depth > ValueParser.DEPTH) {
      return values.fail(
          "expression-too-deep", "a condition this deep", "use at most " + ValueParser.DEPTH + " levels");
    }
    if (lexer.skip("!")) {
      Expression inner = unary(depth + 1);
      return inner == null ? null : new Expression.Not(inner);
    }
    if (lexer.skip("(")) {
      Expression inner = anyOf(depth + 1);
      return inner != null && values.expect(")") ? comparedGroup(inner) : null;
    }
    return test();
  }

  /// `(flags & MASK) == VALUE`: what looked like a test of its own is the left side of one.
  private Expression comparedGroup(Expression inner) {
    boolean compared = operator() != null || atIn();
    if (!compared) {
      return inner;
    }
    if (inner instanceof Expression.Test test && test.value() == ANY_BIT) {
      return comparison(test.argument(), test.mask());
    }
    return values.wanted("&&, || or the end: only an argument can be compared");
  }

  private Expression test() {
    if (!lexer.at(Lexer.NAME)) {
      return values.wanted("an argument of " + syscall);
    }
    String argument = argument();
    if (argument == null) {
      return null;
    }
    Optional<Value> mask = Optional.empty();
    if (lexer.skip("&")) {
      Value value = values.value(0);
      if (value == null) {
        return null;
      }
      mask = Optional.of(value);
    }
    return comparison(argument, mask);
  }

  private String argument() {
    String name = lexer.word();
    if (!Names.isArgument(syscall, name)) {
      String what = "'" + name + "' is no argument of " + syscall;
      return values.fail("unknown-argument", what, Names.argumentHint(syscall, name));
    }
    lexer.next();
    return name;
  }

  private Expression comparison(String argument, Optional<Value> mask) {
    if (atIn()) {
      lexer.next();
      List<Value> list = list();
      return list == null ? null : new Expression.In(argument, mask, list);
    }
    Operator operator = operator();
    if (operator == null) {
      return new Expression.Test(argument, mask, Operator.NE, ANY_BIT);
    }
    lexer.next();
    Value value = values.value(0);
    return value == null ? null : new Expression.Test(argument, mask, operator, value);
  }

  private List<Value> list() {
    if (!values.expect("[")) {
      return null;
    }
    var list = new ArrayList<Value>();
    do {
      list.add(values.value(0));
    } while (list.getLast() != null && lexer.skip(","));
    return list.getLast() != null && values.expect("]") ? list : null;
  }

  private boolean atIn() {
    return lexer.at(Lexer.NAME) && lexer.word().equals("in");
  }

  private Operator operator() {
    return switch (lexer.kind) {
      case "==" -> Operator.EQ;
      case "!=" -> Operator.NE;
      case "<" -> Operator.LT;
      case "<=" -> Operator.LE;
      case ">" -> Operator.GT;
      case ">=" -> Operator.GE;
      default -> null;
    };
  }
}
