package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.filter.Listing;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Options;

/// `warder compile`: a policy as a seccomp filter, for a program or for people.
///
/// One program serves all the architectures; a call by any other is killed. Without `--arch` they are those that the
/// policy serves on this kind of machine; with it, those alone.
final class CompileCommand {
  private CompileCommand() {}

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    PolicyOptions.addTo(options);
    Arguments.value(options, "arch", "A[,A...]");
    Arguments.value(options, "format", "bpf|listing|c|json");
    Arguments.value(options, "o", "output", "FILE");
    Arguments arguments = Arguments.parse(options, words);
    if (!arguments.rest().isEmpty()) {
      throw new CommandException("compile takes options only, got '" + arguments.rest().getFirst()
          + "'; name a policy with --profile NAME or --policy FILE");
    }
    String output = arguments.value("output");
    FilterFormat format = format(arguments.value("format"), output);
    Optional<Filter> raw = arguments.has("policy") ? RawFilter.find(arguments) : Optional.empty();
    write(raw.isPresent() ? raw(arguments, format, raw.get()) : bytes(arguments, format), output);
    return Status.OK;
  }

  private static byte[] bytes(Arguments arguments, FilterFormat format) throws CommandException {
    Optional<Filter> ready = format == FilterFormat.BPF && !arguments.has("arch") && Machine.here() == Arch.X86_64
        ? ReadyFilters.find(arguments)
        : Optional.empty();
    return ready.isPresent()
        ? ready.get().bytes()
        : format.render(program(PolicyOptions.of(arguments), arguments.value("arch")));
  }

  /// A filter that is compiled already: as it is, or as text.
  private static byte[] raw(Arguments arguments, FilterFormat format, Filter filter) throws CommandException {
    if (arguments.has("arch")) {
      throw new CommandException("--arch cannot change " + arguments.value("policy") + ", which is a compiled filter");
    }
    return switch (format) {
      case BPF -> filter.bytes();
      case LISTING -> (RawFilter.header(arguments.value("policy"), filter)
          + Listing.of(filter, Architecture::callName)).getBytes(StandardCharsets.UTF_8);
      case C, JSON -> throw new CommandException("a compiled filter is written as bpf or listing; the policy it was made"
          + " from as c or json, too");
    };
  }

  /// A person at a terminal wants text; a file is for a program.
  private static FilterFormat format(String name, String output) throws CommandException {
    FilterFormat format = name == null
        ? output == null ? FilterFormat.LISTING : FilterFormat.BPF
        : FilterFormat.named(name);
    if (format == FilterFormat.BPF && output == null && atTerminal()) {
      throw new CommandException("a terminal cannot show a binary filter; write it to a file with -o FILE, "
          + "or choose --format listing");
    }
    return format;
  }

  private static FilterFormat.Program program(PolicyOptions policy, String list) throws CommandException {
    List<Arch> architectures = list == null ? policy.served(Machine.here()) : Architecture.listed(list);
    for (Arch arch : architectures) {
      if (arch.bigEndian() != architectures.getFirst().bigEndian()) {
        throw new CommandException("one filter has one byte order: " + architectures.getFirst() + " is "
            + order(architectures.getFirst()) + ", " + arch + " is " + order(arch) + "; compile them apart");
      }
    }
    List<Resolution> resolutions = policy.resolutions(architectures);
    Filter filter = policy.compile(resolutions);
    return new FilterFormat.Program(policy.policy(), resolutions, filter);
  }

  private static String order(Arch arch) {
    return arch.bigEndian() ? "big-endian" : "little-endian";
  }

  private static void write(byte[] bytes, String output) throws CommandException {
    if (output == null) {
      System.out.writeBytes(bytes);
    } else {
      ImageFiles.writePlain(Path.of(output), bytes, "rw-r--r--");
    }
  }

  private static boolean atTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }
}
