package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.policy.Action;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/// Prints what the filters of well-known policies cost, for `bench/filters`.
///
/// `FOLDER` gets the programs and, for libseccomp, the rules; `FOLDER print` reads what libseccomp made of them.
final class FilterTables {
  private static final int FOREIGN = SeccompH.SECCOMP_RET_KILL_PROCESS;
  private static final Listing.Names NAMES = (arch, number) -> Optional.ofNullable(KnownPolicies.name(arch, number));

  private final Path folder;

  private FilterTables(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    var tables = new FilterTables(Path.of(args[0]));
    if (args.length == 1) {
      tables.write();
    } else {
      tables.print();
    }
  }

  private static List<Arch> arches(boolean all) {
    return all ? List.of(Arch.X86_64, Arch.X86, Arch.X32) : List.of(Arch.X86_64);
  }

  private static List<Resolution> policy(String name, boolean all) {
    return KnownPolicies.resolve(name, arches(all).toArray(new Arch[0]));
  }

  private static Filter filter(String name, boolean all) {
    return FilterCompiler.compile(policy(name, all), Action.KILL_PROCESS);
  }

  private void write() throws IOException {
    for (String name : KnownPolicies.NAMES) {
      for (boolean all : new boolean[] {false, true}) {
        String file = name + (all ? ".three" : ".one");
        Filter filter = filter(name, all);
        Files.write(folder.resolve(file + ".warder.bpf"), filter.bytes());
        Files.write(folder.resolve(file + ".defeated.bpf"), defeated(filter).bytes());
        Files.writeString(folder.resolve(file + ".rules"), Libseccomp.rules(policy(name, all), NAMES, FOREIGN));
      }
    }
  }

  /// The same with an argument loaded first, so that the kernel's bitmap can answer nothing.
  private static Filter defeated(Filter filter) {
    var insns = new ArrayList<Insn>();
    insns.add(new Insn(BpfH.BPF_LD | BpfH.BPF_W | BpfH.BPF_ABS, 0, 0, SeccompH.ARGS));
    insns.addAll(filter.insns());
    return new Filter(insns, filter.bigEndian());
  }

  private Optional<Filter> theirs(String name, boolean all, int optimize) throws IOException {
    Path file = folder.resolve(name + (all ? ".three" : ".one") + ".libseccomp" + optimize + ".bpf");
    return Files.exists(file) ? Optional.of(Filter.parse(Files.readAllBytes(file), false)) : Optional.empty();
  }

  private void print() throws IOException {
    System.out.println("### Length and steps, x86_64\n");
    row("policy", "compiler", "length", "mean, all calls", "mean, not in the bitmap", "the same, by profile", "most",
        "in the bitmap");
    row("---", "---", "---:", "---:", "---:", "---:", "---:", "---:");
    for (String name : KnownPolicies.NAMES) {
      programs(name, Arch.X86_64, false);
    }
    System.out.println("\n### Three architectures in one program\n");
    row("policy", "compiler", "length", "x86: mean, not in the bitmap", "most", "in the bitmap",
        "x32: mean of all calls", "most");
    row("---", "---", "---:", "---:", "---:", "---:", "---:", "---:");
    for (String name : KnownPolicies.NAMES) {
      threeArchitectures(name);
    }
    System.out.println("\n### Against the best there can be\n");
    row("policy", "architecture", "mean", "best of `<`", "best of `<` and `==`", "ratio", "bound", "length",
        "shortest found", "ratio", "bound");
    row("---", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
    for (String name : KnownPolicies.NAMES) {
      optimum(name, Arch.X86_64);
      optimum(name, Arch.X86);
      optimum(name, Arch.AARCH64);
    }
    System.out.println("\n### Length against steps, x86_64\n");
    System.out.println("An instruction weighs as much as so many that a denied call executes; 16 is what the compiler"
        + " takes.\n");
    curve();
  }

  private void programs(String name, Arch arch, boolean all) throws IOException {
    Resolution resolution = KnownPolicies.resolution(name, arch);
    program(name, "Warder", filter(name, all), resolution);
    for (int optimize = 1; optimize <= 2; optimize++) {
      Optional<Filter> filter = theirs(name, all, optimize);
      if (filter.isPresent()) {
        program(name, "libseccomp, optimize " + optimize, filter.get(), resolution);
      }
    }
  }

  private static void program(String name, String compiler, Filter filter, Resolution resolution) {
    var cost = Cost.of(filter, resolution);
    var profile = Weights.usual();
    row(name, compiler, cost.length(), cost.mean(_ -> 1), cost.mean(),
        cost.mean(n -> profile.share(resolution.arch(), n) * cost.seen(n)), cost.max(), coverage(filter, resolution));
  }

  private void threeArchitectures(String name) throws IOException {
    three(name, "Warder", filter(name, true));
    for (int optimize = 1; optimize <= 2; optimize++) {
      Optional<Filter> filter = theirs(name, true, optimize);
      if (filter.isPresent()) {
        three(name, "libseccomp, optimize " + optimize, filter.get());
      }
    }
  }

  private static void three(String name, String compiler, Filter filter) {
    Resolution x86 = KnownPolicies.resolution(name, Arch.X86);
    var second = Cost.of(filter, x86);
    var third = Cost.of(filter, KnownPolicies.resolution(name, Arch.X32));
    row(name, compiler, second.length(), second.mean(), second.max(), coverage(filter, x86), third.mean(_ -> 1),
        third.max());
  }

  /// How many of the unconditional allows the kernel answers from its bitmap.
  private static String coverage(Filter filter, Resolution resolution) {
    int allows = 0;
    int answered = 0;
    for (var call : resolution.decisions().entrySet()) {
      if (Questions.cached(call.getValue())) {
        allows++;
        answered += Bitmap.answers(filter, resolution.arch().auditArch(), call.getKey()) ? 1 : 0;
      }
    }
    return answered + " of " + allows;
  }

  private static void optimum(String name, Arch arch) {
    Resolution resolution = KnownPolicies.resolution(name, arch);
    var cost = Cost.of(FilterCompiler.compile(List.of(resolution), Action.KILL_PROCESS), resolution);
    Optimum.Question question = Questions.of(resolution, Action.KILL_PROCESS, cost::seen);
    double around = cost.mean() - cost.tests();
    double best = around + Optimum.best(question, 0, 1) / cost.calls();
    double more = cost.length() - cost.numberTests();
    double shortest = more + Optimum.best(question.weightless(), 1, 1);
    row(name, arch, cost.mean(), around + Optimum.splits(question, 0) / cost.calls(), best, cost.mean() / best,
        around + Optimum.bound(question, 0) / cost.calls(), cost.length(), Math.round(shortest),
        cost.length() / shortest, Math.round(more + Optimum.fewestTests(question)));
  }

  private static void curve() {
    double[] prices = {0, 2, 8, 16, 32, 64, 256};
    var header = new ArrayList<Object>(List.of("policy"));
    var line = new ArrayList<Object>(List.of("---"));
    for (double price : prices) {
      header.add(Math.round(price));
      line.add("---:");
    }
    row(header.toArray());
    row(line.toArray());
    for (String name : KnownPolicies.NAMES) {
      var cells = new ArrayList<Object>(List.of(name));
      for (double price : prices) {
        Resolution resolution = KnownPolicies.resolution(name, Arch.X86_64);
        var cost = Cost.of(FilterCompiler.compile(List.of(resolution), Action.KILL_PROCESS,
            Weights.usual().instruction(price)), resolution);
        cells.add(cost.length() + ", " + text(cost.mean()));
      }
      row(cells.toArray());
    }
  }

  private static void row(Object... cells) {
    var line = new StringJoiner(" | ", "| ", " |");
    for (Object cell : cells) {
      line.add(cell instanceof Double number ? text(number) : cell.toString());
    }
    System.out.println(line);
  }

  private static String text(double number) {
    return Double.isNaN(number) ? "–" : String.format(Locale.ROOT, "%.2f", number);
  }
}
