package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.image.TestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Roots made to let a launcher that does not take care change something outside, as in CVE-2026-87766, CVE-2025-31133
/// and CVE-2021-30465.
class HostileRootIT {
  private static final int STARTED = 21;
  private static final int REFUSED = 125;

  /// A folder that everyone may write, with a canary in it.
  private static Path outside() throws IOException {
    Path outside = Program.folder("outside");
    Program.openToAll(Files.writeString(outside.resolve("canary"), "canary"));
    return outside;
  }

  private static void assertUntouched(Path outside, String as) throws IOException {
    try (var files = Files.list(outside)) {
      assertThat(files).as(as).containsExactly(outside.resolve("canary"));
    }
    assertThat(outside.resolve("canary")).as(as).hasContent("canary");
  }

  private static Path root() throws IOException {
    Path root = Program.folder("root");
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    return root;
  }

  /// Ways to write a link in a root, right below it, to that folder outside.
  private static List<Path> links(Path outside) {
    return List.of(outside, Path.of("../" + outside.getFileName()), Path.of("../../../../../.." + outside),
        Path.of("./x/../.." + outside), Path.of("/proc/self/root" + outside), Path.of("/proc/1/cwd"));
  }

  @ForEachCaller
  void linksInPlaceOfTheJailsOwnFoldersLeadNowhereElse(Caller caller) throws IOException {
    Path outside = outside();
    for (Path link : links(outside)) {
      Path root = root();
      Files.createDirectory(root.resolve("x"));
      for (String name : List.of("proc", "dev", "tmp", "run")) {
        Files.createSymbolicLink(root.resolve(name), link);
      }
      for (String[] words : new String[][] {{}, {"--read-only"}, {"--volatile"}}) {
        var all = new ArrayList<>(List.of("-D", root.toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("--", "/hello"));
        assertThat(caller.run(all.toArray(String[]::new)).status()).as(all.toString()).isIn(STARTED, REFUSED);
        assertUntouched(outside, link.toString());
      }
    }
  }

  @ForEachCaller
  void linksOnTheWayToATargetLeadNowhereElse(Caller caller) throws IOException {
    Path outside = outside();
    Path source = Program.folder("source");
    Files.writeString(source.resolve("file"), "");
    for (Path link : links(outside)) {
      Path root = root();
      Files.createDirectory(root.resolve("x"));
      Files.createSymbolicLink(root.resolve("a"), link);
      for (String option : List.of("--bind=" + source + ":/a/b/c", "--bind-ro=" + source + "/file:/a/b",
          "--bind=" + source + "/file:/a", "--tmpfs=/a/t", "--file=0:/a/f", "--overlay=" + source + "::/a/o",
          "--inaccessible=/a/canary", "--inaccessible=/a")) {
        var jail = caller.run("-D", root.toString(), option, "--", "/hello");
        assertThat(jail.status()).as(option + jail.err()).isIn(STARTED, REFUSED);
        assertUntouched(outside, option + " with a -> " + link);
      }
    }
  }

  /// A cover must not be something that the root names: then the root says what is covered, and by what.
  @ForEachCaller
  void aRootsOwnNullDeviceCoversNothing(Caller caller) throws IOException {
    Path outside = outside();
    Path root = root();
    Files.writeString(root.resolve("secret"), "secret");
    for (String folder : List.of("dev", "proc")) {
      Files.createDirectory(root.resolve(folder));
    }
    Files.createSymbolicLink(root.resolve("dev/null"), outside.resolve("canary"));
    Files.createDirectories(root.resolve("usr"));
    for (String link : List.of("bin", "lib", "lib64")) {
      Tools.skipUnless(Files.isSymbolicLink(Path.of("/" + link)), "/" + link + " is no link here");
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    var jail = caller.run("-D", root.toString(), "--inaccessible=/secret", "--bind-ro=/usr", "--", "sh", "-c",
        "cat /secret /proc/interrupts; stat -c %t:%T /dev/null; echo x > /dev/null");
    assertThat(jail.out()).as(jail.err()).isEqualTo("1:3\n");
    assertUntouched(outside, "dev/null");
  }

  /// Another process turns a link of the root to and fro while jails are made.
  @ForEachCaller
  void aTargetThatChangesMeanwhileLeadsNowhereElse(Caller caller) throws Exception {
    Path outside = outside();
    Path root = root();
    Path source = Program.folder("source");
    Files.createDirectory(root.resolve("real"));
    Program.openToAll(root.resolve("real"));
    race(root.resolve("a"), List.of(Path.of("real"), outside, Path.of("../" + outside.getFileName())), () -> {
      var seen = repeat(caller, 250, "-D", root.toString(), "--bind=" + source + ":/a/b/c", "--tmpfs=/a/t");
      assertThat(seen.lines().distinct()).as(seen).isSubsetOf("21", "125");
      assertUntouched(outside, "race");
    });
  }

  /// The source turns from a folder into a file and into a link to another folder: it is looked up once, so what is
  /// mounted is one of them, on a target of its kind.
  @ForEachCaller
  void aSourceThatChangesMeanwhileIsLookedUpOnce(Caller caller) throws Exception {
    Path outside = outside();
    Path root = root();
    Path source = Program.folder("source");
    Files.writeString(source.resolve("file"), "");
    Files.createDirectory(source.resolve("folder"));
    race(source.resolve("a"), List.of(Path.of("file"), Path.of("folder"), outside), () -> {
      var seen = repeat(caller, 250, "-D", root.toString(), "--bind-ro=" + source.resolve("a") + ":/made");
      assertThat(seen.lines().distinct()).as(seen).isSubsetOf("21", "125");
      assertUntouched(outside, "race");
    });
  }

  private interface Body {
    void run() throws IOException;
  }

  private static void race(Path link, List<Path> targets, Body body) throws Exception {
    var stop = new AtomicBoolean();
    Files.createSymbolicLink(link, targets.getFirst());
    Path next = link.resolveSibling("next");
    Thread racer = Thread.ofPlatform().start(() -> {
      try {
        for (int i = 0; !stop.get(); i++) {
          Files.createSymbolicLink(next, targets.get(i % targets.size()));
          Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    try {
      body.run();
    } finally {
      stop.set(true);
      racer.join();
    }
  }

  /// The statuses of many launches, a line each.
  private static String repeat(Caller caller, int times, String... options) {
    var all = new ArrayList<>(List.of(Integer.toString(times)));
    all.addAll(List.of(options));
    return caller.sh("n=$1; shift; while [ $n -gt 0 ]; do \"$WARDER\" run \"$@\" -- /hello > /dev/null 2>&1; echo $?; "
        + "n=$((n - 1)); done", all.toArray(String[]::new)).out();
  }
}
