package dev.warder.format.oci;

import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the `args` of a rule.
///
/// Tests on different arguments must all hold. If any argument is tested twice, runc and crun make a rule of each test,
/// so that one is enough; then the allow of "family not 38 and not 40" allows every family. Here
///
/// - a rule that denies is taken as they do;
/// - in a rule that lets through, equalities with one argument are alternatives, and all else must hold. That is what
///   such rules mean, and less than what runc lets through.
///
/// Source: `matchCall` in `libcontainer/seccomp/seccomp_linux.go` of runc.
final class ArgumentTests {
  private static final List<String> KEYS = List.of("index", "value", "valueTwo", "op");
  private static final int LAST_INDEX = 5;

  private final Reading reading;
  private final List<Test> tests = new ArrayList<>();

  ArgumentTests(Reading reading) {
    this.reading = reading;
  }

  /// @param exact whether it is an equality
  private record Test(long index, boolean exact, Expression expression) {}

  /// What the arguments must fulfil; empty for a rule without tests, null after noting a problem.
  Optional<Expression> read(Fields rule, boolean letsThrough) {
    List<Node.Mapping> arguments = rule.mappings("args");
    boolean sound = !rule.has("args")
        || rule.get("args") instanceof Node.Sequence all && all.items().size() == arguments.size();
    for (Node.Mapping argument : arguments) {
      Test test = reading.hopeless() ? null : test(new Fields(reading, argument, KEYS));
      sound &= test != null;
      tests.add(test);
    }
    if (!sound) {
      return null;
    }
    if (tests.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(repeated() ? repeated(rule, letsThrough) : joined(expressions(), true));
  }

  private Test test(Fields fields) {
    Long index = required(fields, "index");
    Long value = fields.has("value") ? fields.number("value") : Long.valueOf(0);   // as Go reads it
    Long second = fields.number("valueTwo");
    Node.Scalar name = fields.text("op");
    if (name == null && !fields.has("op")) {
      reading.fail("no-operator", fields.mapping(), "op is missing", "add \"SCMP_CMP_EQ\"");
    }
    boolean wrong = index == null || value == null || name == null || fields.has("valueTwo") && second == null;
    if (wrong) {
      return null;
    }
    if (Long.compareUnsigned(index, LAST_INDEX) > 0) {
      return reading.fail("bad-index", fields.get("index"), "a call has six arguments", "write 0 to 5");
    }
    return test(index, name, value, second == null ? 0 : second);
  }

  private Test test(long index, Node.Scalar name, long value, long second) {
    String argument = "arg".concat(Long.toString(index));
    if (name.text().equals("SCMP_CMP_MASKED_EQ")) {
      var masked = new Expression.Test(argument, Optional.of(number(value)), Operator.EQ, number(second));
      return new Test(index, false, masked);
    }
    Operator operator = operator(name);
    return operator == null
        ? null
        : new Test(
            index, operator == Operator.EQ, new Expression.Test(argument, Optional.empty(), operator, number(value)));
  }

  private Operator operator(Node.Scalar name) {
    return switch (name.text()) {
      case "SCMP_CMP_EQ" -> Operator.EQ;
      case "SCMP_CMP_NE" -> Operator.NE;
      case "SCMP_CMP_LT" -> Operator.LT;
      case "SCMP_CMP_LE" -> Operator.LE;
      case "SCMP_CMP_GT" -> Operator.GT;
      case "SCMP_CMP_GE" -> Operator.GE;
      default -> reading.fail(
          "unknown-operator", name, "no operator named '" + name.text() + "'",
          "write SCMP_CMP_EQ, NE, LT, LE, GT, GE or MASKED_EQ");
    };
  }

  private Long required(Fields fields, String key) {
    return fields.has(key)
        ? fields.number(key)
        : reading.fail("no-number", fields.mapping(), key + " is missing", "add it");
  }

  private static Value number(long value) {
    return new Value.Number(value, Long.toUnsignedString(value));
  }

  private boolean repeated() {
    for (int i = 0; i < tests.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (tests.get(i).index() == tests.get(j).index()) {
          return true;
        }
      }
    }
    return false;
  }

  private Expression repeated(Fields rule, boolean letsThrough) {
    if (!letsThrough) {
      return joined(expressions(), false);
    }
    reading.stricter(
        "repeated-argument",
        rule.get("args"),
        "runc takes these tests as alternatives; here only equalities with the same argument are");
    var all = new ArrayList<Expression>();
    for (int i = 0; i <= LAST_INDEX; i++) {
      var equalities = new ArrayList<Expression>();
      for (Test test : tests) {
        if (test.index() == i) {
          (test.exact() ? equalities : all).add(test.expression());
        }
      }
      if (!equalities.isEmpty()) {
        all.add(joined(equalities, false));
      }
    }
    return joined(all, true);
  }

  private List<Expression> expressions() {
    var expressions = new ArrayList<Expression>(tests.size());
    for (Test test : tests) {
      expressions.add(test.expression());
    }
    return expressions;
  }

  private static Expression joined(List<Expression> terms, boolean all) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    return all ? new Expression.AllOf(terms) : new Expression.AnyOf(terms);
  }
}
