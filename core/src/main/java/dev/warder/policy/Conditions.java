package dev.warder.policy;

import dev.warder.catalog.Arch;
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

  /// A condition with the names of its call's arguments: `domain == AF_NETLINK && protocol == NETLINK_AUDIT`.
  ///
  /// @param syscall empty for a number without a name
  public static String text(Condition condition, String syscall, Arch arch) {
    return text(condition, new ArgumentText(Names.isSyscall(syscall) ? syscall : "", arch));
  }

  private static String text(Condition condition, ArgumentText names) {
    return switch (condition) {
      case Compare compare -> text(compare, names);
      case Not(Condition inner) -> "!(" + text(inner, names) + ")";
      case AllOf(List<Condition> terms) -> terms.isEmpty() ? "always" : text(terms, " && ", names);
      case AnyOf(List<Condition> terms) -> terms.isEmpty() ? "never" : anyOf(terms, names);
    };
  }

  /// `domain in [AF_UNIX, AF_INET]` where all terms ask for values of one argument.
  private static String anyOf(List<Condition> terms, ArgumentText names) {
    var values = new ArrayList<String>();
    for (Condition term : terms) {
      boolean alike = term instanceof Compare one && one.operator() == Operator.EQ
          && terms.getFirst() instanceof Compare first && one.index() == first.index() && one.mask() == first.mask();
      if (!alike) {
        return text(terms, " || ", names);
      }
      values.add(names.value(((Compare) term).index(), ((Compare) term).value()));
    }
    return left((Compare) terms.getFirst(), names) + " in [" + String.join(", ", values) + "]";
  }

  private static String text(List<Condition> terms, String operator, ArgumentText names) {
    StringBuilder out = new StringBuilder();
    for (Condition term : terms) {
      out.append(out.isEmpty() ? "" : operator);
      boolean group = term instanceof AllOf || term instanceof AnyOf;
      out.append(group ? "(" + text(term, names) + ")" : text(term, names));
    }
    return out.toString();
  }

  private static String text(Compare compare, ArgumentText names) {
    boolean anyBit = compare.operator() == Operator.NE && compare.value() == 0
        && compare.mask() != names.widthMask(compare.index());
    return anyBit ? left(compare, names) : left(compare, names) + " " + ExpressionText.symbol(compare.operator()) + " "
        + names.value(compare.index(), compare.value());
  }

  private static String left(Compare compare, ArgumentText names) {
    String name = names.name(compare.index());
    boolean whole = compare.mask() == names.widthMask(compare.index());
    return whole ? name : name + " & " + names.mask(compare.index(), compare.mask());
  }
}
