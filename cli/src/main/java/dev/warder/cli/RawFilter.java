package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.KernelCheck;
import dev.warder.filter.Listing;
import dev.warder.format.convert.Includes;
import dev.warder.meaning.Program;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.Parsed;
import dev.warder.policy.Problem;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Filters as files: the array of `struct sock_filter`, as `compile` writes it, libseccomp exports it and bubblewrap
/// takes it.
final class RawFilter {
  private static final List<String> CHANGING = List.of("system-call-filter", "default-action", "as-pid1");
  private static final int INSN = 8;

  private RawFilter() {}

  /// Whether a file holds a filter and no text: the opcode it starts with has a zero byte, in either byte order.
  static boolean is(String path) throws CommandException {
    try {
      if (path.equals(PolicySource.STDIN)) {
        return is(peekable());
      }
      Path file = Path.of(path);
      if (!Files.isRegularFile(file)) {
        return false;                             // a pipe can be read only once, and holds text
      }
      try (var in = Files.newInputStream(file)) {
        return is(in);
      }
    } catch (IOException e) {
      throw new CommandException("cannot read the policy file " + path + ": " + Includes.reason(e));
    }
  }

  private static boolean is(InputStream in) throws IOException {
    byte[] start = in.readNBytes(2);
    return start.length == 2 && (start[0] == 0 || start[1] == 0);
  }

  /// Standard input, whose first bytes can be read here and are still there for the next reader.
  private static InputStream peekable() throws IOException {
    var in = new BufferedInputStream(System.in);
    in.mark(2);
    byte[] start = in.readNBytes(2);
    in.reset();
    System.setIn(in);
    return new ByteArrayInputStream(start);
  }

  /// @return the problem `bad-filter` where the kernel would not take it
  static Parsed<Filter> parse(String path) throws CommandException {
    byte[] bytes;
    try (var in = path.equals(PolicySource.STDIN) ? System.in : Files.newInputStream(Path.of(path))) {
      bytes = in.readNBytes(INSN * Filter.MAX_LENGTH + 1);
    } catch (IOException e) {
      throw new CommandException("cannot read the filter " + path + ": " + Includes.reason(e));
    }
    if (bytes.length % INSN != 0 || bytes.length > INSN * Filter.MAX_LENGTH) {
      return rejected(path, "a filter is 1 to 4096 instructions of 8 bytes each, this file has "
          + (bytes.length > INSN * Filter.MAX_LENGTH ? "more" : bytes.length + " bytes"), "");
    }
    Filter filter = Filter.parse(bytes, bigEndian(bytes));
    Optional<String> problem = KernelCheck.problem(filter.insns());
    return problem.isEmpty() ? new Parsed.Accepted<>(filter) : rejected(path, problem.get(), line(filter, problem.get()));
  }

  /// The last instruction returns, so its opcode is 0x06 or 0x16, and tells the byte order.
  private static boolean bigEndian(byte[] bytes) {
    return bytes[bytes.length - INSN] == 0 && bytes[bytes.length - INSN + 1] != 0;
  }

  private static Parsed<Filter> rejected(String path, String what, String line) {
    var where = new Problem.Span(path, 0, 1, Math.max(1, line.length()), line);
    return new Parsed.Rejected<>(List.of(new Problem("bad-filter", where, what,
        "the kernel would answer EINVAL; compile the filter anew")));
  }

  /// The line of the listing that a problem speaks of.
  private static String line(Filter filter, String problem) {
    String number = problem.substring("instruction ".length()).split(" ", 2)[0];
    return Listing.of(filter).lines().toList().get(Integer.parseInt(number)).strip();
  }

  static String name(String path, Filter filter) {
    return path + " (raw filter of " + filter.insns().size() + " instructions, "
        + (filter.bigEndian() ? "big-endian)" : "little-endian)");
  }

  /// Comment lines for a listing.
  static String header(String path, Filter filter) {
    return "; raw filter: " + path.replaceAll("\\p{Cntrl}", "?") + "\n; length: " + filter.insns().size() + " instructions, "
        + (filter.bigEndian() ? "big-endian" : "little-endian") + '\n';
  }

  /// The filter that `--policy` names, if it is one; it is taken as it is.
  static Optional<Filter> find(Arguments arguments) throws CommandException {
    if (!arguments.has("policy") || arguments.has("profile") || !is(arguments.value("policy"))) {
      return Optional.empty();
    }
    for (String option : CHANGING) {
      if (arguments.has(option)) {
        throw new CommandException("--" + option + " cannot change " + arguments.value("policy")
            + ", which is a compiled filter; leave it out, or give the policy that the filter was made from");
      }
    }
    return Optional.of(PolicyOptions.accept(parse(arguments.value("policy"))));
  }

  /// Makes sure that a jail can be started under the filter, and that it cannot be passed by another architecture's
  /// numbers.
  static Filter forJail(String path, Filter filter, Arch arch) throws CommandException {
    if (filter.bigEndian() != arch.bigEndian()) {
      throw new CommandException(path + " is a filter for machines of the other byte order");
    }
    try {
      Program program = Program.of(filter);
      if (!program.tellsArchitectures()) {
        throw new CommandException(path + " does not ask for the architecture of a call, so a 32-bit call passes it under "
            + "the number of another; nothing was run. Have the filter's compiler check the architecture");
      }
      int execve = Catalog.get().table(arch).number("execve").orElseThrow();
      if (program.answers(arch, execve).stream().noneMatch(Program.Answer::letsThrough)) {
        throw new CommandException(path + " denies execve on " + arch + ", by which the program itself is started");
      }
    } catch (TooComplexException e) {
      throw new CommandException(path + " cannot be judged, so nothing was run: " + e.getMessage());
    }
    return filter;
  }
}
