package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Whatever system call of a launch fails, in whatever way: the program is not started, the message says at what, and
/// nothing is left behind. Calls whose failure is no failure of the jail are listed in `tolerated.tsv`, with a reason.
///
/// The calls are found by tracing a launch, so a new step is tried without a word here; a new option needs a shape.
/// `-Dfaults=all` tries every error at every call of every shape; without, a call that several shapes share is tried with
/// every error once and with one error from then on.
class FaultsIT {
  private static final boolean ALL = "all".equals(System.getProperty("faults"));
  private static final Pattern MESSAGE =
      Pattern.compile("warder: cannot (.+?): (E[A-Z0-9]+|error [0-9]+): [^:\\\\].*\\\\n");

  private static final String ANOTHER_ERROR = "another error";

  /// Options that make a plan of another shape.
  private record Shape(String name, boolean forRootAlone, String program, List<String> options) {}

  private static List<Shape> shapes(Path work) throws IOException {
    Path root = root("root", List.of("proc", "dev", "tmp", "run"));
    Path bare = root("bare", List.of());
    String shown = work.resolve("started").toString();
    String file = Files.writeString(work.resolve("file"), "a file").toString();
    String folder = Program.folder("bound").toString();
    String upper = Program.openToAll(Files.createDirectory(Program.folder("layers").resolve("upper"))).toString();
    return List.of(
        new Shape("default", false, shown, List.of()),
        new Shape("a root", false, "/started", List.of("-D", root.toString())),
        new Shape("a read-only root", false, "/started", List.of("-D", root.toString(), "--read-only")),
        new Shape("a root without folders", false, "/started", List.of("-D", bare.toString())),
        new Shape("mounts", false, shown, List.of("--bind", folder + ":/mnt/a/b", "--bind-ro", file + ":/mnt/file",
            "--tmpfs", "/mnt/t:size=1m", "--inaccessible", "/etc/passwd", "--inaccessible", "/opt", "--chdir", "/mnt")),
        new Shape("mounts in a root", false, "/started", List.of("-D", root.toString(), "--bind", folder + ":/mnt/a",
            "--inaccessible", "/dev/null")),
        new Shape("the host's network", false, shown, List.of("--network", "host")),
        new Shape("another network", true, shown, List.of("--network-namespace-path=/proc/self/ns/net")),
        new Shape("a network in user space", false, shown, List.of("--network", "pasta")),
        new Shape("process 1", false, shown, List.of("--as-pid1")),
        new Shape("another user", true, shown, List.of("-u", "1234:1234")),
        new Shape("limits", false, shown, List.of("--timeout", "20s", "--rlimit", "NOFILE=64", "--rlimit", "CORE=0")),
        new Shape("overlays", false, shown, List.of("--overlay", folder + ":" + upper + ":/mnt/o", "--overlay",
            "/usr::/mnt/p", "--overlay-ro", folder + ":" + work + ":/mnt/q")),
        new Shape("keys", false, shown, List.of("--profile", "nspawn")),
        new Shape("control groups", true, shown, List.of("--memory", "64M", "--pids", "20", "--cpus", "0.5")),
        new Shape("a result", false, shown, List.of("--stats", Program.folder("faults").resolve("result").toString())),
        new Shape("no user namespace", true, shown, List.of("--private-users=no")),
        new Shape("just the /usr of a root", false, "/usr/started", List.of("-D", usr().toString(), "--volatile=yes")),
        new Shape("capabilities", false, shown, List.of("--capability", "CAP_NET_BIND_SERVICE,CAP_CHOWN")));
  }

  private static Path usr() throws IOException {
    Path root = Program.readableFolder("usr-alone");
    CProgram.build("faults/started.c", Files.createDirectory(root.resolve("usr")).resolve("started"));
    Files.createSymbolicLink(root.resolve("bin"), Path.of("usr"));
    return root;
  }

  /// A root that holds the program, the folders, and a place for what is mounted.
  private static Path root(String name, List<String> folders) throws IOException {
    Path root = Program.readableFolder(name);
    CProgram.build("faults/started.c", root.resolve("started"));
    for (String folder : folders) {
      Files.createDirectory(root.resolve(folder));
    }
    Files.createDirectories(root.resolve("mnt/a"));
    return root;
  }

  @ForEachCaller
  void aFailingCallKeepsTheProgramFromStarting(Caller who) throws IOException {
    Path work = Program.readableFolder("work");
    CProgram.build("faults/started.c", work.resolve("started"));
    Caller caller = who.in(work);
    var faults = new Faults();
    var tried = new HashSet<String>();
    var wrong = new ArrayList<String>();
    int reached = 0;
    int steps = 0;
    for (Shape shape : shapes(work)) {
      if (shape.forRootAlone() && !caller.isRoot() || shape.options().contains("pasta") && !faults.standsInForPasta()) {
        continue;
      }
      var image = new Image(caller, shape);
      List<Faults.Call> calls = faults.trace(caller, image.file);
      assertThat(calls).as(shape.name()).hasSizeGreaterThan(100);
      Set<String> named = new HashSet<>();
      String mounts = null;
      for (Faults.Outcome outcome : faults.run(caller, image.file, trials(calls, tried))) {
        mounts = mounts == null ? outcome.mounts() : mounts;
        if (outcome.reached()) {
          reached++;
          String problem = problem(outcome, shape, image.steps, named);
          if (!problem.isEmpty() || !outcome.mounts().equals(mounts)) {
            wrong.add(shape.name() + ": " + problem + ": " + outcome);
          }
        }
      }
      steps += named.size();
    }
    System.out.println("faults, " + caller + ": " + reached + " pairs of a call and an error, in " + steps
        + " steps of plans of " + shapes(work).size() + " shapes");
    assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    assertThat(reached).isGreaterThan(2500);
  }

  private static final class Image {
    final Path file = Program.readableFolder("image").resolve("image");
    final List<String> steps;

    Image(Caller caller, Shape shape) throws IOException {
      var words = new ArrayList<>(shape.options());
      words.addAll(List.of("--", shape.program()));
      steps = words(Caller.self(), caller, "plan", words).lines().filter(line -> !line.startsWith(" ")).toList();
      words.addAll(0, List.of("-o", file.toString()));
      words(Caller.self(), caller, "build", words);
    }

    private static String words(Caller self, Caller caller, String command, List<String> words) {
      var all = new ArrayList<>(List.of(command));
      all.addAll(words);
      var result = self.in(caller.folder()).warder(all.toArray(String[]::new));
      assertThat(result.status()).as(result.err()).isZero();
      return result.out();
    }
  }

  private static List<Faults.Trial> trials(List<Faults.Call> calls, Set<String> tried) {
    var trials = new ArrayList<Faults.Trial>();
    for (Faults.Call call : calls) {
      boolean known = !tried.add(call.kind());
      for (Errno errno : known && !ALL ? List.of(Errno.EPERM) : call.errnos()) {
        trials.add(new Faults.Trial(call, errno));
      }
    }
    return trials;
  }

  /// What is wrong with an outcome; empty if nothing.
  ///
  /// @param named the steps that messages have named so far
  private static String problem(Faults.Outcome outcome, Shape shape, List<String> steps, Set<String> named) {
    String tolerated = Faults.tolerated(outcome.failed(), outcome.trial().errno());
    String refused = refused(outcome, steps, named);
    if (outcome.left() > 0 && !tolerated.equals("leaves")) {
      return "processes or control groups are left";
    }
    return switch (tolerated) {
      case "runs", "leaves" -> ran(outcome) || refused.equals(ANOTHER_ERROR) ? "" : refused;
      case "hides" -> outcome.status().equals("127") || shape.program().endsWith("/started") && shape.options().contains("-D") && ran(outcome) ? "" : refused;
      case "home" -> ran(outcome) && outcome.err().startsWith("warder: the current folder ") ? "" : refused;
      case "exec" -> outcome.payloads() == 0 && outcome.err().startsWith("warder: cannot run ")
          && (outcome.status().equals("126") || outcome.status().equals("127")) ? "" : "not said to be unable to run";
      case "late" -> outcome.status().equals("125") ? "" : "not ended with 125";
      default -> refused.isEmpty() && outcome.payloads() > 0 ? "a program was started" : refused;
    };
  }

  private static boolean ran(Faults.Outcome outcome) {
    return outcome.status().equals("0") && outcome.out().equals("STARTED\\n");
  }

  private static String refused(Faults.Outcome outcome, List<String> steps, Set<String> named) {
    var message = MESSAGE.matcher(outcome.err());
    if (!outcome.status().equals("125") || !outcome.out().isEmpty()) {
      return "not refused";
    } else if (!message.matches()) {
      return "no such message as wanted";
    } else if (!steps.contains(message.group(1))) {
      return "not a step of the plan";
    }
    Errno errno = outcome.trial().errno();
    if (!Set.of(errno.name(), "error " + errno.number()).contains(message.group(2))) {
      return ANOTHER_ERROR;
    }
    named.add(message.group(1));
    return "";
  }
}
