package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes each [Diagram] once, and combines them.
///
/// Everything a policy can say is built from one operation, [#choose]. Known weakness: two different masks of one
/// argument count as two arguments, so what one says about the other is not noticed.
final class Diagrams {
  /// Switches that may be made on the way; a policy that needs more does not fit into a filter either.
  private static final int LIMIT = 16 * Filter.MAX_LENGTH;

  private final Map<Diagram, Diagram> made = new HashMap<>();
  private final Map<Choice, Diagram> chosen = new HashMap<>();

  Diagram leaf(int value) {
    return unique(new Diagram(Diagram.LEAF, 0, new long[0], new Diagram[0], value));
  }

  Diagram decision(Decision decision, Arch arch) {
    Diagram result = leaf(ReturnValue.of(decision.otherwise().action(), arch));
    for (int i = decision.cases().size() - 1; i >= 0; i--) {
      Decision.Case c = decision.cases().get(i);
      result = choose(condition(c.when()), leaf(ReturnValue.of(c.then().action(), arch)), result);
    }
    return result;
  }

  /// A diagram that ends in [Diagram#TRUE] or [Diagram#FALSE].
  Diagram condition(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return compare(compare);
    }
    if (condition instanceof Condition.Not(Condition inner)) {
      return choose(condition(inner), Diagram.FALSE, Diagram.TRUE);
    }
    if (condition instanceof Condition.AllOf(var terms)) {
      return allOf(terms, 0, terms.size());
    }
    List<Condition> terms = ((Condition.AnyOf) condition).terms();
    return anyOf(terms, 0, terms.size());
  }

  /// By halves, so that a long list is not gone through once for each of its values.
  private Diagram allOf(List<Condition> terms, int from, int end) {
    if (end - from <= 1) {
      return from == end ? Diagram.TRUE : condition(terms.get(from));
    }
    int middle = (from + end) >>> 1;
    return choose(allOf(terms, from, middle), allOf(terms, middle, end), Diagram.FALSE);
  }

  private Diagram anyOf(List<Condition> terms, int from, int end) {
    if (end - from <= 1) {
      return from == end ? Diagram.FALSE : condition(terms.get(from));
    }
    int middle = (from + end) >>> 1;
    return choose(anyOf(terms, from, middle), Diagram.TRUE, anyOf(terms, middle, end));
  }

  private Diagram compare(Condition.Compare c) {
    long value = c.value();
    boolean top = value == -1;                                      // nothing is above it
    return switch (c.operator()) {
      case EQ -> interval(c, Diagram.FALSE, value, Diagram.TRUE, top, value + 1, Diagram.FALSE);
      case NE -> interval(c, Diagram.TRUE, value, Diagram.FALSE, top, value + 1, Diagram.TRUE);
      case LT -> interval(c, Diagram.TRUE, value, Diagram.FALSE, true, 0, null);
      case GE -> interval(c, Diagram.FALSE, value, Diagram.TRUE, true, 0, null);
      case LE -> top ? Diagram.TRUE : interval(c, Diagram.TRUE, value + 1, Diagram.FALSE, true, 0, null);
      case GT -> top ? Diagram.FALSE : interval(c, Diagram.FALSE, value + 1, Diagram.TRUE, true, 0, null);
    };
  }

  /// `below` up to `first`, `within` from there, `above` from `next` unless `within` is `last`.
  private Diagram interval(Condition.Compare c, Diagram below, long first, Diagram within, boolean last, long next,
      Diagram above) {
    var starts = last ? new long[] {0, first} : new long[] {0, first, next};
    var branches = last ? new Diagram[] {below, within} : new Diagram[] {below, within, above};
    return interval(c.index(), c.mask(), starts, branches);
  }

  /// `test ? yes : no`.
  Diagram choose(Diagram test, Diagram yes, Diagram no) {
    if (test == Diagram.TRUE || yes == no) {
      return yes;
    }
    if (test == Diagram.FALSE) {
      return no;
    }
    var key = new Choice(test, yes, no);
    Diagram known = chosen.get(key);
    if (known == null) {
      known = chooseByArgument(test, yes, no);
      chosen.put(key, known);
    }
    return known;
  }

  private Diagram chooseByArgument(Diagram test, Diagram yes, Diagram no) {
    Diagram top = first(test, first(yes, no));
    long[] starts = union(union(startsOf(test, top), startsOf(yes, top)), startsOf(no, top));
    var branches = new Diagram[starts.length];
    for (int i = 0; i < starts.length; i++) {
      branches[i] = choose(test.at(top, starts[i]), yes.at(top, starts[i]), no.at(top, starts[i]));
    }
    return interval(top.index, top.mask, starts, branches);
  }

  private static Diagram first(Diagram a, Diagram b) {
    return b.before(a) ? b : a;
  }

  private static long[] startsOf(Diagram diagram, Diagram top) {
    return !diagram.leaf() && diagram.asksSameAs(top) ? diagram.starts : new long[] {0};
  }

  private static long[] union(long[] a, long[] b) {
    var all = new long[a.length + b.length];
    int size = 0;
    for (int i = 0, j = 0; i < a.length || j < b.length;) {
      boolean takeA = j == b.length || i < a.length && Long.compareUnsigned(a[i], b[j]) <= 0;
      long next = takeA ? a[i++] : b[j++];
      if (size == 0 || all[size - 1] != next) {
        all[size++] = next;
      }
    }
    return Arrays.copyOf(all, size);
  }

  /// The switch without intervals that no value of `argument & mask` falls into, and without repeated branches.
  private Diagram interval(int index, long mask, long[] from, Diagram[] to) {
    var starts = new long[from.length];
    var branches = new Diagram[from.length];
    int size = 0;
    for (int i = 0; i < from.length; i++) {
      long start = Bits.ceiling(from[i], mask);
      if (start == 0 && from[i] != 0) {
        break;                                                      // nothing from here on
      }
      if (size > 0 && starts[size - 1] == start) {
        size--;                                                     // the interval before was empty
      }
      if (size == 0 || branches[size - 1] != to[i]) {
        starts[size] = start;
        branches[size++] = to[i];
      }
    }
    if (size == 1) {
      return branches[0];
    }
    return unique(new Diagram(index, mask, Arrays.copyOf(starts, size),
        Arrays.copyOf(branches, size), 0));
  }

  private Diagram unique(Diagram diagram) {
    Diagram known = made.putIfAbsent(diagram, diagram);
    if (made.size() > LIMIT) {
      throw new FilterTooLongException(Filter.MAX_LENGTH + 1);
    }
    return known == null ? diagram : known;
  }

  /// Arguments of [#choose]; equal when they are the same objects.
  private static final class Choice {
    private final Diagram test;
    private final Diagram yes;
    private final Diagram no;

    Choice(Diagram test, Diagram yes, Diagram no) {
      this.test = test;
      this.yes = yes;
      this.no = no;
    }

    @Override
    public int hashCode() {
      return 31 * (31 * System.identityHashCode(test) + System.identityHashCode(yes)) + System.identityHashCode(no);
    }

    @Override
    public boolean equals(Object object) {
      return object instanceof Choice other && test == other.test && yes == other.yes && no == other.no;
    }
  }
}
