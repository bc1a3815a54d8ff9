package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Bitmap;
import dev.warder.filter.Filter;
import dev.warder.filter.Interpreter;
import dev.warder.filter.Listing;
import dev.warder.filter.ReturnValue;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.CallPattern;
import dev.warder.policy.Condition;
import dev.warder.policy.Conditions;
import dev.warder.policy.Decision;
import dev.warder.policy.Evaluation;
import dev.warder.policy.Outcome;
import dev.warder.policy.Resolution;
import dev.warder.policy.Source;
import dev.warder.policy.Visible;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.commons.cli.Options;

/// `warder eval`: what becomes of one call.
///
/// The policy decides, and the compiled filter must agree: it is run on the known arguments, with values from the edges
/// of the conditions for the unknown ones.
final class EvalCommand {
  private static final String USAGE =
      "warder eval [POLICY OPTIONS] [--arch A] 'openat(AT_FDCWD, *, O_RDONLY)'";

  /// Source: `seccomp_uprobe_exception` in `kernel/seccomp.c`, Linux 7.3.
  private static final List<String> UNFILTERED = List.of("uretprobe", "uprobe");

  private final CallPattern pattern;
  private final Arch arch;
  private final int number;
  private final List<OptionalLong> registers;
  private final Decision decision;
  private final Filter filter;
  private final List<Branch> branches = new ArrayList<>();

  /// A possible outcome, and how many instructions the filter took to it.
  private record Branch(Evaluation.Branch of, IntSummaryStatistics executed) {}

  private EvalCommand(PolicyOptions options, CallPattern pattern, Arch wanted) throws CommandException {
    this.pattern = pattern;
    number = number(pattern, wanted);
    arch = abi(wanted, number);
    registers = registers(pattern, arch);
    List<Arch> served = served(options, arch);
    List<Resolution> resolutions = options.resolutions(served);
    int index = served.indexOf(arch);
    decision = index < 0 ? foreign(options, served) : resolutions.get(index).decide(number);
    filter = options.compile(resolutions);
  }

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    PolicyOptions.addTo(options);
    Arguments.value(options, "arch", "A");
    Arguments arguments = Arguments.anywhere(options, words);
    if (arguments.rest().size() != 1) {
      throw new CommandException((arguments.rest().isEmpty() ? "no call given: " : "one call at a time: ") + USAGE);
    }
    var pattern = PolicyOptions.accept(CallPattern.parse(Source.option("call", arguments.rest().getFirst())));
    Arch wanted = arguments.has("arch") ? Architecture.named(arguments.value("arch")) : Machine.here();
    Optional<Filter> raw = RawFilter.find(arguments);
    if (raw.isPresent()) {
      int number = number(pattern, wanted);
      Arch arch = abi(wanted, number);
      System.out.print(Visible.of(new FilterEval(arguments.value("policy"), raw.get(), pattern, arch, number,
          registers(pattern, arch)).report()));
      return Status.OK;
    }
    var command = new EvalCommand(PolicyOptions.of(arguments), pattern, wanted);
    System.out.print(Visible.of(command.report()));
    return Status.OK;
  }

  private static int number(CallPattern pattern, Arch arch) throws CommandException {
    var number = pattern.number(arch);
    if (number.isPresent()) {
      return number.getAsInt();
    }
    var having = new ArrayList<String>();
    for (Arch other : Arch.values()) {
      if (pattern.number(other).isPresent()) {
        having.add(other.label());
      }
    }
    throw new CommandException(arch + " has no call " + pattern.subject().text() + (having.isEmpty()
        ? ", nor has any architecture of the catalog"
        : "; choose with --arch one that has: " + String.join(", ", having)));
  }

  /// x86_64 and x32 share their audit value; a filter tells them apart by the number.
  private static Arch abi(Arch wanted, int number) throws CommandException {
    boolean x32 = Integer.compareUnsigned(number, Arch.X32.numberBase()) >= 0;
    if (wanted == Arch.X32 && !x32) {
      throw new CommandException("#" + number + " is a call of x86_64; numbers of x32 begin at #"
          + Arch.X32.numberBase() + ", so that of x32 would be #" + (Arch.X32.numberBase() + number));
    }
    return wanted == Arch.X86_64 && x32 ? Arch.X32 : wanted;
  }

  /// What the policy serves where this architecture is met, or else on the machines that it is for.
  private static List<Arch> served(PolicyOptions options, Arch arch) throws CommandException {
    Architectures architectures = options.policy().architectures();
    Arch machine = Machine.serving(arch);
    if (architectures.of(machine).isEmpty() && architectures instanceof Architectures.Listed listed
        && !listed.list().isEmpty()) {
      machine = Machine.serving(listed.list().getFirst());
    }
    return options.served(machine);
  }

  private static List<OptionalLong> registers(CallPattern pattern, Arch arch) throws CommandException {
    List<OptionalLong> registers = pattern.registers(arch);
    for (int i = 0; i < pattern.arguments().size(); i++) {
      if (pattern.arguments().get(i).isPresent() && registers.get(i).isEmpty()) {
        throw new CommandException(arch + " lacks a constant in argument " + (i + 1) + " of "
            + pattern.subject().text() + "; write its value, or * for any");
      }
    }
    return registers;
  }

  private Decision foreign(PolicyOptions options, List<Arch> served) {
    return Decision.always(new Outcome(Action.KILL_PROCESS, options.policy().name() + " does not serve " + arch
        + " here, only " + Architecture.list(served) + "; the numbers of others mean other calls."));
  }

  private String report() {
    for (Evaluation.Branch branch : Evaluation.of(decision, registers).branches()) {
      branches.add(new Branch(branch, new IntSummaryStatistics()));
    }
    List<Integer> path = runFilter();
    var out = new StringBuilder();
    if (branches.size() == 1) {
      certain(out, branches.getFirst().of().outcome());
    } else {
      uncertain(out);
    }
    out.append("call: ").append(name()).append(", number ").append(Integer.toUnsignedString(number)).append(" on ")
        .append(arch).append('\n');
    out.append("instructions executed: ").append(range(all())).append('\n');
    out.append(bitmap(Bitmap.answers(filter, arch.auditArch(), number)));
    if (arch == Arch.X86_64 && UNFILTERED.contains(name())) {
      out.append("note: recent kernels let this call through without asking any filter; it works only where the kernel"
          + " itself placed it\n");
    }
    if (branches.size() == 1) {
      path(out, filter, path);
    }
    return out.toString();
  }

  /// Runs the filter on all samples and compares.
  ///
  /// @return the path of the first
  private List<Integer> runFilter() {
    List<Integer> path = null;
    for (long[] args : Samples.of(registers, decision)) {
      var result = Interpreter.run(filter, number, arch.auditArch(), 0, args);
      Action expected = decision.decide(args).action();
      if (result.value() != ReturnValue.of(expected, arch)) {
        throw new AssertionError("the filter returns 0x" + Integer.toHexString(result.value()) + " for arguments "
            + Arrays.toString(args) + ", the policy decides " + ActionName.of(expected) + "\n"
            + Listing.of(filter, Architecture::callName));
      }
      branch(args).executed().accept(result.executed());
      path = path == null ? result.path() : path;
    }
    return path;
  }

  private Branch branch(long[] args) {
    for (Branch branch : branches) {
      if (branch.of().when().isEmpty() || branch.of().when().get().holds(args)) {
        return branch;
      }
    }
    throw new AssertionError("the last branch has no condition");
  }

  private static void certain(StringBuilder out, Outcome outcome) {
    out.append(ActionName.of(outcome.action())).append('\n').append(outcome.reason()).append('\n');
    if (outcome.dangerous()) {
      out.append("danger: a known way out of a jail\n");
    }
  }

  /// The strictest outcome first; of equally strict ones the last, which has the weakest condition.
  private void uncertain(StringBuilder out) {
    Outcome strictest = branches.reversed().stream().map(branch -> branch.of().outcome())
        .min(Comparator.comparingInt(outcome -> ActionName.strictness(outcome.action()))).orElseThrow();
    out.append(ActionName.of(strictest.action())).append('\n');
    out.append("Arguments that are not given decide; this is the strictest outcome of:\n");
    for (Branch branch : branches) {
      Outcome outcome = branch.of().outcome();
      Optional<Condition> when = branch.of().when();
      out.append("  ").append(when.isEmpty() ? "otherwise" : "if " + Conditions.text(when.get(), name(), arch));
      out.append(": ").append(ActionName.of(outcome.action()));
      out.append(outcome.dangerous() ? " (danger)" : "").append('\n');
      out.append("    ").append(outcome.reason()).append('\n');
      out.append("    instructions executed: ").append(range(branch.executed())).append('\n');
    }
  }

  private IntSummaryStatistics all() {
    var all = new IntSummaryStatistics();
    branches.forEach(branch -> all.combine(branch.executed()));
    return all;
  }

  private static String range(IntSummaryStatistics executed) {
    if (executed.getCount() == 0) {
      return "unknown";
    }
    String least = Integer.toString(executed.getMin());
    return executed.getMin() == executed.getMax() ? least : least + " to " + executed.getMax();
  }

  static String bitmap(boolean answers) {
    return answers
        ? "bitmap: yes, from Linux 5.11 on the kernel lets it through without running the filter\n"
        : "bitmap: no, the filter runs at each such call\n";
  }

  static void path(StringBuilder out, Filter filter, List<Integer> path) {
    List<String> lines = Listing.of(filter, Architecture::callName).lines().toList();
    out.append("path:\n");
    for (int at : path) {
      out.append("  ").append(lines.get(at)).append('\n');
    }
  }

  private String name() {
    return Architecture.callName(arch, number).orElse(pattern.subject().text());
  }
}
