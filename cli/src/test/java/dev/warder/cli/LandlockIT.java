package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Landlock's rules on files, see `attacks/files.c`: they stop what no mount stops, and nothing else.
class LandlockIT {
  /// Under it nothing but mounts and Landlock keeps the program from anything.
  private static final String OPEN_POLICY = """
      default-action: allow
      unassigned-action: allow
      newer-action: allow
      allow: [read]
      """;

  private static Path tools;

  @BeforeAll
  static void build() throws IOException {
    tools = Program.readableFolder("landlock");
    CProgram.build("attacks/files.c", tools.resolve("files"));
    CProgram.build("faults/started.c", tools.resolve("started"));
    Files.writeString(tools.resolve("open.yaml"), OPEN_POLICY);
  }

  private static void needLandlock() {
    var here = Caller.self().run("--landlock=require", "true");
    Tools.skipUnless(!here.err().contains("has no Landlock"), "this kernel has no Landlock");
  }

  /// A folder of the caller's to try things on, below one that holds a file too.
  private static Path target(Caller caller) throws IOException {
    Path folder = Program.openToAll(Files.createDirectory(Program.folder("target").resolve("folder")));
    Files.writeString(folder.resolveSibling("above"), "above");
    fill(caller, folder);
    return folder;
  }

  private static void fill(Caller caller, Path folder) {
    var made = caller.sh("cd \"$1\" && mkdir sub && touch secret gone moved && cp \"$2\" tool", folder.toString(), files());
    assertThat(made.status()).as(made.err()).isZero();
  }

  private static String files() {
    return tools.resolve("files").toString();
  }

  private static Caller.Result handed(Caller caller, Path folder, String... options) {
    var words = new ArrayList<>(List.of(files(), "hand", folder.toString(), Program.WARDER.toString(), "run",
        "--keep-fd", "3", "--bind-ro", files() + ":/files"));
    words.addAll(List.of(options));
    words.addAll(List.of("--", "/files", "take"));
    return caller.start(words).end();
  }

  private static List<String> refused(List<String> lines) {
    return lines.stream().filter(line -> !line.endsWith(" done")).toList();
  }

  /// By such a folder a program leaves every mount namespace.
  @ForEachCaller
  void aFolderOfTheHostThatIsHandedInIsOfNoUse(Caller caller) throws IOException {
    needLandlock();
    var without = handed(caller, target(caller), "--landlock=off");
    assertThat(without.lines()).as(without.err()).hasSize(20).filteredOn(line -> line.startsWith("read")).containsExactly(
        "read done", "read-above done");
    if (caller.uid() == caller.jailUid()) {
      assertThat(refused(without.lines())).isEmpty();
    }
    for (String landlock : List.of("auto", "require")) {
      var with = handed(caller, target(caller), "--landlock", landlock);
      assertThat(with.lines()).as(with.err()).hasSize(20).allMatch(line -> line.matches(".* (EACCES|ENOENT|EPERM)"))
          .contains("list EACCES", "read EACCES", "write EACCES", "cut EACCES", "run EACCES", "make EACCES", "rename EACCES",
              "remove EACCES", "read-above EACCES");
    }
  }

  @ForEachCaller
  void allElseIsAsWithout(Caller caller) throws IOException {
    needLandlock();
    assertSame(caller, () -> List.of(), "/tmp /run /home/warder /dev/shm /dev /proc /proc/self /usr / " + caller.folder());
    for (List<String> mode : List.of(List.<String>of(), List.of("--read-only"), List.of("--volatile"))) {
      assertSame(caller, () -> root(mode), "/a /tmp /run /dev/shm /dev /proc/self /");
    }
  }

  private static List<String> root(List<String> mode) {
    try {
      Path root = Program.folder("root");
      for (String folder : List.of("proc", "dev", "tmp", "run", "a")) {
        Program.openToAll(Files.createDirectory(root.resolve(folder)));
      }
      var options = new ArrayList<>(List.of("-D", root.toString()));
      options.addAll(mode);
      return options;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ForEachCaller
  void whatIsShownIsAsWithout(Caller caller) throws IOException {
    needLandlock();
    String shown = target(caller).toString();
    String other = target(caller).toString();
    assertSame(caller, () -> List.of("--bind-ro", shown + ":/b/ro", "--tmpfs", "/b/tmpfs", "--overlay", shown + "::/b/overlay",
        "--overlay-ro", shown + ":" + other + ":/b/overlay-ro", "--bind-ro", shown + ":/tmp/ro", "--bind",
        Program.folder("fresh") + ":/b/rw", "--bind", Program.folder("fresh") + ":/b/noexec:noexec"),
        "/b/ro /b/tmpfs /b/overlay /b/overlay-ro /tmp/ro /b/rw /b/noexec");
    Path file = Program.openToAll(Path.of(shown, "secret"));
    var jail = caller.run("--landlock=require", "--bind", file + ":/file", "sh", "-c",
        "echo x >> /file && cat /file; echo y > /file && cat /file");
    assertThat(jail.out()).as(jail.err()).isEqualTo("x\ny\n");
  }

  private interface Options {
    List<String> get() throws IOException;
  }

  /// What can be done in these folders with and without Landlock.
  private static void assertSame(Caller caller, Options options, String folders) throws IOException {
    var answers = new ArrayList<List<String>>();
    for (String landlock : List.of("off", "require")) {
      var words = new ArrayList<>(options.get());
      words.addAll(List.of("--landlock", landlock, "--bind-ro", tools + ":/tmp/tools", "--", "/tmp/tools/files", "try"));
      words.addAll(List.of(folders.split(" ")));
      var jail = caller.run(words.toArray(String[]::new));
      assertThat(jail.status()).as(jail.err()).isZero();
      answers.add(jail.lines());
    }
    assertThat(answers.getLast()).isEqualTo(answers.getFirst()).hasSizeGreaterThan(20)
        .filteredOn(line -> line.endsWith(" done")).hasSizeGreaterThan(20);
  }

  /// A file that the caller may read and write, of which the program is given less.
  @ForEachCaller
  void aStandardFileIsOpenedAgainAsItIsOpenAndNoMore(Caller caller) throws IOException {
    needLandlock();
    var without = again(caller, "off");
    assertThat(without).contains("0-write done", "0-cut done", "1-read done", "1-both done");
    assertThat(again(caller, "require")).containsExactly(
        "0-read done", "0-write EACCES", "0-both EACCES", "0-cut EACCES", "0-run done",
        "1-read EACCES", "1-write done", "1-both EACCES", "1-cut done", "1-run EACCES",
        "5-read done", "5-write done", "5-both done", "5-cut done", "5-run ETXTBSY");
  }

  private static List<String> again(Caller caller, String landlock) throws IOException {
    Path folder = target(caller);
    for (String name : List.of("tool", "secret", "moved")) {
      Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    var jail = caller.sh("cd \"$3\"; exec \"$WARDER\" run --landlock=\"$1\" --keep-fd 5 --bind-ro \"$2\":/files "
        + "-- /files again 0 1 5 < tool >> secret 5<> moved", landlock, files(), folder.toString());
    return jail.err().lines().toList();
  }

  @ForEachCaller
  void standardFilesWorkByTheirNames(Caller caller) throws IOException {
    Path folder = Program.folder("names");
    var jail = caller.in(folder).sh("umask 0; echo in > in; \"$WARDER\" run -- sh -c 'cat /dev/stdin /proc/self/fd/0; "
        + "echo out > /dev/stdout; echo err > /dev/stderr' < in > out 2> err; cat out err");
    assertThat(jail.out()).as(jail.err()).isEqualTo("out\nerr\n");
    if (caller.uid() == caller.jailUid()) {                                // root's pipes are root's
      var pipes = caller.sh("echo in | \"$WARDER\" run -- sh -c 'cat /dev/stdin; echo out > /dev/stdout' | cat");
      assertThat(pipes.out()).isEqualTo("in\nout\n");
    }
  }

  /// The kernel forbids all mounting under rules on files.
  @ForEachCaller
  void aJailThatMayMountHasNoneUnlessTheyAreRequired(Caller caller) {
    needLandlock();
    Tools.need("unshare", "mount");
    String policy = tools.resolve("open.yaml").toString();
    String mount = "unshare -rm sh -c 'mount -t tmpfs none /tmp && echo mounted'";
    assertThat(caller.run("--policy", policy, "sh", "-c", mount).out()).isEqualTo("mounted\n");
    assertThat(caller.run("--policy", policy, "--landlock=require", "sh", "-c", mount).out()).isEmpty();
    assertThat(caller.warder("plan", "--policy", policy, "true").out()).contains("leave Landlock's rules on files out")
        .doesNotContain("landlock_");
    assertThat(caller.warder("plan", "true").out()).contains("{EXECUTE|READ_FILE|READ_DIR, ");
    assertThat(caller.warder("plan", "--landlock=off", "true").out()).doesNotContain("andlock");
  }

  @ParameterizedTest
  @EnumSource(value = Errno.class, names = {"ENOSYS", "EOPNOTSUPP", "EPERM", "EINVAL"})
  void absentIsWhatTheKernelSaysOfNoLandlock(Errno errno) throws IOException {
    Caller caller = Caller.all().getLast();
    boolean absent = errno == Errno.ENOSYS || errno == Errno.EOPNOTSUPP;
    String[] refuse = {files(), "refuse", Integer.toString(errno.number()), Program.WARDER.toString(), "run"};
    var auto = caller.start(words(refuse, "echo", "ran")).end();
    assertThat(auto.status()).as(auto.err()).isEqualTo(absent ? 0 : 125);
    assertThat(auto.err()).contains(absent ? "" : "cannot begin Landlock's rules: " + errno);
    var required = caller.start(words(refuse, "--landlock=require", "echo", "ran")).end();
    assertThat(required.status()).isEqualTo(125);
    assertThat(required.err()).contains(absent ? "Linux 5.19" : errno.name());
    var off = caller.start(words(refuse, "--landlock=off", "echo", "ran")).end();
    assertThat(off.out()).isEqualTo("ran\n");
    var network = caller.start(words(refuse, "--network=host", "echo", "ran")).end();
    assertThat(network.err()).contains(absent ? "cannot cut the jail off the host's abstract sockets" : errno.name());
    assertThat(network.status()).isEqualTo(absent ? 0 : 125);
  }

  private static List<String> words(String[] first, String... more) {
    var words = new ArrayList<>(List.of(first));
    words.addAll(List.of(more));
    return words;
  }

  /// The kernel is made to say that it is older.
  @ForEachCaller
  void olderKernelsHaveWhatTheyKnow(Caller caller) throws IOException {
    needLandlock();
    Path image = tools.resolve("image" + caller.uid());
    Caller self = Caller.self();
    assertThat(self.warder("build", "-o", image.toString(), "--landlock=require", "--bind-ro", tools.toString(), "--",
        tools.resolve("started").toString()).status())
        .isZero();
    Path inject = CProgram.build("faults/inject.c", tools.resolve("inject" + caller.uid()));
    var outcomes = self.sh("inject=\"$1 $2 $3\"; echo 0 0 0 | $inject | grep -m1 ' 444 .* version$' > \"$4\"; read call process index rest < \"$4\"; "
        + "for abi in 1 2 3 4 5 6 7; do echo $process $index -$abi; done | $inject | grep '^out\\|^err'",
        inject + " -d " + caller.folder(), caller.become().isEmpty() ? "" : "-u " + caller.uid(), image.toString(),
        tools.resolve("asked").toString()).lines();
    assertThat(outcomes).hasSize(14).filteredOn(line -> line.equals("out STARTED\\n")).hasSize(6);
    assertThat(outcomes.get(1)).contains("Linux 5.19");
  }
}
