package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Decision;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The same policies by libseccomp, through `bench/filter/libseccomp.c`.
final class Libseccomp {
  private static final long ALL = -1;
  private static final long LOW = 0xFFFFFFFFL;
  /// Values that are listed one by one where a range has no operator of its own.
  private static final int LISTED = 64;

  private final StringBuilder rules = new StringBuilder();
  private final Diagrams diagrams = new Diagrams();
  private final int fallback;

  private Libseccomp(int fallback) {
    this.fallback = fallback;
  }

  /// A policy that libseccomp's rules cannot say.
  static final class InexpressibleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InexpressibleException(String what) {
      super(what);
    }
  }

  /// The rules that `libseccomp.c` reads. A test of an argument's low half is one of the whole argument there, unless it
  /// is an equality: libseccomp has no other.
  ///
  /// @param resolutions numbers without a call must get what newer ones get
  /// @param names of the calls, by number
  /// @param foreign the value for other architectures
  static String rules(List<Resolution> resolutions, Listing.Names names, int foreign) {
    Resolution first = resolutions.getFirst();
    int fallback = ReturnValue.of(first.newer().otherwise().action(), first.arch());
    var all = new Libseccomp(fallback);
    all.rules.append("policy %x %x\n".formatted(fallback, foreign));
    for (Resolution resolution : resolutions) {
      all.rules.append("arch:").append(resolution.arch().label()).append(" 0\n");
      for (Map.Entry<Integer, Decision> call : resolution.decisions().entrySet()) {
        names.name(resolution.arch(), call.getKey()).ifPresent(name ->
            all.add(name, all.diagrams.decision(call.getValue(), resolution.arch()), "", resolution.arch()));
      }
    }
    return all.rules.toString();
  }

  private void add(String name, Diagram diagram, String tests, Arch arch) {
    if (diagram.leaf()) {
      if (diagram.value != fallback) {
        rules.append(name).append(' ').append(Integer.toHexString(diagram.value)).append(tests).append('\n');
      }
      return;
    }
    if (tests.contains(" " + diagram.index + " ")) {
      throw new InexpressibleException(name + " tests argument " + diagram.index + " under two masks");
    }
    for (int i = 0; i < diagram.starts.length; i++) {
      Diagram branch = diagram.branches[i];
      if (!branch.leaf() || branch.value != fallback) {
        addRange(name, diagram, i, branch, tests, arch);
      }
    }
  }

  private void addRange(String name, Diagram diagram, int at, Diagram branch, String tests, Arch arch) {
    long first = diagram.starts[at];
    boolean top = at + 1 == diagram.starts.length;
    long last = top ? diagram.mask : diagram.starts[at + 1] - 1;
    String argument = tests + " " + diagram.index + " ";
    boolean plain = diagram.mask == ALL || arch.longBits() == 32 && diagram.mask == LOW;
    if (Bits.ceiling(first + 1, diagram.mask) == (top ? 0 : diagram.starts[at + 1])
        || top && first == diagram.mask) {
      add(name, branch, argument + (plain ? "EQ " + Long.toHexString(first)
          : "MASKED " + Long.toHexString(diagram.mask) + " " + Long.toHexString(first)), arch);
    } else if (!plain && diagram.mask != LOW) {
      throw new InexpressibleException(name + " compares under a mask");
    } else if (first == 0) {
      add(name, branch, argument + "LE " + Long.toHexString(last), arch);
    } else if (top) {
      add(name, branch, argument + "GE " + Long.toHexString(first), arch);
    } else if (last - first >= 0 && last - first < LISTED) {
      for (long value = first; value <= last; value++) {
        add(name, branch, argument + "EQ " + Long.toHexString(value), arch);
      }
    } else {
      throw new InexpressibleException(name + " needs a range with two ends");
    }
  }

  /// The program that does it, built in a folder; empty where there is no compiler or no libseccomp to build it with.
  static Optional<Path> tool(Path folder) throws IOException, InterruptedException {
    Path source = Path.of("..", "bench", "filter", "libseccomp.c");
    Path tool = folder.resolve("libseccomp");
    Process cc;
    try {
      cc = new ProcessBuilder("cc", "-O2", "-o", tool.toString(), source.toString(), "-lseccomp")
          .redirectErrorStream(true).start();
    } catch (IOException e) {
      return Optional.empty();
    }
    cc.getInputStream().readAllBytes();
    return cc.waitFor() == 0 ? Optional.of(tool) : Optional.empty();
  }

  /// Compiles rules.
  ///
  /// @param optimize 1 for a list, 2 for a tree
  static Filter compile(Path tool, String rules, int optimize, boolean bigEndian) throws IOException, InterruptedException {
    Path out = Files.createTempFile("libseccomp", ".bpf");
    try {
      var process = new ProcessBuilder(tool.toString(), Integer.toString(optimize), out.toString())
          .redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(rules.getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("exit " + process.exitValue() + ": " + said + "\n" + rules);
      }
      if (!said.strip().endsWith(" 0")) {
        throw new IllegalStateException("rules were left out: " + said);
      }
      return Filter.parse(Files.readAllBytes(out), bigEndian);
    } finally {
      Files.delete(out);
    }
  }
}
