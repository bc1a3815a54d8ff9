package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Bitmap;
import dev.warder.filter.Filter;
import dev.warder.jail.CallsInReach;
import dev.warder.meaning.Comparison;
import dev.warder.meaning.Program;
import dev.warder.meaning.Rules;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Reason;
import dev.warder.policy.Reasons;
import dev.warder.policy.Visible;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `warder check` of a compiled filter: whether the kernel takes it, what it means, and where it is weak.
final class FilterCheck {
  private final Filter filter;
  private final Policy usual;
  private final Program program;
  private final Arch arch;
  private final List<Arch> served;
  private final Map<String, List<Program.Answer>> calls = new TreeMap<>();
  private final StringBuilder out = new StringBuilder();

  private FilterCheck(Filter filter) throws CommandException {
    this.filter = filter;
    this.usual = PolicySource.profile("default");
    this.program = Program.of(filter);
    this.served = program.serves();
    this.arch = served.isEmpty() || served.contains(Machine.here()) ? Machine.here() : served.getFirst();
    Catalog.get().table(arch).names().forEach((number, name) -> calls.put(name, program.answers(arch, number)));
  }

  static int run(String path) throws CommandException {
    Parsed<Filter> parsed = RawFilter.parse(path);
    if (!(parsed instanceof Parsed.Accepted<Filter>(Filter filter))) {
      System.out.print(Visible.of(CheckCommand.invalid(path, parsed.problems())));
      return Status.NO;
    }
    try {
      System.out.print(Visible.of(new FilterCheck(filter).report(path)));
      return Status.OK;
    } catch (TooComplexException e) {
      throw new CommandException(path + " is valid by the kernel's rules, but what it means cannot be told: "
          + e.getMessage());
    }
  }

  private String report(String path) {
    out.append(RawFilter.name(path, filter)).append(": valid, the kernel takes it\n");
    out.append("serves: ").append(served.isEmpty() ? "no architecture" : Architecture.list(served));
    out.append("; others get ").append(program.others().map(value -> DiffCommand.answer(value, arch))
        .orElse("an answer that hangs on the call")).append('\n');
    if (!served.isEmpty()) {
      lists();
    }
    weaknesses();
    return out.toString();
  }

  private void lists() {
    var allowed = new ArrayList<String>();
    var conditional = new ArrayList<String>();
    var denied = new LinkedHashMap<String, List<String>>();
    calls.forEach((name, answers) -> {
      if (answers.stream().allMatch(Program.Answer::letsThrough)) {
        allowed.add(name);
      } else if (answers.stream().anyMatch(Program.Answer::letsThrough)) {
        conditional.add(name);
      } else {
        denied.computeIfAbsent(text(answers), _ -> new ArrayList<>()).add(name);
      }
    });
    heading("allowed on " + arch, allowed.size());
    out.append(Paragraph.of("  ", allowed));
    long answered = allowed.stream().filter(name ->
        Bitmap.answers(filter, arch.auditArch(), Catalog.get().table(arch).number(name).orElseThrow())).count();
    out.append("answered from the kernel's bitmap, without running the filter: ").append(answered).append(" of ")
        .append(allowed.size()).append('\n');
    heading("allowed with conditions", conditional.size());
    conditional.forEach(name -> item(name, text(calls.get(name))));
    heading("denied", denied.values().stream().mapToInt(List::size).sum());
    denied.forEach((answer, names) -> out.append("  ").append(answer).append(":\n").append(Paragraph.of("    ", names)));
    Map<String, List<Program.Answer>> unnamed = program.unnamed(arch);
    heading("numbers of no call", unnamed.size());
    unnamed.forEach((numbers, answers) -> item(numbers, text(answers)));
  }

  private String text(List<Program.Answer> answers) {
    return answers.stream().map(answer -> DiffCommand.answer(answer.value(), arch)
        + (answer.condition().isEmpty() ? "" : " if " + answer.condition())).collect(Collectors.joining("; "));
  }

  private void weaknesses() {
    var weak = new ArrayList<String>();
    if (!program.tellsArchitectures()) {
      weak.add("It does not ask for the architecture: a 32-bit call passes under the number of another call.");
    }
    x32(weak);
    List<Integer> unreachable = program.unreachable();
    if (!unreachable.isEmpty()) {
      weak.add(unreachable.size() + (unreachable.size() == 1 ? " instruction is" : " instructions are")
          + " never reached: " + unreachable.stream().limit(20).map(String::valueOf).collect(Collectors.joining(", "))
          + (unreachable.size() > 20 ? " …" : "") + ".");
    }
    halves(weak);
    mounting(weak);
    heading("weaknesses", weak.size());
    weak.forEach(text -> out.append(Paragraph.of("  ", text)));
    if (!served.isEmpty()) {
      weaker();
    }
  }

  /// Calls that bit 30 of the number opens.
  private void x32(List<String> weak) {
    var opened = new ArrayList<String>();
    if (arch == Arch.X86_64 && served.contains(Arch.X32)) {
      Catalog.get().table(Arch.X32).names().forEach((number, name) -> {
        List<Program.Answer> answers = calls.getOrDefault(name, List.of());
        boolean denied = !answers.isEmpty() && answers.stream().noneMatch(Program.Answer::letsThrough);
        if (denied && program.answers(Arch.X32, number).stream().anyMatch(Program.Answer::letsThrough)) {
          opened.add(name);
        }
      });
    }
    if (!opened.isEmpty()) {
      weak.add("By x32 numbers, with bit 30 set, it lets calls through that it denies on x86_64: "
          + String.join(" ", opened) + ".");
    }
  }

  private void mounting(List<String> weak) {
    var mounting = new ArrayList<String>();
    for (String call : CallsInReach.OF_MOUNTS) {
      if (calls.getOrDefault(call, List.of()).stream().anyMatch(Program.Answer::letsThrough)) {
        mounting.add(call);
      }
    }
    if (!mounting.isEmpty()) {
      weak.add(String.join(", ", mounting) + " leave a jail without Landlock's rules on files. "
          + CheckCommand.WITHOUT_RULES);
    }
  }

  private void halves(List<String> weak) {
    calls.forEach((name, answers) -> {
      if (answers.size() > 1) {
        for (Argument argument : Catalog.get().arguments(name, arch)) {
          int number = Catalog.get().table(arch).number(name).orElseThrow();
          if (argument.width() == Long.SIZE && program.comparesHalf(arch, number, argument.index())) {
            weak.add("Of " + Catalog.get().manualName(name, argument.name()) + " of " + name
                + " it compares the low 32 bits only; the kernel reads 64.");
          }
        }
      }
    });
  }

  /// Against the usual profile, as `check` of a policy tells it.
  private void weaker() {
    Comparison comparison = Comparison.of(new Rules.Written(usual), new Rules.Compiled(filter),
        List.of(Machine.serving(arch)));
    var more = new TreeMap<String, String>();
    for (Comparison.Difference difference : comparison.differences()) {
      if (difference.abi() == arch && difference.rightAllowsMore() && !difference.call().isEmpty()) {
        more.merge(difference.call(), difference.condition(), (a, b) -> a.equals(b) ? a : a + " || " + b);
      }
    }
    heading("weakens: calls that it allows and profile default denies", more.size());
    more.forEach((name, condition) -> {
      Optional<Reason> reason = Reasons.of(name);
      String text = reason.map(r -> (r.dangerous() ? "Danger, a known way out of a jail. " : "") + r.text()).orElse("");
      item(name + (condition.isEmpty() ? "" : "(" + condition + ")"), text);
    });
  }

  private void heading(String text, int count) {
    out.append('\n').append(text).append(": ").append(count == 0 ? "none" : Integer.toString(count)).append('\n');
  }

  private void item(String names, String text) {
    out.append(Paragraph.of("  ", names)).append(text.isEmpty() ? "" : Paragraph.of("      ", text));
  }
}
