package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.format.tree.Document;
import dev.warder.format.tree.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The file of `--stats`: how a jail ended, told apart by what ends it.
class ResultIT {
  private static final Path SCHEMA = Path.of("..", "docs", "schema", "result.schema.json");
  private static final String BUSY = "while :; do :; done";

  /// A result, checked against the schema's keys and names.
  private record Told(Node.Mapping json, Caller.Result result) {
    String field(String... path) {
      Node node = json;
      for (String key : path) {
        node = ((Node.Mapping) node).get(key);
      }
      return node instanceof Node.Scalar scalar ? scalar.text() : "{}";
    }

    double number(String key) {
      return Double.parseDouble(field(key));
    }

    /// `ended`, `status`, `exit_code`, `signal`.
    String end() {
      return field("ended") + " " + field("status") + " " + field("exit_code") + " " + field("signal");
    }
  }

  private static Node.Mapping read(Path file) throws IOException {
    return (Node.Mapping) Document.read(file.toString(), Files.readAllBytes(file)).orThrow().root();
  }

  private static List<String> keys(Node.Mapping mapping) {
    return mapping.entries().stream().map(entry -> entry.key().text()).toList();
  }

  private static List<String> items(Node node) {
    return ((Node.Sequence) node).items().stream().map(item -> ((Node.Scalar) item).text()).toList();
  }

  private static Path file() throws IOException {
    return Program.folder("result").resolve("result.json");
  }

  private static Told told(Path file, Caller.Result result) throws IOException {
    assertThat(Files.readString(file)).as(result.err()).endsWith("}\n");
    var told = new Told(read(file), result);
    Node.Mapping schema = read(SCHEMA);
    assertThat(keys(told.json)).containsExactlyInAnyOrderElementsOf(items(schema.get("required")));
    assertThat(keys(told.json)).containsExactlyInAnyOrderElementsOf(keys((Node.Mapping) schema.get("properties")));
    var ends = (Node.Mapping) ((Node.Mapping) schema.get("properties")).get("ended");
    assertThat(items(ends.get("enum"))).contains(told.field("ended"));
    assertThat(told.field("status")).isEqualTo(Integer.toString(result.status()));
    return told;
  }

  private static Told run(Caller caller, String... words) throws IOException {
    Path file = file();
    var all = new ArrayList<>(List.of("--stats", file.toString()));
    all.addAll(List.of(words));
    return told(file, caller.run(all.toArray(String[]::new)));
  }

  @ForEachCaller
  void endsAreToldApart(Caller caller) throws IOException {
    String[][] rows = {
        // ended, status, exit code, signal | words
        {"exit 0 0 null", "true"},
        {"exit 42 42 null", "sh", "-c", "exit 42"},
        {"exit 137 137 null", "sh", "-c", "exit 137"},
        {"signal 137 null 9", "sh", "-c", "kill -9 $$"},
        {"signal 143 null 15", "sh", "-c", "kill $$"},
        {"exit 7 7 null", "--as-pid1", "--", "sh", "-c", "exit 7"},
        {"timeout 124 null null", "--timeout", "300ms", "--", "sleep", "20"},
        {"timeout 124 null null", "--timeout", "300ms", "--as-pid1", "--", "sleep", "20"},
        {"denied-call 159 null 31", "--default-action", "kill", "--", "unshare", "--user", "true"},
        {"cpu-time 152 null 24", "--rlimit", "CPU=1", "--", "sh", "-c", BUSY},
        {"signal 137 null 9", "--rlimit", "CPU=1:1", "--", "sh", "-c", BUSY},
        {"not-executed 127 null null", "/nosuch"},
        {"not-executed 126 null null", "/etc/passwd"},
        {"not-started 125 null null", "--chdir", "/nosuch", "--", "true"},
        {"not-started 125 null null", "--bind", "/nosuch", "--", "true"}};
    for (String[] row : rows) {
      Told told = run(caller, List.of(row).subList(1, row.length).toArray(String[]::new));
      assertThat(told.end()).as(String.join(" ", row) + told.result.err()).isEqualTo(row[0]);
    }
  }

  @ForEachCaller
  void aStepThatFailsIsNamedWithErrnoAndRemedyAsOnStderr(Caller caller) throws IOException {
    String strange = "/no\"such\\folder\n\u0001\u00e9";
    Told inside = run(caller, "--chdir", strange, "--", "true");
    assertThat(inside.field("failure", "step")).isEqualTo("enter " + strange);
    assertThat(inside.field("failure", "errno")).isEqualTo("2");
    assertThat(inside.result.err())
        .isEqualTo("warder: cannot enter " + strange + ": ENOENT: " + inside.field("failure", "remedy") + "\n");
    Told outside = run(caller, "--bind", "/nosuch", "--", "true");
    assertThat(outside.field("failure", "step")).isEqualTo("take /nosuch");
    Told command = run(caller, "/etc/passwd");
    assertThat(command.field("failure", "errno")).isEqualTo("13");
    assertThat(run(caller, "true").field("failure")).isEqualTo("null");
  }

  @ForEachCaller
  void timeAndMemoryAreMeasured(Caller caller) throws IOException {
    Tools.need("python3");
    Told sleeper = run(caller, "sleep", "0.5");
    assertThat(sleeper.number("wall_seconds")).isBetween(0.5, 10.0);
    assertThat(sleeper.number("user_seconds") + sleeper.number("system_seconds")).isLessThan(0.4);
    Told worker = run(caller, "python3", "-c", """
        import time
        x = bytearray(50 << 20); x[::4096] = b'x' * len(x[::4096])
        while time.process_time() < 0.5: pass""");
    assertThat(worker.number("user_seconds") + worker.number("system_seconds")).isBetween(0.4, 3.0);
    assertThat(worker.number("memory_peak_bytes")).isBetween(50e6, 100e6);
    assertThat(worker.field("memory_peak_of")).isEqualTo("largest-process");
  }

  /// The kernel counts nothing of what it ends along with process 1, so the reaper ends and awaits it.
  @ForEachCaller
  void whatWasKilledIsCountedToo(Caller caller) throws IOException {
    Told late = run(caller, "--timeout", "1500ms", "--", "sh", "-c", BUSY);
    assertThat(late.end()).isEqualTo("timeout 124 null null");
    assertThat(late.number("user_seconds") + late.number("system_seconds")).isGreaterThan(0.2);
    assertThat(late.number("memory_peak_bytes")).isGreaterThan(100_000);
    Told background = run(caller, "sh", "-c", "sh -c '" + BUSY + "' & sleep 1");
    assertThat(background.end()).isEqualTo("exit 0 0 null");
    assertThat(background.number("user_seconds") + background.number("system_seconds")).isGreaterThan(0.2);
  }

  @Test
  void memoryProcessesAndAKillFromOutsideAreToldApart() throws IOException {
    Caller root = Caller.self();
    Tools.skipUnless(root.isRoot(), "control groups are tested as root");
    ControlGroups.need();
    Tools.need("python3");
    String eat = "x = bytearray(100 << 20); x[::4096] = b'x' * len(x[::4096])";
    Told eater = run(root, "--memory", "32M", "--", "python3", "-c", eat);
    assertThat(eater.end()).isEqualTo("memory 137 null 9");
    assertThat(eater.field("oom_kills")).isEqualTo("1");
    assertThat(eater.field("memory_peak_of")).isEqualTo("jail");
    assertThat(eater.number("memory_peak_bytes")).isBetween(30e6, 32.0 * (1 << 20));
    assertThat(run(root, "--memory", "32M", "--as-pid1", "--", "python3", "-c", eat).end()).isEqualTo("memory 137 null 9");
    Told shell = run(root, "--memory", "32M", "--", "sh", "-c", "python3 -c \"$0\"; exit 5", eat);
    assertThat(shell.end()).isEqualTo("exit 5 5 null");
    assertThat(shell.field("oom_kills")).isEqualTo("1");
    Told killed = run(root, "--memory", "32M", "--pids", "9", "--", "sh", "-c", "kill -9 $$");
    assertThat(killed.end()).isEqualTo("signal 137 null 9");
    assertThat(killed.field("oom_kills") + " " + killed.field("forks_refused")).isEqualTo("0 0");
    Told forker = run(root, "--pids", "1", "--", "sh", "-c", "true & wait");
    assertThat(forker.field("ended") + " " + forker.field("forks_refused")).isEqualTo("exit 1");
    assertThat(forker.field("oom_kills")).isEqualTo("null");
    Path file = file();
    try (var jail = root.startRun("--stats", file.toString(), "--memory", "32M", "--", "sh", "-c",
        "echo ready; exec sleep " + Tools.uniqueSleep())) {
      jail.said("ready");
      Path processes = ControlGroups.ofJail(jail.pid(), "memory").resolve("jail/cgroup.procs");
      Tools.await(() -> ControlGroups.read(processes).lines().count() == 2, () -> "no program");
      root.sh("kill -9 $(tail -n 1 " + processes + ")");
      assertThat(told(file, jail.end()).end()).isEqualTo("signal 137 null 9");
    }
  }

  @ForEachCaller
  void theCallersEndIsTold(Caller caller) throws IOException {
    Path file = file();
    try (var shell = caller.startSh("\"$WARDER\" run --stats \"$1\" -- sh -c 'echo ready; sleep 20' & read line; exit 3",
        file.toString())) {
      shell.said("ready");
      shell.say("go");
      shell.end();
      Tools.await(() -> ControlGroups.read(file).contains("\"ended\":\"caller\""), () -> ControlGroups.read(file));
    }
  }

  @ForEachCaller
  void theFileIsNewAndNoLinkIsFollowed(Caller caller) throws IOException {
    Path folder = Program.folder("result");
    Path file = folder.resolve("a b.json");
    Path precious = Program.openToAll(Files.writeString(folder.resolve("precious"), "kept"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), precious);
    Files.createLink(file, precious);
    assertThat(caller.run("--stats=" + file, "-E", "A=b", "--", "sh", "-c", "echo $A").out()).isEqualTo("b\n");
    assertThat(read(file).get("version")).isNotNull();
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(caller.uid());
    String[][] rows = {
        {link.toString(), "EINVAL: --stats takes a file"},
        {folder.toString(), "EINVAL: --stats takes a file"},
        {"/dev/null", "EINVAL: --stats takes a file"},
        {"", "ENOENT: its folder does not exist"},
        {folder + "/nosuch/x", "ENOENT: its folder does not exist"}};
    for (String[] row : rows) {
      Caller.Result result = caller.run("--stats", row[0], "--", "echo", "ran");
      assertThat(result.status()).as(row[0]).isEqualTo(125);
      assertThat(result.out()).as(row[0]).isEmpty();
      assertThat(result.err()).as(row[0]).startsWith("warder: cannot open the file of --stats: " + row[1]);
    }
    assertThat(Files.readString(precious)).isEqualTo("kept");
    assertThat(Files.exists(Path.of("/dev/null"))).isTrue();
  }

  @ForEachCaller
  void oneImageServesAllFilesAndTheProgramSeesNone(Caller caller) throws IOException {
    Path folder = Program.folder("result");
    Caller here = caller.in(folder);
    String unique = "one" + System.nanoTime();            // root's cache outlives the tests
    String look = "ls -l /proc/self/fd | grep -c result";
    for (String name : new String[] {"result-1", "result-2"}) {
      assertThat(here.run("--stats", name, "--tmpfs", "/" + unique, "--", "sh", "-c", look).out()).isEqualTo("0\n");
      assertThat(read(folder.resolve(name)).get("ended")).isNotNull();
    }
    Path cache = caller.isRoot() ? Path.of("/var/cache/warder") : caller.home().resolve(".cache/warder");
    Caller.Result images = caller.sh("ls \"$1\" | grep -c \"$2\"", cache.toString(), unique);
    Caller.Result told = caller.sh("grep -l result-1 \"$1\"/*", cache.toString());
    assertThat(images.out()).isEqualTo("1\n");
    assertThat(told.out()).isEmpty();
  }

  @ForEachCaller
  void aBuiltImageWritesWhereItWasTold(Caller caller) throws IOException {
    Path folder = Program.folder("result");
    Caller here = caller.in(folder);
    assertThat(here.warder("build", "--stats", "told.json", "-o", "jail", "--", "sh").status()).isZero();
    assertThat(here.sh("./jail -c 'exit 4'").status()).isEqualTo(4);
    assertThat(((Node.Scalar) read(folder.resolve("told.json")).get("exit_code")).text()).isEqualTo("4");
  }

  @ForEachCaller
  void aRemadeImageIsStillToldItsFile(Caller caller) throws IOException {
    Path folder = Program.folder("result");
    Caller here = caller.in(folder);
    Path policy = Program.openToAll(Files.writeString(folder.resolve("policy.yaml"), "extends: default\n"));
    String[] words = {"--policy", policy.toString(), "--stats", "told.json", "-E", "A=b", "--", "sh", "-c", "echo $A"};
    assertThat(here.run(words).out()).isEqualTo("b\n");
    Files.writeString(policy, "extends: default\ndeny: [ptrace]\n");
    assertThat(here.run(words).out()).isEqualTo("b\n");
    assertThat(((Node.Scalar) read(folder.resolve("told.json")).get("ended")).text()).isEqualTo("exit");
  }
}
