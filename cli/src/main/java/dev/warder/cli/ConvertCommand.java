package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Suggestions;
import dev.warder.format.Format;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.convert.Loss;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Written;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Options;

/// `warder convert`: a policy of one format as a file of another.
///
/// What gets lost is told on standard error, a line for each. Nothing is written that would let more through.
final class ConvertCommand {
  private static final String USAGE = "warder convert [--from F|bpf] --to F [-o FILE] FILE; - is standard input";

  /// A compiled filter, which is read and not written.
  private static final String BPF = "bpf";

  private ConvertCommand() {}

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    Arguments.value(options, "from", "FORMAT");
    Arguments.value(options, "to", "FORMAT");
    Arguments.value(options, "arch", "A[,A...]");
    Arguments.value(options, "capability", "LIST");
    Arguments.value(options, "drop-capability", "LIST");
    Arguments.value(options, "o", "output", "FILE");
    Arguments arguments = Arguments.anywhere(options, words);
    if (arguments.rest().size() != 1) {
      throw new CommandException((arguments.rest().isEmpty() ? "no file given: " : "one file at a time: ") + USAGE);
    }
    if (!arguments.has("to")) {
      throw new CommandException("no format given: " + USAGE);
    }
    if (arguments.value("to").equals(BPF)) {
      throw new CommandException("a filter is compiled, not converted: warder compile --policy FILE --format bpf");
    }
    Format to = format("--to", arguments.value("to"));
    PolicyFile file = file(arguments, arguments.rest().getFirst());
    Written written = PolicyOptions.accept(PolicyFiles.convert(file, to, target(arguments)));
    tell(written.losses());
    write(written.text().getBytes(StandardCharsets.UTF_8), arguments.value("output"));
    return Status.OK;
  }

  private static Format format(String option, String name) throws CommandException {
    List<String> labels = Stream.concat(
        Stream.of(Format.values()).map(Format::label), Stream.of(BPF).filter(_ -> option.equals("--from"))).toList();
    List<String> near = Suggestions.nearest(name, labels);
    return Format.named(name).orElseThrow(() -> new CommandException(option + ": there is no format '" + name + "'; "
        + (near.isEmpty() ? "there are " + String.join(", ", labels) : "did you mean " + near.getFirst() + "?")));
  }

  /// A file, or else a shipped profile.
  private static PolicyFile file(Arguments arguments, String name) throws CommandException {
    boolean filter = arguments.has("from") ? arguments.value("from").equals(BPF) : RawFilter.is(name);
    if (filter) {
      return Decompilation.read(name, arches(arguments));
    }
    Format from = arguments.has("from") ? format("--from", arguments.value("from")) : null;
    if (from == null && PolicySource.profiles().contains(name)) {
      return PolicyFile.of(PolicySource.profile(name), List.of());
    }
    return PolicyOptions.accept(PolicySource.read(from, name));
  }

  private static Target target(Arguments arguments) throws CommandException {
    return new Target(arches(arguments), PolicyOptions.kept(arguments), Machine.here());
  }

  private static List<Arch> arches(Arguments arguments) throws CommandException {
    return arguments.has("arch") ? Architecture.listed(arguments.value("arch")) : List.of();
  }

  private static void tell(List<Loss> losses) {
    losses.forEach(loss -> System.err.println("warder: " + loss.line()));
  }

  private static void write(byte[] bytes, String output) throws CommandException {
    if (output == null) {
      System.out.writeBytes(bytes);
    } else {
      ImageFiles.writePlain(Path.of(output), bytes, "rw-r--r--");
    }
  }
}
