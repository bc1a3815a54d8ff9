package dev.warder.cli;

import dev.warder.format.PolicyFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.Options;

/// `warder doc`: a policy as a document for those who review it.
final class DocCommand {
  private DocCommand() {}

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    Arguments.value(options, "format", "md|html");
    Arguments.value(options, "o", "output", "FILE");
    Arguments arguments = Arguments.anywhere(options, words);
    if (arguments.rest().size() != 1) {
      throw new CommandException((arguments.rest().isEmpty() ? "no policy given" : "one policy at a time")
          + ": warder doc [--format md|html] [-o FILE] POLICY");
    }
    String format = arguments.has("format") ? arguments.value("format") : "md";
    if (!format.equals("md") && !format.equals("html")) {
      throw new CommandException("--format is md or html, got '" + format + "'");
    }
    String name = arguments.rest().getFirst();
    if (!PolicySource.profiles().contains(name) && RawFilter.is(name)) {
      throw new CommandException(name + " is a compiled filter, which holds no reasons; see warder check " + name);
    }
    PolicyFile file = PolicyOptions.accept(PolicySource.parse(name));
    List<PolicyDoc.Section> sections = PolicyDoc.of(file, PolicySource.profile("default"), Machine.here());
    String title = file.policy().name();
    String text = format.equals("md") ? DocMarkdown.of(title, sections) : DocHtml.of(title, sections);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (arguments.has("output")) {
      ImageFiles.writePlain(Path.of(arguments.value("output")), bytes, "rw-r--r--");
    } else {
      System.out.writeBytes(bytes);
    }
    return Status.OK;
  }
}
