package dev.warder.policy;

import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression.Value;
import java.util.List;
import java.util.Optional;

/// Writes expressions back as text. Outcomes quote them, so this is part of every start: plain `instanceof`.
final class ExpressionText {
  private ExpressionText() {}

  static String render(Expression expression) {
    if (expression instanceof Expression.Test test) {
      return test(test);
    }
    if (expression instanceof Expression.In in) {
      return left(in.argument(), in.mask()) + " in [" + joined(in.values(), ", ") + "]";
    }
    if (expression instanceof Expression.Not not) {
      return "!(" + render(not.inner()) + ")";
    }
    return expression instanceof Expression.AllOf all
        ? terms(all.terms(), " && ")
        : terms(((Expression.AnyOf) expression).terms(), " || ");
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

  private static String value(Value value) {
    if (value instanceof Value.Number number) {
      return number.text();
    }
    if (value instanceof Value.Constant constant) {
      return constant.name();
    }
    return value instanceof Value.Complement complement
        ? "~" + value(complement.inner())
        : "(" + joined(((Value.Union) value).values(), " | ") + ")";
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
