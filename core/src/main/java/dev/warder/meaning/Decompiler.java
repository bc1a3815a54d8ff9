package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.filter.Filter;
import dev.warder.filter.ReturnValue;
import dev.warder.meaning.Decompiled.Difference;
import dev.warder.policy.Action;
import dev.warder.policy.ArgumentText;
import dev.warder.policy.Architectures;
import dev.warder.policy.Expression;
import dev.warder.policy.Multiplexer;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// Makes rules of a filter's answers: for each call one for each answer but the default, whose conditions exclude each
/// other. Then policy and filter are compared exactly, so no rule is trusted.
///
/// What a policy cannot say gets the strictest of the answers that it may get: a test of the instruction pointer, values
/// that only a long list would tell.
final class Decompiler {
  /// Numbers of no call that may be treated apart, as by a filter made with newer tables.
  private static final int MOST_NUMBERS = 256;
  private static final int SELF = 0;
  /// No program's.
  private static final int NO_ANSWER = -1;

  private final Diagrams diagrams = new Diagrams();
  private final Calls calls = new Calls(diagrams);
  private final FilterMeaning meaning;
  private final Filter filter;
  private final String name;
  private final Map<Arch, Integer> answers = new EnumMap<>(Arch.class);
  private final Map<Long, Integer> seen = new HashMap<>();
  /// What gets an answer of its own, and where.
  private final Map<Piece, Set<Arch>> pieces = new LinkedHashMap<>();
  private final List<Difference> differences = new ArrayList<>();

  /// @param subject a call or `#N`
  /// @param condition empty for all arguments
  private record Piece(String subject, String condition, Action action) {}

  Decompiler(Filter filter, String name) {
    this.meaning = new FilterMeaning(diagrams, filter);
    this.filter = filter;
    this.name = name;
  }

  Decompiled decompile(List<Arch> wanted) {
    for (Arch abi : wanted.isEmpty() ? List.of(Arch.values()) : wanted) {
      int function = meaning.answers(abi, abi);
      if (calls.serves(function)) {
        answers.put(abi, function);
      }
    }
    if (answers.isEmpty()) {
      throw new TooComplexException("lets no call through, so there is no policy to be made of it");
    }
    Action newer = strictest(this::newer);
    Action unassigned = strictest(this::unassigned);
    Action byDefault = byDefault(unassigned);
    for (Arch abi : answers.keySet()) {
      named(abi, byDefault);
      multiplexed(abi, byDefault);
      unnamed(abi, unassigned, newer);
    }
    var policy = new Policy(
        name, "Read from a filter of " + filter.insns().size() + " instructions", List.of(),
        new Architectures.Listed(List.copyOf(answers.keySet())), byDefault, unassigned, newer, rules());
    compare(policy);
    return new Decompiled(policy, differences);
  }

  private interface Choice {
    Action of(Arch abi);
  }

  private Action strictest(Choice choice) {
    Action strictest = null;
    for (Arch abi : answers.keySet()) {
      Action action = choice.of(abi);
      strictest = strictest == null || action.stricterThan(strictest) ? action : strictest;
    }
    return strictest;
  }

  /// The answer to the highest number.
  private Action newer(Arch abi) {
    return simple(abi, abi == Arch.X86_64 ? 0x3FFFFFFF : -1);
  }

  /// The answer to most of the numbers that are free up to the newest; that to newer ones where none is.
  private Action unassigned(Arch abi) {
    var counts = new HashMap<Action, Integer>();
    for (int number = abi.numberBase(); number < Catalog.get().table(abi).newest(); number++) {
      if (Catalog.get().table(abi).name(number).isEmpty()) {
        counts.merge(simple(abi, number), 1, Integer::sum);
      }
    }
    return counts.isEmpty() ? newer(abi) : mostOf(counts);
  }

  private static Action mostOf(Map<Action, Integer> counts) {
    return counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }

  /// Numbers of no call are let through by a list of what is denied; any other default is what most denied calls get.
  private Action byDefault(Action unassigned) {
    var counts = new HashMap<Action, Integer>();
    for (Arch abi : answers.keySet()) {
      for (int number : Catalog.get().table(abi).names().keySet()) {
        Action action = simple(abi, number);
        if (action.denies()) {
          counts.merge(action, 1, Integer::sum);
        }
      }
    }
    return unassigned.letsThrough() || counts.isEmpty() ? unassigned : mostOf(counts);
  }

  /// The one action that a number gets whatever its arguments, or the strictest of several.
  private Action simple(Arch abi, int number) {
    return simple(seen(abi, number), abi);
  }

  private Action simple(int function, Arch abi) {
    Action strictest = null;
    for (List<Integer> answer : calls.pairs(function, diagrams.value(SELF)).keySet()) {
      if (answer.getFirst() != diagrams.value(NO_ANSWER)) {
        Action action = action(answer.getFirst(), abi);
        strictest = strictest == null || action.stricterThan(strictest) ? action : strictest;
      }
    }
    return asked(strictest) ? Action.fail(Errno.ENOSYS) : strictest;
  }

  /// Whether it is for someone to decide, who is then asked by a rule, not by default.
  private static boolean asked(Action action) {
    return !action.denies() && !action.letsThrough();
  }

  /// What the kernel does; an error without a name becomes `EPERM`.
  private Action action(int leaf, Arch abi) {
    return ReturnValue.action(diagrams.valueOf(leaf), abi).orElse(Action.fail(Errno.EPERM));
  }

  /// The answers to a number by the bits that the kernel reads: those of arguments that it ignores are zero, as compilers
  /// leave them.
  private int seen(Arch abi, int number) {
    return seen.computeIfAbsent((long) abi.ordinal() << 32 | Integer.toUnsignedLong(number), _ -> cut(abi, number));
  }

  private int cut(Arch abi, int number) {
    int function = calls.number(answers.get(abi), number);
    var text = new ArgumentText(Catalog.get().table(abi).name(number).orElse(""), abi);
    for (int index = 0; index < 6 && !diagrams.leaf(function); index++) {
      for (int bit = text.width(index); bit < Long.SIZE; bit++) {
        function = diagrams.fixBit(function, Bits.argument(index) + 63 - bit, false);
      }
    }
    return function;
  }

  private void named(Arch abi, Action byDefault) {
    Map<Integer, String> names = Catalog.get().table(abi).names();
    boolean cloneTested = names.entrySet().stream()
        .anyMatch(call -> call.getValue().equals("clone") && !diagrams.leaf(seen(abi, call.getKey())));
    names.forEach((number, call) -> {
      // A policy that tests clone hides clone3, unless a rule denies it in its own way.
      boolean spoken = cloneTested && call.equals("clone3");
      for (Map.Entry<String, Action> answer : conditions(abi, number, call).entrySet()) {
        Action action = answer.getValue();
        if (!action.equals(byDefault) || spoken && action.denies() && !action.equals(Action.fail(Errno.ENOSYS))) {
          piece(abi, call, answer.getKey(), action);
        }
      }
    });
  }

  /// What a multiplexer does for calls that have no number of their own, so that only it can make them.
  private void multiplexed(Arch abi, Action byDefault) {
    for (Multiplexer multiplexer : Multiplexer.ALL) {
      OptionalInt number = Catalog.get().table(abi).number(multiplexer.name());
      for (Multiplexer.SubCall sub : number.isPresent() ? multiplexer.calls() : List.<Multiplexer.SubCall>of()) {
        if (Catalog.get().table(abi).number(sub.name()).isEmpty()) {
          int selected = diagrams.equal(Bits.argument(0), 64, multiplexer.mask(), sub.selector());
          Action action = simple(diagrams.choose(selected, seen(abi, number.getAsInt()), diagrams.value(NO_ANSWER)), abi);
          if (!action.equals(byDefault)) {
            piece(abi, sub.name(), "", action);
          }
        }
      }
    }
  }

  private void piece(Arch abi, String subject, String condition, Action action) {
    pieces.computeIfAbsent(new Piece(subject, condition, action), _ -> EnumSet.noneOf(Arch.class)).add(abi);
  }

  /// The answers to a call by the condition on its arguments.
  private Map<String, Action> conditions(Arch abi, int number, String call) {
    var conditions = new TreeMap<String, Action>();
    int function = seen(abi, number);
    for (Map.Entry<List<Integer>, Integer> answer : calls.pairs(function, diagrams.value(SELF)).entrySet()) {
      String condition = calls.condition(answer.getValue(), call, abi);
      if (!condition.isEmpty() && !(Expression.parse(call, condition) instanceof Parsed.Accepted<Expression>)) {
        return Map.of("", simple(abi, number));
      }
      conditions.put(condition, action(answer.getKey().getFirst(), abi));
    }
    return conditions;
  }

  private void unnamed(Arch abi, Action unassigned, Action newer) {
    long newest = Integer.toUnsignedLong(Catalog.get().table(abi).newest());
    int marked = diagrams.value(NO_ANSWER);
    int above = diagrams.atLeast(Bits.NUMBER, 32, newest + 1);
    int function = calls.unnamed(answers.get(abi), abi, marked);
    calls.groups(function, diagrams.value(SELF)).forEach((answer, numbers) -> {
      if (answer.getFirst() != marked) {
        Action action = simple(answer.getFirst(), abi);
        apart(abi, diagrams.and(numbers, above), action, newer);
        apart(abi, diagrams.and(numbers, diagrams.not(above)), action, unassigned);
      }
    });
  }

  private void apart(Arch abi, int numbers, Action action, Action usual) {
    var list = new ArrayList<Integer>();
    if (!action.equals(usual) && list(numbers, 0, 0, list)) {
      for (int number : list) {
        piece(abi, "#" + Integer.toUnsignedString(number), "", action);
      }
    }
  }

  /// Lists the numbers of a set, if they are not too many.
  private boolean list(int numbers, int bit, int prefix, List<Integer> list) {
    if (numbers == Diagrams.FALSE) {
      return true;
    }
    if (bit == 32) {
      list.add(prefix);
      return list.size() <= MOST_NUMBERS;
    }
    boolean asked = diagrams.top(numbers) == Bits.NUMBER + bit;
    return list(asked ? diagrams.low(numbers) : numbers, bit + 1, prefix << 1, list)
        && list(asked ? diagrams.high(numbers) : numbers, bit + 1, prefix << 1 | 1, list);
  }

  private List<Rule> rules() {
    var rules = new ArrayList<Rule>();
    pieces.forEach((piece, abis) -> rules.add(rule(piece, abis)));
    return rules;
  }

  private Rule rule(Piece piece, Set<Arch> abis) {
    Rule.Subject subject = piece.subject().startsWith("#")
        ? new Rule.Subject.Number(Integer.parseUnsignedInt(piece.subject().substring(1)))
        : new Rule.Subject.Call(piece.subject());
    Optional<Expression> condition = piece.condition().isEmpty()
        ? Optional.empty()
        : Optional.of(Expression.parse(piece.subject(), piece.condition()).orThrow());
    Rule.Effect effect = piece.action() instanceof Action.Allow
        ? new Rule.Effect.Allow()
        : new Rule.Effect.Deny(Optional.of(piece.action()));
    When when = abis.containsAll(having(subject)) ? new When.Always() : new When.On(abis);
    return new Rule(subject, condition, effect, when, Optional.empty(), name);
  }

  /// The served ABIs on which a rule could do something.
  private Set<Arch> having(Rule.Subject subject) {
    var having = EnumSet.copyOf(answers.keySet());
    having.removeIf(abi -> subject instanceof Rule.Subject.Call(String call)
        && Catalog.get().table(abi).number(call).isEmpty());
    return having;
  }

  private void compare(Policy policy) {
    var written = new PolicyMeaning(diagrams, policy);
    var wider = new HashSet<String>();
    for (Arch abi : answers.keySet()) {
      int decided = written.answers(abi, abi);
      Catalog.get().table(abi).names().forEach((number, call) -> {
        String what = call + " on " + abi;
        int seen = seen(abi, number);
        compare(what, calls.number(answers.get(abi), number), seen, true, wider);
        compare(what, seen, calls.number(decided, number), false, wider);
      });
      int none = diagrams.value(SELF);
      compare("numbers of no call on " + abi, calls.unnamed(answers.get(abi), abi, none),
          calls.unnamed(decided, abi, none), false, wider);
    }
    if (!wider.isEmpty()) {
      throw new TooComplexException("lets calls through in ways that no policy can follow closely: "
          + String.join(", ", wider) + " would be let through where the filter denies them");
    }
    compareOthers();
  }

  /// Notes where the second of two functions differs from the first.
  ///
  /// @param strayBits whether they differ in bits that the kernel ignores, by which nothing can be let through
  private void compare(String what, int first, int second, boolean strayBits, Set<String> wider) {
    if (first == second) {
      return;
    }
    boolean stricter = false;
    for (List<Integer> pair : calls.pairs(first, second).keySet()) {
      int was = strictness(pair.getFirst());
      int is = strictness(pair.getLast());
      stricter |= is > was;
      if (is < was && !strayBits) {
        wider.add(what);
      }
    }
    differences.add(new Difference(what, strayBits, stricter));
  }

  /// 0 for a call that is made, 1 for one that someone is asked about, 2 for one that is denied.
  private int strictness(int leaf) {
    int value = diagrams.valueOf(leaf);
    return Answer.letsThrough(value) ? 0 : Answer.denies(value) ? 2 : 1;
  }

  /// A policy has every call of an ABI killed that it does not serve.
  private void compareOthers() {
    for (Arch abi : List.of(Arch.X86_64, Arch.X32)) {
      int function = meaning.answers(abi, abi);
      boolean shares = !answers.containsKey(abi) && (answers.containsKey(Arch.X86_64) || answers.containsKey(Arch.X32));
      if (shares && function != meaning.killed()) {
        differences.add(new Difference(abi + ", whose calls a policy that does not serve it has killed", false,
            calls.serves(function)));
      }
    }
    int others = meaning.foreign(List.copyOf(answers.keySet()));
    if (others != meaning.killed()) {
      differences.add(new Difference("other architectures, whose calls a policy always has killed", false,
          calls.serves(others)));
    }
  }
}
