package dev.warder.policy;

import java.util.Optional;

/// One entry of a policy.
///
/// @param subject what it speaks of: a call, a set or a raw number
/// @param condition the arguments it speaks of; empty for any
/// @param effect what it wants
/// @param when in force always, or only while the jail keeps (or lacks) a capability
/// @param reason a sentence for people; empty where the entry speaks for itself
/// @param origin where it was written, for messages: `profile default`, `--system-call-filter`, `web.yaml:3`
public record Rule(
    Subject subject, Optional<Expression> condition, Effect effect, When when, Optional<String> reason, String origin) {

  public sealed interface Subject {
    /// A call by name.
    record Call(String name) implements Subject {}

    /// A set by name, with its `@`.
    record Set(String name) implements Subject {}

    /// A raw number as a filter sees it, `#451`.
    record Number(int value) implements Subject {}
  }

  public sealed interface Effect {
    record Allow() implements Effect {}

    /// @param action what a denied call gets; empty for the policy's default, or `EPERM` where that default lets calls through
    record Deny(Optional<Action> action) implements Effect {}
  }
}
