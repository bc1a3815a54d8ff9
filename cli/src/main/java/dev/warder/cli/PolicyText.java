package dev.warder.cli;

import dev.warder.policy.Architectures;
import dev.warder.policy.Policy;

/// What can be said of a policy without resolving it.
final class PolicyText {
  private PolicyText() {}

  /// Description, default actions, architectures and notes, a line or paragraph for each.
  static void about(StringBuilder out, Policy policy) {
    if (!policy.description().isEmpty()) {
      out.append(Paragraph.of("", policy.description()));
    }
    out.append("default action: ").append(ActionName.of(policy.defaultAction()));
    out.append("; for calls newer than the catalog: ").append(ActionName.of(policy.newerAction())).append('\n');
    out.append("architectures: ").append(architectures(policy.architectures())).append('\n');
    if (!policy.frequencies().isEmpty()) {
      int calls = policy.frequencies().size();
      out.append("frequencies: of ").append(calls).append(calls == 1 ? " call\n" : " calls\n");
    }
    for (String note : policy.notes()) {
      out.append(Paragraph.of("", "note: ".concat(note)));
    }
  }

  private static String architectures(Architectures architectures) {
    return switch (architectures) {
      case Architectures.Family _ -> "that of the machine and the older ABIs of its kernel";
      case Architectures.Native _ -> "that of the machine alone";
      case Architectures.Listed listed -> Architecture.list(listed.list());
    };
  }
}
