package dev.warder.policy;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// One entry of a policy.
///
/// @param subject what it speaks of: a call, a set or a raw number
/// @param condition the arguments it speaks of; empty for any; only with a [Subject.Call]
/// @param effect what it wants
/// @param when in force always, or only while the jail keeps (or lacks) a capability
/// @param reason why calls are denied: by this rule if it denies, else where the condition of an allow does not hold
/// @param origin where it was written, for messages: `profile default`, `--system-call-filter`, `web.yaml:3`
public record Rule(
    Subject subject, Optional<Expression> condition, Effect effect, When when, Optional<Reason> reason, String origin) {

  public Rule {
    if (condition.isPresent() && !(subject instanceof Subject.Call)) {
      throw new IllegalArgumentException("only a call by name can have a condition, got " + subject.text());
    }
  }

  public static Rule allow(Subject subject, String origin) {
    return new Rule(subject, Optional.empty(), new Effect.Allow(), new When.Always(), Optional.empty(), origin);
  }

  public static Rule deny(Subject subject, String origin) {
    return new Rule(
        subject, Optional.empty(), new Effect.Deny(Optional.empty()), new When.Always(), Optional.empty(), origin);
  }

  public boolean allows() {
    return effect instanceof Effect.Allow;
  }

  /// What a deny rule makes of its calls.
  ///
  /// @param unnamed the action where the rule names none
  Action denial(Action unnamed) {
    return ((Effect.Deny) effect).action().orElse(unnamed);
  }

  public sealed interface Subject {
    /// A call by name.
    record Call(String name) implements Subject {
      @Override
      public String text() {
        return name;
      }
    }

    /// A set of the catalog by name, with its `@`.
    record Set(String name) implements Subject {
      @Override
      public String text() {
        return name;
      }
    }

    /// A set that the policy itself defines, for lists that must not move with the catalog.
    ///
    /// @param members call names
    record OwnSet(String name, SortedSet<String> members) implements Subject {
      public OwnSet {
        members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
      }

      @Override
      public String text() {
        return name;
      }
    }

    /// A raw number as a filter sees it, `#451`.
    record Number(int value) implements Subject {
      @Override
      public String text() {
        return "#" + Integer.toUnsignedString(value);
      }
    }

    /// The subject as a list spells it.
    String text();
  }

  public sealed interface Effect {
    record Allow() implements Effect {}

    /// @param action what the call gets instead of being made quietly, so `log`, `notify` and `trace` too; empty for
    ///     the policy's default, or `EPERM` where that default lets calls through
    record Deny(Optional<Action> action) implements Effect {
      public Deny {
        if (action.isPresent() && action.get() instanceof Action.Allow) {
          throw new IllegalArgumentException("a deny rule cannot have the action allow");
        }
      }
    }
  }
}
