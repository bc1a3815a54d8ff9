package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.ImageWriter;
import dev.warder.image.PlanListing;
import dev.warder.jail.Planner;
import java.util.List;

/// `warder plan`: the steps and system calls of a jail, as text; runs nothing.
final class PlanCommand {
  private PlanCommand() {}

  static int run(List<String> words) throws CommandException {
    Arguments arguments = Arguments.parse(JailOptions.all(), words);
    if (arguments.rest().isEmpty()) {
      throw new CommandException("no command given: warder plan [OPTIONS] [--] COMMAND [ARG...]");
    }
    var plan = Planner.plan(JailOptions.spec(arguments, arguments.rest()));
    System.out.print(PlanListing.of(ImageWriter.code(plan, Catalog.get().table(Arch.X86_64))));
    return Status.OK;
  }
}
