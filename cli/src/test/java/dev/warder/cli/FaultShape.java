package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Options that make a plan of another shape, for [FaultsIT] and [SoakIT]. A new option of the jail needs a line here.
///
/// @param needs who can have such a jail
/// @param program its path in the jail
/// @param held what the caller has open: `NUMBER:FILE`
/// @param atTerminal whether the caller sits at a terminal
record FaultShape(String name, Needs needs, String program, List<String> options, List<String> held, boolean atTerminal) {
  enum Needs {
    ANYONE, ROOT, AN_ORDINARY_USER;

    boolean admit(Caller caller) {
      return this == ANYONE || caller.isRoot() == (this == ROOT);
    }
  }

  private static final String ON_ROOT = "/started";

  /// A program of the tests' own is executed in its place.
  private static final Path PASTA = Path.of("/usr/bin/pasta");

  /// All shapes that this caller can have here.
  static List<FaultShape> all(Caller caller, Path work) throws IOException {
    var shapes = new ArrayList<FaultShape>();
    var files = new Folders(work);
    String shown = work.resolve("started").toString();
    for (FaultShape shape : all(shown, files)) {
      boolean mapsRange = shape.options().contains("--private-users");
      if (shape.needs().admit(caller) && (!mapsRange || Accounts.INSTANCE.usable())
          && (!shape.hasDisk() || rootIsOnADisk())
          && (!shape.hasPasta() || Caller.self().isRoot() && Files.exists(PASTA))) {
        shapes.add(shape);
      }
    }
    return shapes;
  }

  private static List<FaultShape> all(String shown, Folders files) throws IOException {
    String root = files.root("root", "proc", "dev", "tmp", "run");
    String bare = files.root("bare");
    String layers = files.folder + ":" + files.upper();
    String group = "--memory=64M --pids=20 --cpus=0.5";
    return List.of(
        of("default", shown),
        of("no user namespace", shown, "--private-users=no").by(Needs.ROOT),
        of("a root", ON_ROOT, "-D", root),
        of("a read-only root", ON_ROOT, "-D", root, "--read-only"),
        of("a root without folders", ON_ROOT, "-D", bare),
        of("just the /usr of a root", "/usr/started", "-D", files.usr(), "--volatile=yes"),
        of("a volatile root", ON_ROOT, "-D", root, "--volatile"),
        of("a user of the root's", ON_ROOT, "-D", root, "-u", "inmate").by(Needs.ROOT),
        of("mounts", shown, "--bind", files.folder + ":/mnt/a/b", "--bind-ro", files.file + ":/mnt/file", "--tmpfs",
            "/mnt/t:size=1m", "--inaccessible", "/etc/passwd", "--inaccessible", "/opt", "--chdir", "/mnt"),
        of("mounts in a root", ON_ROOT, "-D", root, "--bind", files.folder + ":/mnt/a", "--inaccessible", "/dev/null"),
        of("mounts of other kinds", shown, "--bind", files.folder + ":/mnt/a:idmap,norbind,noexec").by(Needs.ROOT),
        of("overlays", shown, "--overlay", layers + ":/mnt/o", "--overlay", "/usr::/mnt/p", "--overlay-ro",
            files.folder + ":" + root + ":/mnt/q"),
        of("files in memory", shown, "--file", "5:/run/key:0400", "--file", "6:/mnt/other").holding(5, files.file)
            .holding(6, files.file),
        of("files of a policy", shown, "--policy", files.policy()),
        of("kept files", shown, "--keep-fd", "4", "--keep-fd", "7").holding(4, files.file).holding(7, files.file),
        of("the host's network", shown, "--network", "host"),
        of("another network", shown, "--network-namespace-path=/proc/self/ns/net").by(Needs.ROOT),
        of("a network in user space", shown, "--network", "pasta"),
        of("process 1", shown, "--as-pid1"),
        of("process 1 with more", shown, "--as-pid1", "--keep-fd", "4", "--umask", "027", "--network", "host")
            .holding(4, files.file),
        of("a terminal", shown).atATerminal(),
        of("a terminal of process 1", shown, "--as-pid1", "--keep-fd", "3").holding(3, files.file).atATerminal(),
        of("no terminal", shown, "--console", "pipe").atATerminal(),
        of("another user", shown, "-u", "1234:1234").by(Needs.ROOT),
        of("a range of ids", shown, "--private-users", Accounts.START + ":65536"),
        of("a range of ids and a user", shown, "--private-users", Accounts.START + ":65536", "-u", "daemon"),
        of("a range around the own id", shown, "--private-users", "pick").by(Needs.AN_ORDINARY_USER),
        of("limits", shown, "--timeout", "20s", "--rlimit", "NOFILE=64", "--rlimit", "CORE=0"),
        of("attributes", shown, "--nice", "5", "--oom-score-adjust", "500", "--cpu-affinity", "0", "--personality", "x86",
            "--umask", "027", "--kill-signal", "INT", "--hostname", "other"),
        of("clocks", shown, "--monotonic", "3d", "--boottime", "4d"),
        of("keys", shown, "--profile", "nspawn"),
        of("control groups", shown, group.split(" ")).by(Needs.ROOT),
        of("bounds of a disk", shown, ("--memory=64M --swap=1M --io=/:rbps=1G").split(" ")).by(Needs.ROOT),
        of("a result", shown, "--stats", files.result),
        of("a result of control groups", shown, (group + " --timeout=20s --stats=" + files.result).split(" ")).by(Needs.ROOT),
        of("capabilities", shown, "--capability", "CAP_NET_BIND_SERVICE,CAP_CHOWN"),
        of("locked mounts", shown, "--capability", "CAP_SYS_ADMIN"),
        of("locked mounts on the host's network", shown, "--capability", "CAP_SYS_ADMIN", "--network", "host"));
  }

  static FaultShape of(String name, String program, String... options) {
    return new FaultShape(name, Needs.ANYONE, program, List.of(options), List.of(), false);
  }

  FaultShape by(Needs whom) {
    return new FaultShape(name, whom, program, options, held, atTerminal);
  }

  FaultShape atATerminal() {
    return new FaultShape(name, needs, program, options, held, true);
  }

  FaultShape holding(int number, String file) {
    var more = new ArrayList<>(held);
    more.add(number + ":" + file);
    return new FaultShape(name, needs, program, options, more, atTerminal);
  }

  boolean hasRoot() {
    return options.contains("-D");
  }

  private boolean hasDisk() {
    return options.contains("--io=/:rbps=1G");
  }

  private static boolean rootIsOnADisk() throws IOException {
    return (Long) Files.getAttribute(Path.of("/"), "unix:dev") >> 8 != 0
        && (ControlGroups.isUnified() || Files.exists(ControlGroups.TOP.resolve("blkio")));
  }

  private boolean hasPasta() {
    return options.contains("pasta");
  }

  /// Builds the image of this shape.
  Launch launch(Caller caller) throws IOException {
    Path image = Program.folder("image").resolve("image");
    warder(caller, "build", "-o", image.toString());
    return new Launch(this, caller, image);
  }

  /// The steps of the plan.
  List<String> steps(Caller caller) {
    return warder(caller, "plan").lines().filter(line -> !line.startsWith(" ")).toList();
  }

  private String warder(Caller caller, String... command) {
    var words = new ArrayList<>(List.of(Program.WARDER.toString()));
    words.addAll(Arrays.asList(command));
    words.addAll(options);
    words.addAll(List.of("--", program));
    boolean picks = options.contains("pick");
    if (picks) {
      words.addAll(0, caller.become());
    }
    words.addAll(0, Accounts.INSTANCE.shown());
    var result = Caller.self().in(picks ? Path.of(System.getProperty("java.io.tmpdir")) : caller.folder())
        .with("HOME", (picks ? caller : Caller.self()).home().toString()).start(words).end();
    assertThat(result.status()).as(name + ": " + result.err()).isZero();
    return result.out();
  }

  /// An image, and who starts it.
  record Launch(FaultShape shape, Caller caller, Path image) {
    /// The command by which a program such as `faults/inject.c` starts it. In a mount namespace of its own where root runs
    /// the tests, so that other mounts of the machine do not disturb, and accounts can be shown.
    ///
    /// @param arguments between the options and the image
    List<String> by(Path program, String... arguments) throws IOException {
      var command = new ArrayList<>(Accounts.INSTANCE.shown());
      if (shape.hasPasta()) {
        Path helper = CProgram.build("faults/helper.c", Program.readableFolder("helper").resolve("pasta"));
        command.addAll(List.of("sh", "-ec", "mount --bind $0 " + PASTA + "; exec \"$@\"", helper.toString()));
      }
      command.addAll(List.of(program.toString(), "-d", caller.folder().toString()));
      if (!caller.become().isEmpty()) {
        command.addAll(List.of("-u", Integer.toString(caller.uid())));
      }
      for (String file : shape.held()) {
        command.addAll(List.of("-f", file));
      }
      if (shape.atTerminal()) {
        command.add("-t");
      }
      command.addAll(Arrays.asList(arguments));
      command.add(image.toString());
      return command;
    }
  }

  /// Files that jails are made of.
  private static final class Folders {
    final String folder = owned(Program.folder("bound")).toString();
    final String result = Program.folder("faults").resolve("result").toString();
    final String file;
    private final Path work;

    Folders(Path work) throws IOException {
      this.work = work;
      this.file = Files.writeString(work.resolve("file"), "a file").toString();
    }

    /// For idmap: not root's.
    private static Path owned(Path folder) throws IOException {
      if (Caller.self().isRoot()) {
        Files.setAttribute(folder, "unix:uid", 1000);
        Files.setAttribute(folder, "unix:gid", 1000);
      }
      return folder;
    }

    /// A large file, an empty one, and one in place of another.
    String policy() throws IOException {
      String text = "extends: default\nfiles:\n  - {target: /etc/passwd, content: x}\n"
          + "  - {target: /run/a/empty, content: ''}\n  - {target: /mnt/large, mode: '0400', content: "
          + "a".repeat(60_000) + "}\n";
      return Files.writeString(work.resolve("policy.yaml"), text).toString();
    }

    String upper() throws IOException {
      return Program.openToAll(Files.createDirectory(Program.folder("layers").resolve("upper"))).toString();
    }

    String usr() throws IOException {
      Path root = Program.readableFolder("usr-alone");
      Path program = Files.createDirectory(root.resolve("usr")).resolve("started");
      Program.executable(program, Files.readAllBytes(work.resolve("started")));
      Files.createSymbolicLink(root.resolve("bin"), Path.of("usr"));
      return root.toString();
    }

    /// A root that holds the program, the folders, a user, and a place for what is mounted.
    String root(String name, String... folders) throws IOException {
      Path root = Program.readableFolder(name);
      Program.executable(root.resolve("started"), Files.readAllBytes(work.resolve("started")));
      for (String folder : folders) {
        Files.createDirectory(root.resolve(folder));
      }
      Files.createDirectories(root.resolve("mnt/a"));
      Path users = Files.createDirectory(root.resolve("etc")).resolve("passwd");
      Files.writeString(users, "inmate:x:54700:54701::/tmp:/bin/sh\n");
      return root.toString();
    }
  }
}
