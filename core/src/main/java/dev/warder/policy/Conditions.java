package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Not;
import dev.warder.policy.Condition.Operator;
import java.util.ArrayList;
import java.util.List;

/// Builds conditions without needless parts, and writes them as text.
public final class Conditions {
  /// Holds for no arguments.
  public static final Condition NEVER = new AnyOf(List.of());
  /// Holds for all arguments.
  public static final Condition ALWAYS = new AllOf(List.of());

  private Conditions() {}

  static boolean isNever(Condition condition) {
    return condition instanceof AnyOf any && any.terms().isEmpty();
  }

  static boolean isAlways(Condition condition) {
    return condition instanceof AllOf all && all.terms().isEmpty();
  }

  /// A comparison, or what it comes to whatever the argument is.
  static Condition compare(int index, long mask, Operator operator, long value) {
    boolean above = Long.compareUnsigned(value, mask) > 0;
    boolean unreachable = above || (value & ~mask) != 0;
    return switch (operator) {
      case EQ -> unreachable ? NEVER : mask == 0 ? ALWAYS : new Compare(index, mask, operator, value);
      case NE -> unreachable ? ALWAYS : mask == 0 ? NEVER : new Compare(index, mask, operator, value);
      case LT -> value == 0 ? NEVER : above ? ALWAYS : new Compare(index, mask, operator, value);
      case LE -> above || value == mask ? ALWAYS : new Compare(index, mask, operator, value);
      case GT -> above || value == mask ? NEVER : new Compare(index, mask, operator, value);
      case GE -> value == 0 ? ALWAYS : above ? NEVER : new Compare(index, mask, operator, value);
    };
  }

  static Condition not(Condition inner) {
    if (isNever(inner)) {
      return ALWAYS;
    }
    if (isAlways(inner)) {
      return NEVER;
    }
    return inner instanceof Not not ? not.inner() : new Not(inner);
  }

  static Condition allOf(List<Condition> terms) {
    var kept = new ArrayList<Condition>(terms.size());
    for (Condition term : terms) {
      if (isNever(term)) {
        return NEVER;
      }
      if (!isAlways(term)) {
        kept.add(term);
      }
    }
    return kept.size() == 1 ? kept.getFirst() : new AllOf(kept);
  }

  static Condition anyOf(List<Condition> terms) {
    var kept = new ArrayList<Condition>(terms.size());
    for (Condition term : terms) {
      if (isAlways(term)) {
        return ALWAYS;
      }
      if (!isNever(term)) {
        kept.add(term);
      }
    }
    return kept.size() == 1 ? kept.getFirst() : new AnyOf(kept);
  }

  /// A condition with the argument names of its call: `family == 16 && protocol == 9`.
  ///
  /// @param syscall empty for a number without a name
  public static String text(Condition condition, String syscall, Arch arch) {
    return switch (condition) {
      case Compare compare -> text(compare, syscall, arch);
      case Not(Condition inner) -> "!(" + text(inner, syscall, arch) + ")";
      case AllOf(List<Condition> terms) -> terms.isEmpty() ? "always" : text(terms, " && ", syscall, arch);
      case AnyOf(List<Condition> terms) -> terms.isEmpty() ? "never" : text(terms, " || ", syscall, arch);
    };
  }

  private static String text(List<Condition> terms, String operator, String syscall, Arch arch) {
    StringBuilder out = new StringBuilder();
    for (Condition term : terms) {
      out.append(out.isEmpty() ? "" : operator);
      boolean group = term instanceof AllOf || term instanceof AnyOf;
      out.append(group ? "(" + text(term, syscall, arch) + ")" : text(term, syscall, arch));
    }
    return out.toString();
  }

  private static String text(Compare compare, String syscall, Arch arch) {
    String name = "arg" + compare.index();
    long width = -1L;
    for (Argument argument : Catalog.get().arguments(syscall, arch)) {
      if (argument.index() == compare.index()) {
        name = argument.name();
        width = Names.mask(argument);
      }
    }
    String left = compare.mask() == width ? name : name + " & " + number(compare.mask());
    return left + " " + ExpressionText.symbol(compare.operator()) + " " + number(compare.value());
  }

  private static String number(long value) {
    return value >= 0 && value < 256 ? Long.toString(value) : "0x" + Long.toHexString(value);
  }
}
