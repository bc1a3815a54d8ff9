package dev.warder.policy;

import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression.Value;
import java.util.List;
import java.util.Optional;

/// Writes expressions back as text.
final class ExpressionText {
  private ExpressionText() {}

  static String render(Expression expression) {
    return switch (expression) {
      case Expression.Test test -> test(test);
      case Expression.In(String argument, Optional<Value> mask, List<Value> values) ->
          left(argument, mask) + " in [" + joined(values, ", ") + "]";
      case Expression.Not(Expression inner) -> "!(" + render(inner) + ")";
      case Expression.AllOf(List<Expression> terms) -> terms(terms, " && ");
      case Expression.AnyOf(List<Expression> terms) -> terms(terms, " || ");
    };
  }

  private static String test(Expression.Test test) {
    String left = left(test.argument(), test.mask());
    boolean anyBit = test.operator() == Operator.NE && test.value() instanceof Value.Number n && n.text().equals("0");
    return anyBit && test.mask().isPresent() ? left : left + " " + symbol(test.operator()) + " " + value(test.value());
  }

  private static String left(String argument, Optional<Value> mask) {
    return mask.isEmpty() ? argument : argument + " & " + value(mask.get());
  }

  private static String terms(List<Expression> terms, String operator) {
    StringBuilder out = new StringBuilder();
    for (Expression term : terms) {
      out.append(out.isEmpty() ? "" : operator);
      boolean group = term instanceof Expression.AllOf || term instanceof Expression.AnyOf;
      out.append(group ? "(" + render(term) + ")" : render(term));
    }
    return out.toString();
  }

  static String value(Value value) {
    return switch (value) {
      case Value.Number(long _, String text) -> text;
      case Value.Constant(String name) -> name;
      case Value.Union(List<Value> values) -> "(" + joined(values, " | ") + ")";
      case Value.Complement(Value inner) -> "~" + value(inner);
    };
  }

  private static String joined(List<Value> values, String separator) {
    StringBuilder out = new StringBuilder();
    for (Value value : values) {
      out.append(out.isEmpty() ? "" : separator).append(value(value));
    }
    return out.toString();
  }

  static String symbol(Operator operator) {
    return switch (operator) {
      case EQ -> "==";
      case NE -> "!=";
      case LT -> "<";
      case LE -> "<=";
      case GT -> ">";
      case GE -> ">=";
    };
  }
}
