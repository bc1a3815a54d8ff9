package dev.warder.format.convert;

import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Decision;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes [Diagram]s and combines them.
///
/// The compiler has diagrams that ask for ranges, which is shorter; here masks and ranges must be taken apart to the
/// bits, so that rules can be made of them which do not overlap.
public final class Diagrams {
  /// Nodes and combinations; a policy that needs more has no use for people.
  private static final int LIMIT = 1 << 20;

  private final Diagram yes = new Diagram(Diagram.END, null, null, null);
  private final Diagram no = new Diagram(Diagram.END, null, null, null);
  private final Map<Action, Diagram> ends = new HashMap<>();
  private final Map<Inner, Diagram> inner = new HashMap<>();
  private final Map<Choice, Diagram> chosen = new HashMap<>();
  private final Map<Diagram, Diagram> halved = new HashMap<>();

  private record Inner(int place, Diagram zero, Diagram one) {}

  private record Choice(Diagram test, Diagram then, Diagram otherwise) {}

  /// What a decision comes to for all arguments.
  ///
  /// @throws TooComplexException if it takes too much
  public Diagram of(Decision decision) {
    Diagram result = end(decision.otherwise().action());
    for (Decision.Case c : decision.cases().reversed()) {
      result = choose(condition(c.when()), end(c.then().action()), result);
    }
    return result;
  }

  /// A decision that asks for nothing.
  public Diagram end(Action action) {
    return ends.computeIfAbsent(action, a -> new Diagram(Diagram.END, null, null, a));
  }

  /// Whether for some arguments `written` lets through what `wanted` denies, or hides what `wanted` would show.
  public boolean exceeds(Diagram written, Diagram wanted) {
    return written != wanted && exceeds(written, wanted, new HashSet<>());
  }

  private static boolean exceeds(Diagram written, Diagram wanted, Set<Choice> seen) {
    if (written == wanted || !seen.add(new Choice(written, wanted, null))) {
      return false;
    }
    if (written.end() && wanted.end()) {
      return Strictness.wider(written.action, wanted.action);
    }
    int place = Math.min(written.place, wanted.place);
    return exceeds(zero(written, place), zero(wanted, place), seen)
        || exceeds(one(written, place), one(wanted, place), seen);
  }

  /// The diagram for registers whose upper halves are zero, as 32-bit programs leave them.
  public Diagram lowHalves(Diagram diagram) {
    if (diagram.end()) {
      return diagram;
    }
    Diagram known = halved.get(diagram);
    if (known == null) {
      Diagram zero = lowHalves(diagram.zero);
      known = diagram.bit() >>> 32 != 0 ? zero : node(diagram.place, zero, lowHalves(diagram.one));
      halved.put(diagram, known);
    }
    return known;
  }

  private Diagram condition(Condition condition) {
    return switch (condition) {
      case Compare compare -> compare(compare);
      case Condition.Not(Condition in) -> choose(condition(in), no, yes);
      case Condition.AllOf(List<Condition> terms) -> terms(terms, true);
      case Condition.AnyOf(List<Condition> terms) -> terms(terms, false);
    };
  }

  /// By halves, so that a long list is not gone through once for each of its values.
  private Diagram terms(List<Condition> terms, boolean all) {
    if (terms.size() <= 1) {
      return terms.isEmpty() ? all ? yes : no : condition(terms.getFirst());
    }
    Diagram first = terms(terms.subList(0, terms.size() / 2), all);
    Diagram rest = terms(terms.subList(terms.size() / 2, terms.size()), all);
    return all ? choose(first, rest, no) : choose(first, yes, rest);
  }

  private Diagram compare(Compare c) {
    return switch (c.operator()) {
      case EQ -> compare(c, no, yes, no);
      case NE -> compare(c, yes, no, yes);
      case LT -> compare(c, yes, no, no);
      case LE -> compare(c, yes, yes, no);
      case GT -> compare(c, no, no, yes);
      case GE -> compare(c, no, yes, yes);
    };
  }

  /// From the lowest bit up: what is decided by the bits so far, unless a higher one decides.
  private Diagram compare(Compare c, Diagram below, Diagram equal, Diagram above) {
    Diagram result = equal;
    for (int bit = 0; bit < Diagram.BITS; bit++) {
      boolean asked = (c.mask() >>> bit & 1) != 0;
      boolean wanted = (c.value() >>> bit & 1) != 0;
      int place = Diagram.BITS * c.index() + Diagram.BITS - 1 - bit;
      if (asked) {
        result = wanted ? node(place, below, result) : node(place, result, above);
      } else if (wanted) {
        result = below;
      }
    }
    return result;
  }

  private Diagram choose(Diagram test, Diagram then, Diagram otherwise) {
    if (test.end()) {
      return test == yes ? then : otherwise;
    }
    if (then == otherwise) {
      return then;
    }
    var key = new Choice(test, then, otherwise);
    Diagram known = chosen.get(key);
    if (known == null) {
      int place = Math.min(test.place, Math.min(then.place, otherwise.place));
      known = node(
          place, choose(zero(test, place), zero(then, place), zero(otherwise, place)),
          choose(one(test, place), one(then, place), one(otherwise, place)));
      chosen.put(key, known);
    }
    return known;
  }

  private static Diagram zero(Diagram diagram, int place) {
    return diagram.place == place ? diagram.zero : diagram;
  }

  private static Diagram one(Diagram diagram, int place) {
    return diagram.place == place ? diagram.one : diagram;
  }

  private Diagram node(int place, Diagram zero, Diagram one) {
    if (zero == one) {
      return zero;
    }
    if (inner.size() + chosen.size() > LIMIT) {
      throw new TooComplexException();
    }
    return inner.computeIfAbsent(new Inner(place, zero, one), _ -> new Diagram(place, zero, one, null));
  }
}
