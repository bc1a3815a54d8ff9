package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.ImageWriter;
import dev.warder.jail.Planner;
import java.nio.file.Path;
import java.util.List;

/// `warder build`: a jail with its command, as a file to keep.
final class BuildCommand {
  private BuildCommand() {}

  static int run(List<String> words) throws CommandException {
    var options = JailOptions.all();
    Arguments.value(options, "o", "output", "FILE");
    Arguments arguments = Arguments.parse(options, words);
    String output = arguments.value("output");
    if (output == null || arguments.rest().isEmpty()) {
      throw new CommandException((output == null ? "no -o FILE given" : "no command given")
          + ": warder build [OPTIONS] -o FILE [--] COMMAND [ARG...]");
    }
    var plan = Planner.plan(JailOptions.spec(arguments, arguments.rest()));
    ImageFiles.write(Path.of(output), ImageWriter.write(plan, Catalog.get().table(Arch.X86_64)), "rwxr-xr-x");
    return Status.OK;
  }
}
