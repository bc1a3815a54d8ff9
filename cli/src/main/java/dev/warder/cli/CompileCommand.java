package dev.warder.cli;

import java.util.List;

final class CompileCommand {
  private CompileCommand() {}

  static int run(List<String> words) throws CommandException {
    throw new CommandException("not yet");
  }
}
