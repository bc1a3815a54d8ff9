package dev.warder.format.firecracker;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.format.tree.Fields;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Expression;
import dev.warder.policy.Expression.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the `args` of a rule, which must all hold.
final class FirecrackerConditions {
  private static final List<String> KEYS =
      List.of("index", "arg_index", "type", "arg_type", "op", "val", "comment");
  private static final long LOW = 0xFFFFFFFFL;
  private static final int LAST_INDEX = 5;

  private final Reading reading;
  private final Node.Scalar call;
  private final boolean widens;

  /// @param widens whether the rule lets through more than the default
  FirecrackerConditions(Reading reading, Node.Scalar call, boolean widens) {
    this.reading = reading;
    this.call = call;
    this.widens = widens;
  }

  /// Empty for a rule without conditions; null after noting a problem.
  Optional<Expression> read(Fields rule) {
    List<Node.Mapping> args = rule.mappings("args");
    boolean sound = !rule.has("args")
        || rule.get("args") instanceof Node.Sequence all && all.items().size() == args.size();
    var tests = new ArrayList<Expression>(args.size());
    for (Node.Mapping arg : args) {
      Expression test = reading.hopeless() ? null : test(new Fields(reading, arg, KEYS));
      sound &= test != null;
      tests.add(test);
    }
    if (!sound) {
      return null;
    }
    return tests.isEmpty()
        ? Optional.empty()
        : Optional.of(tests.size() == 1 ? tests.getFirst() : new Expression.AllOf(tests));
  }

  private Expression test(Fields fields) {
    Long index = number(fields, fields.has("arg_index") ? "arg_index" : "index");
    Long value = number(fields, "val");
    Long width = width(fields, fields.has("arg_type") ? "arg_type" : "type");
    if (index == null || value == null || width == null) {
      return null;
    }
    if (Long.compareUnsigned(index, LAST_INDEX) > 0) {
      return reading.fail("bad-index", fields.mapping(), "a call has six arguments", "write 0 to 5");
    }
    reportWidth(index.intValue(), width);
    return test(fields, "arg" + index, width, value);
  }

  private Expression test(Fields fields, String argument, long width, long value) {
    Node op = fields.get("op");
    if (op instanceof Node.Mapping mapping) {
      Long mask = number(new Fields(reading, mapping, List.of("masked_eq")), "masked_eq");
      return mask == null
          ? null
          : test(argument, mask & width, Operator.EQ, value & mask & width);
    }
    Operator operator = operator(op);
    if (operator == null) {
      return reading.fail("unknown-operator", op == null ? fields.mapping() : op, "no such operator",
          "write eq, ne, lt, le, gt, ge or {\"masked_eq\": 1}");
    }
    return test(argument, width, operator, value & width);
  }

  private static Expression test(String argument, long mask, Operator operator, long value) {
    Optional<Value> masked = mask == -1L ? Optional.empty() : Optional.of(number(mask));
    return new Expression.Test(argument, masked, operator, number(value));
  }

  private static Value number(long value) {
    return new Value.Number(value, Long.toUnsignedString(value));
  }

  private static Operator operator(Node op) {
    return switch (op instanceof Node.Scalar word ? word.text() : "") {
      case "eq" -> Operator.EQ;
      case "ne" -> Operator.NE;
      case "lt" -> Operator.LT;
      case "le" -> Operator.LE;
      case "gt" -> Operator.GT;
      case "ge" -> Operator.GE;
      default -> null;
    };
  }

  private Long number(Fields fields, String key) {
    return fields.has(key)
        ? fields.number(key)
        : reading.fail("no-number", fields.mapping(), key + " is missing", "add it");
  }

  /// The bits that are compared. Firecracker from 1.11 on compares all, whatever the type.
  private Long width(Fields fields, String key) {
    Node.Scalar type = fields.text(key);
    if (type == null) {
      return fields.has(key) ? null : Long.valueOf(-1L);
    }
    return switch (type.text()) {
      case "dword" -> Long.valueOf(LOW);
      case "qword" -> Long.valueOf(-1L);
      default -> reading.fail("unknown-type", type, "no type named '" + type.text() + "'", "write dword or qword");
    };
  }

  private void reportWidth(int index, long width) {
    for (Argument argument : Catalog.get().arguments(call.text(), Arch.X86_64)) {
      if (argument.index() == index && width == -1L && argument.width() < Long.SIZE && widens) {
        reading.stricter("argument-width", call, "argument " + argument.name() + " of " + call.text()
            + " is compared on the " + argument.width() + " bits that the kernel reads");
      }
    }
  }
}
