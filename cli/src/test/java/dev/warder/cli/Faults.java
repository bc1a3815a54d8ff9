package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Lets system calls of an image fail, one a launch, and tells what came of it; see `faults/inject.c`.
final class Faults {
  private static final Path PASTA = Path.of("/usr/bin/pasta");
  private static final int MINUTES = 20;
  private static final Map<String, List<Errno>> ERRNOS = errnos();

  private static final List<Tolerated> TOLERATED = tolerated();

  private final Path helper;
  private final Path injector;

  Faults() throws IOException {
    helper = CProgram.build("faults/helper.c", Program.readableFolder("helper").resolve("pasta"));
    injector = CProgram.build("faults/inject.c", Program.readableFolder("inject").resolve("inject"));
  }

  /// A system call of a launch.
  ///
  /// @param process in order of creation
  /// @param index from 1, within the process
  /// @param result what it returned, `-errno` on failure
  /// @param object a path or other text among its arguments
  record Call(int process, int index, String role, String name, long result, String object) {
    /// The same for calls that differ in their place alone.
    String kind() {
      return role + " " + name + " " + object;
    }

    /// How it may fail, but for the way in which it did.
    List<Errno> errnos() {
      var all = new ArrayList<>(ERRNOS.get("*"));
      all.addAll(ERRNOS.getOrDefault(name, List.of()));
      return all.stream().distinct().filter(errno -> result != -errno.number()).toList();
    }
  }

  record Trial(Call call, Errno errno) {}

  /// @param reached whether the call was made at all
  /// @param failed what the call was this time: the order of a launch is not always the same
  /// @param payloads how many programs were started
  /// @param left processes that outlived the launcher
  /// @param mounts a sum of the host's mount table
  record Outcome(Trial trial, boolean reached, Call failed, String out, String err, String status, int payloads, int left,
      String mounts) {
    @Override
    public String toString() {
      return trial.errno() + " of call " + trial.call().index() + " (" + failed.kind() + "): status " + status + ", "
          + payloads + " programs, " + left + " left, out '" + out + "', err '" + err + "'";
    }
  }

  record Tolerated(String role, String call, String object, String errnos, String result, String why) {
    boolean covers(Call failed, Errno errno) {
      return matches(role, failed.role()) && matches(call, failed.name()) && matches(object, failed.object())
          && (errnos.equals("*") || List.of(errnos.split(" ")).contains(errno.name()));
    }

    private static boolean matches(String pattern, String text) {
      return pattern.equals("*") || pattern.equals(text)
          || pattern.endsWith("*") && text.startsWith(pattern.substring(0, pattern.length() - 1));
    }
  }

  /// What may come of a failure other than that the launch fails: `runs`, `hides`, `late`, `exec`; empty if nothing.
  static String tolerated(Call failed, Errno errno) {
    for (Tolerated row : TOLERATED) {
      if (row.covers(failed, errno)) {
        return row.result();
      }
    }
    return "";
  }

  /// Whether a program of the tests' own is executed in place of pasta.
  boolean standsInForPasta() {
    return Caller.self().isRoot() && Files.exists(PASTA);
  }

  /// The calls of a launch in which none fails.
  List<Call> trace(Caller caller, Path image) {
    var calls = new ArrayList<Call>();
    var made = new HashMap<Integer, Boolean>();
    for (String line : inject(caller, image, "0 0 0\n")) {
      String[] words = line.split(" ", 6);
      if (words[0].equals("call") && !words[2].equals("0")) {
        int process = Integer.parseInt(words[1]);
        String name = name(words[3]);
        calls.add(new Call(process, Integer.parseInt(words[2]), role(process, made), name, Long.parseLong(words[4]), words[5]));
        if (name.startsWith("clone")) {
          made.put(process, true);
        }
      }
    }
    return calls;
  }

  private static String role(int process, Map<Integer, Boolean> made) {
    boolean hasMade = made.getOrDefault(process, false);
    return switch (process) {
      case 0 -> hasMade ? "watching" : "launcher";
      case 1 -> hasMade ? "reaper" : "inside";
      default -> "program";
    };
  }

  List<Outcome> run(Caller caller, Path image, List<Trial> trials) {
    var questions = new StringBuilder();
    for (Trial trial : trials) {
      questions.append(trial.call().process()).append(' ').append(trial.call().index()).append(' ')
          .append(trial.errno().number()).append('\n');
    }
    var outcomes = new ArrayList<Outcome>();
    Call failed = null;
    String out = "";
    String err = "";
    for (String line : inject(caller, image, questions.toString())) {
      String[] words = line.split(" ", 3);
      switch (words[0]) {
        case "failed" -> {
          Call asked = trials.get(outcomes.size()).call();
          failed = new Call(asked.process(), asked.index(), asked.role(), name(words[1]), 0, words[2]);
        }
        case "out" -> out = line.substring(4);
        case "err" -> err = line.substring(4);
        case "end" -> {
          Trial trial = trials.get(outcomes.size());
          String[] end = line.split(" ");
          outcomes.add(new Outcome(trial, failed != null, failed == null ? trial.call() : failed, out, err, end[1],
              Integer.parseInt(end[2]), Integer.parseInt(end[3]), end[4]));
          failed = null;
        }
        default -> throw new AssertionError(line);
      }
    }
    if (outcomes.size() != trials.size()) {
      throw new AssertionError(outcomes.size() + " outcomes of " + trials.size() + " trials");
    }
    return outcomes;
  }

  private static String name(String number) {
    return Catalog.get().table(Arch.X86_64).name(Integer.parseInt(number)).orElse(number);
  }

  /// In a mount namespace of its own where root runs the tests, so that other mounts of the machine do not disturb.
  private List<String> inject(Caller caller, Path image, String questions) {
    try {
      Path in = Files.writeString(Files.createTempFile(Program.BASE, "trials", ""), questions);
      Path answers = Files.createTempFile(Program.BASE, "outcomes", "");
      var command = new ArrayList<String>();
      if (standsInForPasta()) {
        command.addAll(List.of("unshare", "-m", "sh", "-ec", "mount --bind $0 " + PASTA + "; exec \"$@\"", helper.toString()));
      } else if (Caller.self().isRoot()) {
        command.addAll(List.of("unshare", "-m"));
      }
      command.addAll(List.of(injector.toString(), "-d", caller.folder().toString()));
      if (!caller.become().isEmpty()) {
        command.addAll(List.of("-u", Integer.toString(caller.uid())));
      }
      command.add(image.toString());
      var builder = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(answers.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().clear();
      builder.environment().putAll(Map.of("PATH", Tools.PATH, "HOME", caller.home().toString(), "TERM", "dumb"));
      Process process = builder.start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError(command + " failed");
      }
      return Files.readAllLines(answers, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static Map<String, List<Errno>> errnos() {
    var all = new HashMap<String, List<Errno>>();
    for (String[] row : table("errnos.tsv")) {
      all.put(row[0], List.of(row[1].split(" ")).stream().map(Errno::valueOf).toList());
    }
    return all;
  }

  private static List<Tolerated> tolerated() {
    return table("tolerated.tsv").stream().map(row -> new Tolerated(row[0], row[1], row[2], row[3], row[4], row[5])).toList();
  }

  private static List<String[]> table(String name) {
    try (var in = Faults.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
