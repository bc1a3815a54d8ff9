package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Options;

/// Filters of the shipped profiles as they are, compiled when Warder is built.
///
/// A new JVM spends most of its time on reading, resolving and compiling a policy, so the usual jail takes this way. The
/// files lie beside the jars that would compile them anew and are as trusted as those.
final class ReadyFilters {
  private static final List<String> CHANGING =
      List.of("policy", "system-call-filter", "capability", "drop-capability", "default-action", "as-pid1");

  private ReadyFilters() {}

  /// The filter, if the options ask for a shipped profile and change nothing of it.
  static Optional<Filter> find(Arguments arguments) throws CommandException {
    String stage = System.getProperty("warder.stage");
    for (String option : CHANGING) {
      if (arguments.has(option)) {
        return Optional.empty();
      }
    }
    String profile = arguments.has("profile") ? arguments.value("profile") : "default";
    if (stage == null || profile.indexOf('/') >= 0) {
      return Optional.empty();
    }
    Path file = folder(Path.of(stage)).resolve(profile);
    try {
      return Files.exists(file) ? Optional.of(Filter.parse(Files.readAllBytes(file), false)) : Optional.empty();
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage());
    }
  }

  /// Compiles all shipped profiles for this kind of machine.
  static void write(Path stage) throws IOException, CommandException {
    Files.createDirectories(folder(stage));
    for (String profile : PolicySource.profiles()) {
      var options = new Options();
      PolicyOptions.addTo(options);
      Arguments arguments = Arguments.parse(options, List.of("--profile", profile));
      Files.write(folder(stage).resolve(profile), PolicyOptions.of(arguments).filter(Arch.X86_64).bytes());
    }
  }

  private static Path folder(Path stage) {
    return stage.resolve("filters");
  }
}
