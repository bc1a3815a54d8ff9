package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.ReturnValue;
import dev.warder.filter.SeccompH;
import dev.warder.jail.Mount;
import dev.warder.meaning.Comparison;
import dev.warder.meaning.Comparison.Difference;
import dev.warder.meaning.Program;
import dev.warder.meaning.Rules;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.Reason;
import dev.warder.policy.Reasons;
import dev.warder.policy.Visible;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.Options;

/// `warder diff`: who may do more, call by call. Meanings are compared, not texts.
final class DiffCommand {
  private static final String USAGE = "warder diff [--arch A[,A...]] [--format text|json] POLICY POLICY";
  /// ABIs that no kernel has for its own.
  private static final Set<Arch> GUESTS = EnumSet.of(Arch.X32, Arch.MIPS64N32, Arch.MIPSEL64N32);

  private final RulesSource left;
  private final RulesSource right;
  private final Comparison comparison;
  private final List<Arch> compared;
  /// None where a side is a filter, which has no place for files.
  private final List<PolicyFilesText.Difference> files;
  private final StringBuilder out = new StringBuilder();

  private DiffCommand(RulesSource left, RulesSource right, List<Arch> machines) {
    this.left = left;
    this.right = right;
    this.comparison = Comparison.of(left.rules(), right.rules(), machines);
    var abis = new LinkedHashSet<Arch>();
    machines.forEach(machine -> abis.addAll(machine.family()));
    comparison.serving().forEach(serving -> abis.remove(serving.abi()));
    this.compared = List.copyOf(abis);
    boolean filter = left.rules() instanceof Rules.Compiled || right.rules() instanceof Rules.Compiled;
    this.files = filter ? List.of() : PolicyFilesText.differences(left.files(), right.files());
  }

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    Arguments.value(options, "arch", "A[,A...]");
    Arguments.value(options, "format", "text|json");
    Arguments arguments = Arguments.anywhere(options, words);
    if (arguments.rest().size() != 2) {
      throw new CommandException("two policies are compared, got " + arguments.rest().size() + ": " + USAGE);
    }
    String format = arguments.has("format") ? arguments.value("format") : "text";
    if (!format.equals("text") && !format.equals("json")) {
      throw new CommandException("--format is text or json, got '" + format + "'");
    }
    RulesSource left = PolicyOptions.accept(RulesSource.parse(arguments.rest().getFirst()));
    RulesSource right = PolicyOptions.accept(RulesSource.parse(arguments.rest().getLast()));
    try {
      List<Arch> machines = arguments.has("arch")
          ? Architecture.listed(arguments.value("arch"))
          : machines(left.rules(), right.rules());
      var command = new DiffCommand(left, right, machines);
      System.out.print(format.equals("json") ? DiffJson.of(left.name(), right.name(), command.comparison, command.files)
          : Visible.of(command.report()));
      return command.comparison.same() && command.files.isEmpty() ? Status.OK : Status.NO;
    } catch (TooComplexException e) {
      throw new CommandException("cannot compare exactly, so no answer is given: " + e.getMessage());
    }
  }

  /// Those that the filters are made for, as far as they tell; all, for two policies.
  private static List<Arch> machines(Rules left, Rules right) {
    var machines = EnumSet.noneOf(Arch.class);
    for (Rules rules : List.of(left, right)) {
      if (rules instanceof Rules.Compiled(var filter)) {
        machines.addAll(machines(Program.of(filter), filter.bigEndian()));
      }
    }
    return List.copyOf(machines.isEmpty() ? EnumSet.complementOf(EnumSet.copyOf(GUESTS)) : machines);
  }

  private static Set<Arch> machines(Program program, boolean bigEndian) {
    if (!program.tellsArchitectures() || program.serves().isEmpty()) {
      return EnumSet.of(Machine.here().bigEndian() == bigEndian ? Machine.here() : bigEndian ? Arch.S390X : Arch.X86_64);
    }
    List<Arch> served = program.serves();
    var machines = EnumSet.noneOf(Arch.class);
    for (Arch abi : served) {
      boolean guest = served.stream().anyMatch(other -> other != abi && other.family().contains(abi));
      if (!guest) {
        machines.add(GUESTS.contains(abi) ? Machine.serving(abi) : abi);
      }
    }
    return machines;
  }

  /// Differences that read the same, and where they are.
  ///
  /// @param subject the call with its condition, or numbers
  /// @param text what each side answers, and while which capabilities
  /// @param reason why it may be denied; empty where neither allows more
  private record Entry(String subject, String text, String reason) {}

  private String report() {
    out.append("A: ").append(left.name()).append('\n');
    out.append("B: ").append(right.name()).append('\n');
    if (comparison.same()) {
      out.append(files.isEmpty() ? "A and B mean the same on " : "A and B decide the same on ");
      out.append(Architecture.list(compared)).append('\n');
      files();
      return out.toString();
    }
    architectures();
    var more = new int[2];
    more[0] = section("A allows more", select(true, false));
    more[1] = section("B allows more", select(false, true));
    int other = section("both allow or both deny, with another answer", select(false, false));
    out.append("\nA allows ").append(calls(more[0])).append(" more, B allows ").append(calls(more[1])).append(" more");
    out.append(other == 0 ? "" : ", " + other + " get" + (other == 1 ? "s" : "") + " another answer");
    out.append(comparison.serving().isEmpty() && comparison.foreign().isEmpty() ? "\n"
        : "; they do not serve the same architectures\n");
    files();
    return out.toString();
  }

  private void files() {
    if (!files.isEmpty()) {
      out.append("\nfiles that they put into a jail and do not have alike: ").append(files.size()).append('\n');
    }
    for (PolicyFilesText.Difference file : files) {
      out.append(Paragraph.of("  ", file.target()));
      out.append(Paragraph.of("      ", "A: " + about(file.left())));
      out.append(Paragraph.of("      ", "B: " + about(file.right())));
    }
  }

  private static String about(Mount.Content file) {
    return file == null ? "none" : PolicyFilesText.about(file);
  }

  private static String calls(int count) {
    return count + (count == 1 ? " call" : " calls");
  }

  private void architectures() {
    var served = new LinkedHashMap<String, Set<String>>();
    for (Comparison.Serving serving : comparison.serving()) {
      String who = serving.left() ? "A serves, B kills every call" : "B serves, A kills every call";
      served.computeIfAbsent(serving.abi() + ": " + who, _ -> new LinkedHashSet<>()).add(serving.machine().label());
    }
    var others = new LinkedHashMap<String, List<String>>();
    for (Comparison.Foreign foreign : comparison.foreign()) {
      others.computeIfAbsent("A " + answers(foreign.left()) + ", B " + answers(foreign.right()), _ -> new ArrayList<>())
          .add(foreign.architectures());
    }
    others.forEach((text, names) -> served.put(String.join(", ", names) + ": " + text, Set.of()));
    out.append(served.isEmpty() ? "" : "\narchitectures:\n");
    served.forEach((text, machines) -> out.append(Paragraph.of("  ", text
        + (machines.isEmpty() ? "" : " (on a kernel for " + String.join(", ", machines) + ")"))));
  }

  private static String answers(Optional<Integer> value) {
    return value.map(v -> "answers " + answer(v, Arch.X86_64) + " to every call").orElse("answers by the call");
  }

  static String answer(int value, Arch arch) {
    return ReturnValue.action(value, arch).map(ActionName::of)
        .orElse("ERRNO " + (value & SeccompH.SECCOMP_RET_DATA));
  }

  private List<Difference> select(boolean leftMore, boolean rightMore) {
    return comparison.differences().stream()
        .filter(d -> d.leftAllowsMore() == leftMore && d.rightAllowsMore() == rightMore).toList();
  }

  /// @return how many calls it tells of
  private int section(String heading, List<Difference> differences) {
    if (differences.isEmpty()) {
      return 0;
    }
    var calls = new TreeSet<String>();
    var where = new LinkedHashMap<Entry, Set<Arch>>();
    for (Difference difference : differences) {
      calls.add(difference.call().isEmpty() ? difference.numbers() : difference.call());
      where.computeIfAbsent(entry(difference), _ -> EnumSet.noneOf(Arch.class)).add(difference.abi());
    }
    out.append('\n').append(heading).append(": ").append(calls.size()).append('\n');
    var subjects = new LinkedHashMap<List<String>, List<String>>();
    where.forEach((entry, arches) -> subjects.computeIfAbsent(
        List.of(entry.text() + on(entry.subject(), arches), entry.reason()), _ -> new ArrayList<>()).add(entry.subject()));
    subjects.forEach((text, names) -> {
      out.append(Paragraph.of("  ", names));
      text.forEach(line -> out.append(line.isEmpty() ? "" : Paragraph.of("      ", line)));
    });
    return calls.size();
  }

  private static Entry entry(Difference difference) {
    String subject = difference.call().isEmpty() ? difference.numbers() : difference.call();
    String condition = difference.condition().isEmpty() ? "" : "(" + difference.condition() + ")";
    String text = "A: " + answer(difference.left(), difference.abi()) + "; B: "
        + answer(difference.right(), difference.abi()) + capabilities(difference);
    boolean more = difference.leftAllowsMore() || difference.rightAllowsMore();
    return new Entry(subject + condition, text, more ? reason(difference) : "");
  }

  private static String capabilities(Difference difference) {
    var text = new StringBuilder();
    if (!difference.kept().isEmpty()) {
      text.append("; while the jail keeps ").append(names(difference.kept()));
    }
    if (!difference.dropped().isEmpty()) {
      text.append("; while it drops ").append(names(difference.dropped()));
    }
    return text.toString();
  }

  private static String names(Set<Capability> capabilities) {
    return String.join(" and ", capabilities.stream().map(Capability::name).toList());
  }

  private static String reason(Difference difference) {
    Optional<Reason> known = Reasons.of(difference.call());
    String text = difference.reason().orElse(known.map(Reason::text).orElse(""));
    return known.isPresent() && known.get().dangerous() ? "Danger, a known way out of a jail. " + text : text;
  }

  /// The ABIs, unless they are all that were compared and have the call.
  private String on(String subject, Set<Arch> arches) {
    int end = subject.indexOf('(');
    String call = end < 0 ? subject : subject.substring(0, end);
    var having = new ArrayList<>(compared);
    having.removeIf(arch -> Catalog.get().syscall(call).isPresent()
        && Catalog.get().table(arch).number(call).isEmpty());
    return arches.containsAll(having) ? "" : "; on " + Architecture.list(List.copyOf(arches));
  }
}
