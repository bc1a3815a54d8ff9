package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.TestPrograms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program that makes any system calls one wants and tells what the kernel did, in a jail or outside.
final class Probe {
  private static final int SIGKILL = 9;
  private static final int SIGSYS = 31;

  /// Bound at `/probe` in the jail.
  private final Path folder;

  Probe() throws IOException {
    folder = Program.readableFolder("probe");
    Program.executable(folder.resolve("probe"), TestPrograms.probe());
  }

  /// A call by one of the ABIs of x86-64.
  ///
  /// @param number as a filter sees it
  /// @param args up to six
  record Call(Arch arch, int number, boolean inOwnProcess, long... args) {
    static Call of(Arch arch, int number, long... args) {
      return new Call(arch, number, false, args);
    }

    /// As a filter sees them.
    long[] seen() {
      var seen = new long[6];
      for (int i = 0; i < args.length; i++) {
        seen[i] = arch == Arch.X86 ? args[i] & 0xFFFFFFFFL : args[i];
      }
      return seen;
    }

    private void put(ByteBuffer out) {
      out.putLong(arch == Arch.X86 ? TestPrograms.BY_INT80
          : inOwnProcess ? TestPrograms.BY_SYSCALL_HERE : TestPrograms.BY_SYSCALL);
      out.putLong(number);
      for (long arg : seen()) {
        out.putLong(arg);
      }
    }

    @Override
    public String toString() {
      var text = new StringBuilder(arch + " " + Integer.toHexString(number) + " "
          + Catalog.get().table(arch).name(number).orElse("?"));
      for (long arg : args) {
        text.append(" 0x").append(Long.toHexString(arg));
      }
      return text.toString();
    }
  }

  /// What the kernel did.
  ///
  /// @param returned whether the call came back
  /// @param value what it returned, `-errno` on failure
  /// @param status how the process that made it ended, as wait(2) tells
  record Answer(boolean returned, long value, int status) {
    boolean killed() {
      return (status & 0x7f) == SIGSYS;
    }

    /// Whether the probe lost patience with the call.
    boolean timedOut() {
      return (status & 0x7f) == SIGKILL;
    }
  }

  /// Makes the calls in a jail of these options.
  List<Answer> inJail(List<String> options, List<Call> calls) throws IOException {
    var words = new ArrayList<>(options);
    words.addAll(List.of("--bind-ro", folder + ":/probe", "--", "/probe/probe"));
    return ask("exec \"$WARDER\" run \"$@\"", words, calls);
  }

  /// Makes the calls without a jail.
  List<Answer> outside(List<Call> calls) throws IOException {
    return ask("exec \"$1\"", List.of(folder.resolve("probe").toString()), calls);
  }

  private List<Answer> ask(String script, List<String> words, List<Call> calls) throws IOException {
    Path questions = Files.createTempFile(folder, "questions", "");
    Path answers = Files.createTempFile(folder, "answers", "");
    var out = ByteBuffer.allocate(calls.size() * TestPrograms.CALL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    calls.forEach(call -> call.put(out));
    Files.write(questions, out.array());
    var all = new ArrayList<>(List.of(questions.toString(), answers.toString()));
    all.addAll(words);
    var result = Caller.self().sh("exec < \"$1\" > \"$2\"; shift 2; " + script, all.toArray(String[]::new));
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(answers)).order(ByteOrder.LITTLE_ENDIAN);
    var list = new ArrayList<Answer>();
    while (in.hasRemaining()) {
      list.add(new Answer(in.getLong() == 1, in.getLong(), (int) in.getLong()));
    }
    if (result.status() != 0 || list.size() != calls.size()) {
      throw new AssertionError("the probe ended with " + result.status() + " after " + list.size() + " of "
          + calls.size() + " calls"
          + (list.size() < calls.size() ? ", at " + calls.get(list.size()) : "") + result.err());
    }
    return list;
  }
}
