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
  private static final int MINUTES = 20;
  private static final Map<String, List<Errno>> ERRNOS = errnos();

  private static final List<Tolerated> TOLERATED = tolerated();

  private final Path injector;

  Faults() throws IOException {
    injector = CProgram.build("faults/inject.c", Program.readableFolder("inject").resolve("inject"));
  }

  /// A system call of a launch.
  ///
  /// @param process in order of creation
  /// @param index from 1, within the process
  /// @param result what it returned, `-errno` on failure
  /// @param object a path or other text among its arguments
  /// @param site the same for the same place in the code, also of another image: the call and its neighbours
  record Call(int process, int index, String role, String name, long result, String object, String site) {
    /// The same for calls that differ in their place alone.
    String kind() {
      return role + " " + name + " " + object;
    }

    private String neutral() {
      return name + " " + object.replaceAll("-?[0-9]+", "#");
    }

    private Call at(String place) {
      return new Call(process, index, role, name, result, object, place);
    }

    /// How it may fail, but for the way in which it did.
    List<Errno> errnos() {
      var all = new ArrayList<>(ERRNOS.get("*"));
      all.addAll(ERRNOS.getOrDefault(name, List.of()));
      return all.stream().distinct().filter(errno -> result != -errno.number()).toList();
    }
  }

  /// A call, and what it answers in place of what the kernel would.
  ///
  /// @param answer `-errno`, or a result
  record Trial(Call call, long answer) {
    Trial(Call call, Errno errno) {
      this(call, -errno.number());
    }

    Errno errno() {
      return Errno.of((int) -answer).orElseThrow();
    }
  }

  /// @param reached whether the call was made at all
  /// @param failed what the call was this time: the order of a launch is not always the same
  /// @param payloads how many programs were started
  /// @param left processes that outlived the launcher
  /// @param mounts how many there are on the host
  record Outcome(Trial trial, boolean reached, Call failed, String out, String err, String status, int payloads, int left,
      int mounts) {
    @Override
    public String toString() {
      return trial.answer() + " of call " + trial.call().index() + " (" + failed.kind() + "): status " + status + ", "
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

  /// The calls of a launch in which none fails.
  List<Call> trace(FaultShape.Launch launch) {
    var calls = new ArrayList<Call>();
    var roles = new Roles();
    for (String line : inject(launch, "0 0 0\n")) {
      String[] words = line.split(" ", 6);
      if (words[0].equals("made")) {
        roles.made(Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3].equals("1"));
      } else if (words[0].equals("call") && !words[2].equals("0")) {
        int process = Integer.parseInt(words[1]);
        calls.add(new Call(process, Integer.parseInt(words[2]), roles.of(process), name(words[3]),
            Long.parseLong(words[4]), words[5], ""));
      }
    }
    var inPlace = new ArrayList<Call>();
    for (Call call : calls) {
      List<Call> own = calls.stream().filter(other -> other.process() == call.process()).toList();
      int at = own.indexOf(call);
      var site = new StringBuilder(call.role());
      for (int i = Math.max(0, at - 2); i <= Math.min(own.size() - 1, at + 1); i++) {
        site.append(" | ").append(own.get(i).neutral());
      }
      inPlace.add(call.at(site.toString()));
    }
    return inPlace;
  }

  /// The calls of a launch at which a process of another user, outside the jail, can get at who makes them.
  List<Call> openTo(int uid, FaultShape.Launch launch) {
    var open = new ArrayList<Call>();
    var roles = new Roles();
    for (String line : inject(launch, "0 0 0\n", "-p", Integer.toString(uid))) {
      String[] words = line.split(" ", 5);
      if (words[0].equals("made")) {
        roles.made(Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3].equals("1"));
      } else if (words[0].equals("open")) {
        int process = Integer.parseInt(words[1]);
        open.add(new Call(process, Integer.parseInt(words[2]), roles.of(process), name(words[3]), 0, words[4], ""));
      }
    }
    return open;
  }

  /// Who a process is, by whom it has made so far.
  private static final class Roles {
    private final Map<Integer, Integer> parents = new HashMap<>();
    private int process1 = -1;

    void made(int parent, int process, boolean isProcess1) {
      parents.put(process, parent);
      process1 = isProcess1 ? process : process1;
    }

    String of(int process) {
      if (process == 0) {
        return process1 < 0 ? "launcher" : "watching";
      } else if (process == process1) {
        return parents.containsValue(process) ? "reaper" : "inside";
      }
      return parents.getOrDefault(process, 0) == 0 ? "helper" : "program";
    }
  }

  List<Outcome> run(FaultShape.Launch launch, List<Trial> trials) {
    var questions = new StringBuilder();
    for (Trial trial : trials) {
      questions.append(trial.call().process()).append(' ').append(trial.call().index()).append(' ')
          .append(-trial.answer()).append('\n');
    }
    var outcomes = new ArrayList<Outcome>();
    Call failed = null;
    var roles = new Roles();                                  // the order of processes is not always the same
    String out = "";
    String err = "";
    for (String line : inject(launch, questions.toString())) {
      String[] words = line.split(" ", 3);
      switch (words[0]) {
        case "made" -> {
          String[] made = line.split(" ");
          roles.made(Integer.parseInt(made[1]), Integer.parseInt(made[2]), made[3].equals("1"));
        }
        case "failed" -> {
          Call asked = trials.get(outcomes.size()).call();
          failed = new Call(asked.process(), asked.index(), roles.of(asked.process()), name(words[1]), 0, words[2], asked.site());
        }
        case "out" -> out = line.substring(4);
        case "err" -> err = line.substring(4);
        case "end" -> {
          Trial trial = trials.get(outcomes.size());
          String[] end = line.split(" ");
          outcomes.add(new Outcome(trial, failed != null, failed == null ? trial.call() : failed, out, err, end[1],
              Integer.parseInt(end[2]), Integer.parseInt(end[3]), Integer.parseInt(end[4])));
          failed = null;
          roles = new Roles();
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

  private List<String> inject(FaultShape.Launch launch, String questions, String... arguments) {
    try {
      Path in = Files.writeString(Files.createTempFile(Program.BASE, "trials", ""), questions);
      Path answers = Files.createTempFile(Program.BASE, "outcomes", "");
      var builder = new ProcessBuilder(launch.by(injector, arguments)).redirectInput(in.toFile())
          .redirectOutput(answers.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().clear();
      builder.environment().putAll(Map.of("PATH", Tools.PATH, "HOME", launch.caller().home().toString(), "TERM", "dumb"));
      Process process = builder.start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError(builder.command() + " failed");
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
