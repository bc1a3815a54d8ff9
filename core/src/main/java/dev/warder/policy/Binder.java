package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Turns an [Expression] into the [Condition] of one architecture. Part of every start, so plain `instanceof`: a
/// pattern switch spins a class in a cold JVM.
final class Binder {
  private final String syscall;
  private final Arch arch;
  private boolean missing;

  Binder(String syscall, Arch arch) {
    this.syscall = syscall;
    this.arch = arch;
  }

  Optional<Condition> bind(Expression expression) {
    Condition condition = condition(expression);
    return missing ? Optional.empty() : Optional.of(condition);
  }

  private Condition condition(Expression expression) {
    if (expression instanceof Expression.Test test) {
      return test(test);
    }
    if (expression instanceof Expression.In in) {
      return in(in);
    }
    if (expression instanceof Expression.Not not) {
      return Conditions.not(condition(not.inner()));
    }
    if (expression instanceof Expression.AllOf all) {
      return Conditions.allOf(conditions(all.terms()));
    }
    return Conditions.anyOf(conditions(((Expression.AnyOf) expression).terms()));
  }

  private List<Condition> conditions(List<Expression> expressions) {
    var conditions = new ArrayList<Condition>(expressions.size());
    for (Expression expression : expressions) {
      conditions.add(condition(expression));
    }
    return conditions;
  }

  private Condition test(Expression.Test test) {
    Argument argument = argument(test.argument());
    return argument == null ? Conditions.NEVER : compare(argument, test.mask(), test.operator(), test.value());
  }

  private Condition in(Expression.In in) {
    Argument argument = argument(in.argument());
    if (argument == null) {
      return Conditions.NEVER;
    }
    var terms = new ArrayList<Condition>(in.values().size());
    for (Value value : in.values()) {
      terms.add(compare(argument, in.mask(), Operator.EQ, value));
    }
    return Conditions.anyOf(terms);
  }

  private Argument argument(String name) {
    Optional<Argument> found = Names.argument(syscall, name, arch);
    if (found.isPresent()) {
      return found.get();
    }
    int slot = Names.slot(name);
    if (slot >= 0 && Catalog.get().arguments(syscall, arch).isEmpty()) {
      return new Argument(slot, name, "long", 64, Argument.Kind.INT, Argument.Inspectable.YES);
    }
    missing = true;
    return null;
  }

  private Condition compare(Argument argument, Optional<Value> written, Operator operator, Value wanted) {
    long width = Names.mask(argument);
    long mask = width;
    if (written.isPresent()) {
      OptionalLong value = value(written.get());
      mask = value.isPresent() ? width & value.getAsLong() : 0;
    }
    OptionalLong value = value(wanted);
    if (value.isEmpty()) {
      return operator == Operator.NE ? Conditions.ALWAYS : Conditions.NEVER;
    }
    return Conditions.compare(argument.index(), mask, operator, fit(value.getAsLong(), width));
  }

  /// A negative value of the argument's width loses its sign extension; others stay as they are.
  private static long fit(long value, long width) {
    long signBit = (width >>> 1) + 1;
    boolean signExtended = width != -1L && value < 0 && value >= -signBit;
    return signExtended ? value & width : value;
  }

  /// Empty if the architecture lacks a constant.
  private OptionalLong value(Value value) {
    return value(value, arch);
  }

  static OptionalLong value(Value value, Arch arch) {
    if (value instanceof Value.Number number) {
      return OptionalLong.of(number.value());
    }
    if (value instanceof Value.Constant constant) {
      return Catalog.get().constant(constant.name(), arch);
    }
    if (value instanceof Value.Complement complement) {
      OptionalLong inner = value(complement.inner(), arch);
      return inner.isPresent() ? OptionalLong.of(~inner.getAsLong()) : inner;
    }
    long bits = 0;
    for (Value part : ((Value.Union) value).values()) {
      bits |= value(part, arch).orElse(0);
    }
    return OptionalLong.of(bits);
  }
}
