package dev.warder.cli;

import dev.warder.filter.Filter;
import dev.warder.meaning.Rules;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.util.List;

/// What the argument POLICY of a command names: a shipped profile, a policy file or a raw filter.
///
/// @param name for headings
record RulesSource(String name, Rules rules) {
  /// @return the problems of a policy or filter that is not valid
  static Parsed<RulesSource> parse(String argument) throws CommandException {
    if (!PolicySource.profiles().contains(argument) && RawFilter.is(argument)) {
      Parsed<Filter> filter = RawFilter.parse(argument);
      return filter instanceof Parsed.Accepted<Filter>(Filter accepted)
          ? new Parsed.Accepted<>(new RulesSource(RawFilter.name(argument, accepted), new Rules.Compiled(accepted)))
          : new Parsed.Rejected<>(filter.problems());
    }
    Parsed<Policy> policy = PolicySource.parse(argument);
    return policy instanceof Parsed.Accepted<Policy>(Policy accepted)
        ? new Parsed.Accepted<>(new RulesSource(accepted.name(), new Rules.Written(accepted)))
        : new Parsed.Rejected<>(List.copyOf(policy.problems()));
  }
}
