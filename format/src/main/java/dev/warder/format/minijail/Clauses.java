package dev.warder.format.minijail;

import dev.warder.policy.Condition;
import dev.warder.policy.Condition.AllOf;
import dev.warder.policy.Condition.AnyOf;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Not;
import dev.warder.policy.Condition.Operator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Writes conditions as minijail has them: alternatives of joined tests.
///
/// minijail compares whole registers. A comparison of some bits becomes tests of bits: `arg0 & B`, one of these is set,
/// and `arg0 in ~B`, none is.
final class Clauses {
  /// Alternatives of one call; a filter has room for some hundred.
  private static final int MOST = 128;
  /// A test that holds for every argument.
  private static final String ALWAYS = "arg0 in ~0x0";

  private Clauses() {}

  /// The condition; an empty text if it never holds, empty if it takes too many alternatives.
  static Optional<String> text(Condition condition) {
    List<Set<String>> clauses = clauses(condition, true);
    if (clauses == null) {
      return Optional.empty();
    }
    var texts = new LinkedHashSet<String>();
    for (Set<String> clause : clauses) {
      if (clause.isEmpty()) {
        return Optional.of(ALWAYS);
      }
      texts.add(String.join(" && ", clause));
    }
    return Optional.of(String.join(" || ", texts));
  }

  /// @param wanted whether the condition shall hold, or fail
  /// @return null for too many
  private static List<Set<String>> clauses(Condition condition, boolean wanted) {
    return switch (condition) {
      case Compare compare -> compare(compare, wanted ? compare.operator() : opposite(compare.operator()));
      case Not(Condition inner) -> clauses(inner, !wanted);
      case AllOf(List<Condition> terms) -> wanted ? all(terms, true) : any(terms, false);
      case AnyOf(List<Condition> terms) -> wanted ? any(terms, true) : all(terms, false);
    };
  }

  private static List<Set<String>> any(List<Condition> terms, boolean wanted) {
    var clauses = new ArrayList<Set<String>>();
    for (Condition term : terms) {
      List<Set<String>> more = clauses(term, wanted);
      if (more == null || clauses.size() + more.size() > MOST) {
        return null;
      }
      clauses.addAll(more);
    }
    return clauses;
  }

  private static List<Set<String>> all(List<Condition> terms, boolean wanted) {
    List<Set<String>> product = List.of(Set.of());
    for (Condition term : terms) {
      List<Set<String>> more = clauses(term, wanted);
      if (more == null || product.size() * more.size() > MOST) {
        return null;
      }
      var next = new ArrayList<Set<String>>();
      for (Set<String> clause : product) {
        for (Set<String> other : more) {
          var both = new LinkedHashSet<>(clause);
          both.addAll(other);
          next.add(both);
        }
      }
      product = next;
    }
    return product;
  }

  private static Operator opposite(Operator operator) {
    return switch (operator) {
      case EQ -> Operator.NE;
      case NE -> Operator.EQ;
      case LT -> Operator.GE;
      case LE -> Operator.GT;
      case GT -> Operator.LE;
      case GE -> Operator.LT;
    };
  }

  private static List<Set<String>> compare(Compare compare, Operator operator) {
    String argument = "arg" + compare.index();
    long mask = compare.mask();
    long value = compare.value();
    if (mask == -1L) {
      return List.of(Set.of(argument + " " + symbol(operator) + " " + hex(value)));
    }
    return switch (operator) {
      case EQ -> equal(argument, mask, value);
      case NE -> different(argument, mask, value);
      case GT -> greater(argument, mask, value);
      case GE -> value == 0 ? List.of(Set.of()) : greater(argument, mask, value - 1);
      case LT -> value == 0 ? List.of() : less(argument, mask, value);
      case LE -> value == -1L ? List.of(Set.of()) : less(argument, mask, value + 1);
    };
  }

  private static List<Set<String>> equal(String argument, long mask, long value) {
    if ((value & ~mask) != 0) {
      return List.of();
    }
    var clause = new LinkedHashSet<String>();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((value >>> i & 1) != 0) {
        clause.add(argument + " & " + hex(1L << i));
      }
    }
    if ((mask & ~value) != 0) {
      clause.add(none(argument, mask & ~value));
    }
    return List.of(clause);
  }

  private static List<Set<String>> different(String argument, long mask, long value) {
    if ((value & ~mask) != 0) {
      return List.of(Set.of());
    }
    var clauses = new ArrayList<Set<String>>();
    if ((mask & ~value) != 0) {
      clauses.add(Set.of(argument + " & " + hex(mask & ~value)));
    }
    for (int i = 0; i < Long.SIZE; i++) {
      if ((value >>> i & 1) != 0) {
        clauses.add(Set.of(none(argument, 1L << i)));
      }
    }
    return clauses;
  }

  /// From the highest bit down: all that the value has, until one that it lacks.
  private static List<Set<String>> greater(String argument, long mask, long value) {
    var clauses = new ArrayList<Set<String>>();
    var above = new LinkedHashSet<String>();
    for (int i = Long.SIZE - 1; i >= 0; i--) {
      boolean tested = (mask >>> i & 1) != 0;
      String set = argument + " & " + hex(1L << i);
      if ((value >>> i & 1) == 0) {
        if (tested) {
          var clause = new LinkedHashSet<>(above);
          clause.add(set);
          clauses.add(clause);
        }
      } else if (tested) {
        above.add(set);
      } else {
        return clauses;
      }
    }
    return clauses;
  }

  /// From the highest bit down: none that the value lacks, until one that it has.
  private static List<Set<String>> less(String argument, long mask, long value) {
    var clauses = new ArrayList<Set<String>>();
    long clear = 0;
    for (int i = Long.SIZE - 1; i >= 0; i--) {
      if ((value >>> i & 1) != 0) {
        long bits = (clear | 1L << i) & mask;
        clauses.add(bits == 0 ? Set.of() : Set.of(none(argument, bits)));
      } else {
        clear |= 1L << i;
      }
    }
    return clauses;
  }

  private static String none(String argument, long bits) {
    return argument + " in ~" + hex(bits);
  }

  private static String symbol(Operator operator) {
    return switch (operator) {
      case EQ -> "==";
      case NE -> "!=";
      case LT -> "<";
      case LE -> "<=";
      case GT -> ">";
      case GE -> ">=";
    };
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
