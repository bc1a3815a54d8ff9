package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.policy.Condition.Operator;
import java.util.List;
import java.util.Optional;

/// A condition as a person writes it, by the names of arguments and constants; [Condition] is the same bound to one
/// architecture.
///
/// ```
/// domain == AF_NETLINK && protocol == NETLINK_AUDIT
/// !(flags & (CLONE_NEWUSER | CLONE_NEWNS))
/// persona in [0, 8, 0x20000, 0xffffffff]
/// ```
///
/// Arguments go by the kernel's name, by the manual's, or as `arg0` to `arg5`. Comparisons are unsigned, on as many bits
/// as the kernel reads of the argument; a negative value means its two's complement there. `flags & MASK` alone asks
/// whether any bit of the mask is set; `flags & MASK == VALUE` compares what the mask leaves.
public sealed interface Expression {
  /// `argument & mask operator value`.
  record Test(String argument, Optional<Value> mask, Operator operator, Value value) implements Expression {}

  /// `argument & mask in [values]`.
  record In(String argument, Optional<Value> mask, List<Value> values) implements Expression {
    public In {
      values = List.copyOf(values);
    }
  }

  record Not(Expression inner) implements Expression {}

  record AllOf(List<Expression> terms) implements Expression {
    public AllOf {
      terms = List.copyOf(terms);
    }
  }

  record AnyOf(List<Expression> terms) implements Expression {
    public AnyOf {
      terms = List.copyOf(terms);
    }
  }

  /// What an argument is compared with.
  sealed interface Value {
    /// @param text as written, `0x20000`, so that it can be shown as written
    record Number(long value, String text) implements Value {}

    /// A constant by its kernel name.
    record Constant(String name) implements Value {}

    /// `A | B`.
    record Union(List<Value> values) implements Value {
      public Union {
        values = List.copyOf(values);
      }
    }

    /// `~A`.
    record Complement(Value inner) implements Value {}
  }

  /// Reads a condition on the arguments of a call.
  ///
  /// @return problems `expression-syntax`, `expression-too-long`, `expression-too-deep`, `unknown-argument`,
  ///     `unknown-constant`
  static Parsed<Expression> parse(String syscall, String text) {
    return parse(syscall, Source.option("condition", text), 0, text.length());
  }

  /// Reads a condition from a part of a line.
  static Parsed<Expression> parse(String syscall, Source source, int from, int to) {
    return new ExpressionParser(syscall, source, from, to).parse();
  }

  /// The condition for one architecture: a constant that the architecture lacks matches nothing, and a comparison that
  /// no value of the argument can change is left out.
  ///
  /// @return empty where the architecture's call has no such argument; a policy must then decide without the test, and
  ///     so deny
  default Optional<Condition> bind(String syscall, Arch arch) {
    return new Binder(syscall, arch).bind(this);
  }

  /// The condition as text that parses to an equal one.
  default String text() {
    return ExpressionText.render(this);
  }
}
