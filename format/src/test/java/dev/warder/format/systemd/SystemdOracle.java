package dev.warder.format.systemd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warder.filter.Filter;
import dev.warder.filter.Interpreter;
import dev.warder.catalog.Arch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// systemd's own filters: `oracle.c` calls the code of libsystemd-shared and catches what it would install.
final class SystemdOracle {
  /// The version whose functions `oracle.c` knows.
  private static final String LIBRARY = "libsystemd-shared-252.so";
  private static final List<Path> FOLDERS = List.of(Path.of("/usr/lib/x86_64-linux-gnu/systemd"),
      Path.of("/lib/x86_64-linux-gnu/systemd"), Path.of("/usr/lib/systemd"));

  private final Path program;

  /// Compiles it; skips the test where that cannot be done.
  SystemdOracle(Path folder) throws IOException, InterruptedException {
    Path library = FOLDERS.stream().map(f -> f.resolve(LIBRARY)).filter(Files::exists).findFirst().orElse(null);
    assumeTrue(library != null, "SKIPPED: no " + LIBRARY + " to compare with");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "SKIPPED: no /usr/bin/gcc to compile oracle.c with");
    Path source = folder.resolve("oracle.c");
    try (InputStream in = SystemdOracle.class.getResourceAsStream("oracle.c")) {
      Files.write(source, in.readAllBytes());
    }
    program = folder.resolve("oracle");
    Process gcc = new ProcessBuilder("/usr/bin/gcc", "-rdynamic", "-w", "-o", program.toString(), source.toString(),
        library.toString(), "/usr/lib/x86_64-linux-gnu/libseccomp.so.2", "-Wl,-rpath," + library.getParent())
        .redirectErrorStream(true).start();
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (gcc.waitFor() != 0) {
      throw new AssertionError(said);
    }
  }

  /// The filters for these settings in the order in which they are installed.
  List<Filter> filters(String unit) throws IOException, InterruptedException {
    ByteBuffer out = ByteBuffer.wrap(run(unit)).order(ByteOrder.LITTLE_ENDIAN);
    var filters = new ArrayList<Filter>();
    while (out.hasRemaining()) {
      byte[] bytes = new byte[out.getInt()];
      out.get(bytes);
      filters.add(Filter.parse(bytes, false));
    }
    return filters;
  }

  /// The calls of each set, without those that libseccomp does not know.
  Map<String, Set<String>> sets(String... names) throws IOException, InterruptedException {
    var direct = new TreeMap<String, List<String>>();
    for (String line : new String(run("", names), StandardCharsets.UTF_8).split("\n")) {
      List<String> words = List.of(line.split(" "));
      direct.put(words.getFirst(), words.subList(1, words.size()));
    }
    var sets = new TreeMap<String, Set<String>>();
    direct.keySet().forEach(name -> sets.put(name, new TreeSet<>(members(name, direct).toList())));
    return sets;
  }

  private static Stream<String> members(String name, Map<String, List<String>> direct) {
    return direct.get(name).stream().flatMap(m -> m.startsWith("@") ? members(m, direct) : Stream.of(m));
  }

  private byte[] run(String input, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    byte[] out = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new AssertionError("the oracle ended with " + process.exitValue());
    }
    return out;
  }

  /// What the kernel does with a call under all these filters: the strictest answer, of equals that of the newest.
  ///
  /// Source: `seccomp_run_filters` in `kernel/seccomp.c`, Linux 6.18.
  static int answer(List<Filter> filters, Arch arch, int number, long[] args) {
    int answer = 0x7FFF0000;
    for (Filter filter : filters.reversed()) {
      int value = Interpreter.run(filter, number, arch.auditArch(), 0, args).value();
      if ((value & 0xFFFF0000) < (answer & 0xFFFF0000)) {
        answer = value;
      }
    }
    return answer;
  }
}
