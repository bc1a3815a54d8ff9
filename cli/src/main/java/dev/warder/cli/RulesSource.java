package dev.warder.cli;

import dev.warder.filter.Filter;
import dev.warder.format.PolicyFile;
import dev.warder.jail.Mount;
import dev.warder.meaning.Rules;
import dev.warder.policy.Parsed;
import java.util.List;

/// What the argument POLICY of a command names: a shipped profile, a policy file or a raw filter.
///
/// @param name for headings
/// @param files what it puts into a jail
record RulesSource(String name, Rules rules, List<Mount.Content> files) {
  /// @return the problems of a policy or filter that is not valid
  static Parsed<RulesSource> parse(String argument) throws CommandException {
    if (!PolicySource.profiles().contains(argument) && RawFilter.is(argument)) {
      Parsed<Filter> filter = RawFilter.parse(argument);
      return filter instanceof Parsed.Accepted<Filter>(Filter accepted)
          ? new Parsed.Accepted<>(new RulesSource(RawFilter.name(argument, accepted), new Rules.Compiled(accepted),
              List.of()))
          : new Parsed.Rejected<>(filter.problems());
    }
    Parsed<PolicyFile> file = PolicySource.parse(argument);
    return file instanceof Parsed.Accepted<PolicyFile>(PolicyFile accepted)
        ? new Parsed.Accepted<>(new RulesSource(accepted.policy().name(), new Rules.Written(accepted.policy()),
            accepted.files()))
        : new Parsed.Rejected<>(List.copyOf(file.problems()));
  }
}
