package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Bitmap;
import dev.warder.filter.Filter;
import dev.warder.filter.Interpreter;
import dev.warder.meaning.Example;
import dev.warder.meaning.Program;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.CallPattern;
import dev.warder.policy.Reasons;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/// `warder eval` of a compiled filter: all answers that the unknown arguments leave, each with an example that is run.
final class FilterEval {
  private final Filter filter;
  private final Arch arch;
  private final int number;
  private final String name;
  private final List<Program.Answer> answers;
  private final StringBuilder out = new StringBuilder();

  FilterEval(String path, Filter filter, CallPattern pattern, Arch arch, int number, List<OptionalLong> registers)
      throws CommandException {
    this.filter = filter;
    this.arch = arch;
    this.number = number;
    this.name = Architecture.callName(arch, number).orElse(pattern.subject().text());
    if (filter.bigEndian() != arch.bigEndian()) {
      throw new CommandException(path + " is a filter for machines of the other byte order than " + arch
          + "; choose another with --arch");
    }
    try {
      answers = Program.of(filter).answers(arch, number, registers);
    } catch (TooComplexException e) {
      throw new CommandException(path + " cannot be judged for all arguments at once: " + e.getMessage());
    }
  }

  String report() {
    Program.Answer strictest = answers.stream().min(Comparator.comparingInt(Program.Answer::value)).orElseThrow();
    out.append(word(strictest)).append('\n');
    if (answers.size() > 1) {
      out.append("Arguments that are not given decide; this is the strictest outcome of:\n");
      for (Program.Answer answer : answers) {
        out.append("  if ").append(answer.condition()).append(": ").append(word(answer)).append('\n');
        out.append("    instructions executed, for example: ").append(run(answer).executed()).append('\n');
      }
    } else {
      out.append("So the compiled filter answers; it keeps no reasons.\n");
    }
    if (!strictest.letsThrough()) {
      Reasons.of(name).ifPresent(reason -> out.append("why it may be denied: ").append(reason.text()).append('\n')
          .append(reason.dangerous() ? "danger: a known way out of a jail\n" : ""));
    }
    out.append("call: ").append(name).append(", number ").append(Integer.toUnsignedString(number)).append(" on ")
        .append(arch).append('\n');
    if (answers.size() == 1) {
      out.append("instructions executed: ").append(run(strictest).executed()).append('\n');
    }
    out.append(EvalCommand.bitmap(Bitmap.answers(filter, arch.auditArch(), number)));
    if (answers.size() == 1) {
      EvalCommand.path(out, filter, run(strictest).path());
    }
    return out.toString();
  }

  private String word(Program.Answer answer) {
    return DiffCommand.answer(answer.value(), arch);
  }

  private Interpreter.Result run(Program.Answer answer) {
    Example example = answer.example();
    return Interpreter.run(filter, number, arch.auditArch(), example.instructionPointer(), example.args());
  }
}
