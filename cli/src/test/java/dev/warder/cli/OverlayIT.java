package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;

/// Layers, and where changes to them go.
class OverlayIT {
  @BeforeAll
  static void needsOverlays() throws IOException {
    Tools.skipUnless(Files.readString(Path.of("/proc/filesystems")).contains("\toverlay\n"),
        "this kernel has no overlays");
  }

  /// A folder of the jail's user with a file, a folder and a set-user-ID program.
  private static Path folder(Caller caller, String content) throws IOException {
    Path folder = Program.readableFolder("layer");
    Files.createDirectory(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/" + content), "");
    Files.writeString(folder.resolve("file"), content + "\n");
    Files.copy(Path.of("/usr/bin/id"), folder.resolve("id"));
    give(caller, folder);
    Files.setPosixFilePermissions(folder.resolve("id"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(folder.resolve("id"), "unix:mode", 04755);
    return folder;
  }

  private static void give(Caller caller, Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        if (Caller.self().isRoot()) {
          Files.setAttribute(file, "unix:uid", caller.jailUid(), LinkOption.NOFOLLOW_LINKS);
          Files.setAttribute(file, "unix:gid", caller.jailUid(), LinkOption.NOFOLLOW_LINKS);
        }
      }
    }
  }

  /// Everything below, so that a change anywhere shows.
  private static TreeMap<String, String> tree(Path folder) throws IOException {
    var tree = new TreeMap<String, String>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        String content = Files.isRegularFile(file) ? " " + Arrays.hashCode(Files.readAllBytes(file)) : "";
        tree.put(file.toString(), Files.readAttributes(file, "unix:mode,uid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS)
            + content);
      }
    }
    return tree;
  }

  private static Path root(Caller caller) throws IOException {
    Path root = folder(caller, "low");
    Files.createDirectory(root.resolve("usr"));
    for (String link : List.of("bin", "lib", "lib64")) {
      Tools.skipUnless(Files.isSymbolicLink(Path.of("/" + link)), "/" + link + " is no link here");
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    give(caller, root);
    return root;
  }

  @ForEachCaller
  void changesToAVolatileRootAreThrownAway(Caller caller) throws IOException {
    Path root = root(caller);
    var before = tree(root);
    String[] words = {"-D", root.toString(), "--volatile", "--bind-ro", "/usr", "--", "sh", "-c", """
        cat /file; echo new > /file; echo more > /more; rm -r /sub; mkdir /sub; chmod 700 /id; ls /sub; cat /file /more
        for f in /proc/self/mounts /dev/null /tmp /run; do test -e $f || echo no $f; done"""};
    for (int i = 0; i < 2; i++) {
      var jail = caller.run(words);
      assertThat(jail.out()).as(jail.err()).isEqualTo("low\nnew\nmore\n");
      assertThat(jail.err()).isEmpty();
    }
    assertThat(tree(root)).isEqualTo(before);
  }

  /// Whoever owns the root: what the program could change in the folder itself, it can.
  @ForEachCaller
  void aFolderForAllCanBeWrittenThoughItIsRoots(Caller caller) throws IOException {
    Tools.skipUnless(caller.isRoot(), "only root's overlays can copy what belongs to others");
    Path root = root(caller);
    Files.createDirectory(root.resolve("all"));
    Files.setAttribute(root.resolve("all"), "unix:mode", 01777);
    Files.createDirectory(root.resolve("roots"));
    var before = tree(root);
    var jail = caller.run("-D", root.toString(), "--volatile", "--bind-ro", "/usr", "--", "sh", "-c",
        "echo x > /all/x && cat /all/x; (: > /roots/x) || echo refused");
    assertThat(jail.out()).as(jail.err()).isEqualTo("x\nrefused\n");
    assertThat(tree(root)).isEqualTo(before);
  }

  /// As in CVE-2023-0386 a copy of a set-user-ID program comes to lie in a layer that the program writes.
  @ForEachCaller
  void setUserIdProgramsAreNoneInALayer(Caller caller) throws IOException {
    Path lower = folder(caller, "low");
    var jail = caller.run("--overlay", lower + "::/x", "--", "sh", "-c",
        "grep ' /x ' /proc/self/mounts; touch /x/id; stat -c %a /x/id; /x/id -u");
    assertThat(jail.out()).as(jail.err()).contains("nosuid", "nodev", "\n" + caller.jailUid() + "\n");
  }

  @ForEachCaller
  void changesGoIntoTheHighestLayer(Caller caller) throws IOException {
    Tools.skipUnless(!Files.getFileStore(Program.BASE).type().equals("overlay"), Program.BASE + " is an overlay itself");
    Path lower = folder(caller, "low");
    Path middle = folder(caller, "middle");
    Path parent = Program.folder("upper");
    Path upper = Files.createDirectory(parent.resolve("a:b"));
    give(caller, upper);
    var before = tree(lower);
    var beforeMiddle = tree(middle);
    String layers = lower + ":" + middle + ":" + upper.toString().replace(":", "\\:") + ":/x/y";
    var jail = caller.run("--overlay", layers, "--", "sh", "-c",
        "cat /x/y/file; ls /x/y/sub; echo new > /x/y/file; rm /x/y/sub/low; ls /x/y/sub");
    assertThat(jail.out()).as(jail.err()).isEqualTo("middle\nlow\nmiddle\nmiddle\n");
    assertThat(upper.resolve("file")).hasContent("new");
    assertThat(tree(lower)).isEqualTo(before);
    assertThat(tree(middle)).isEqualTo(beforeMiddle);
    assertThat(caller.run("--overlay", layers, "--", "sh", "-c", "cat /x/y/file; ls /x/y/sub").out())
        .isEqualTo("new\nmiddle\n");
  }

  @ForEachCaller
  void aReadOnlyOverlayCannotBeChanged(Caller caller) throws IOException {
    Path lower = folder(caller, "low");
    Path upper = folder(caller, "high");
    var jail = caller.run("--overlay-ro", lower + ":" + upper + ":/x", "--", "sh", "-c",
        "cat /x/file; ls /x/sub; (: > /x/new) || echo refused");
    assertThat(jail.out()).as(jail.err()).isEqualTo("high\nhigh\nlow\nrefused\n");
  }

  /// Layers named from where the caller stands are other layers elsewhere.
  @ForEachCaller
  void relativeLayersAreBelowTheCurrentFolder(Caller caller) throws IOException {
    for (String content : List.of("one", "two")) {
      Path parent = folder(caller, content).getParent();
      Path here = Files.createDirectories(parent.resolve("here-" + content + caller.jailUid()));
      Files.setPosixFilePermissions(here, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.createDirectory(here.resolve("layer"));
      Files.writeString(here.resolve("layer/file"), content);
      Path absolute = folder(caller, "absolute");
      assertThat(caller.in(here).run("--overlay-ro", absolute + ":layer:/x", "--", "cat", "/x/file").out())
          .isEqualTo(content);
    }
  }

  @ForEachCaller
  void whatCannotBeALayerIsRefusedWithTheRemedy(Caller caller) throws IOException {
    Path lower = folder(caller, "low");
    Path link = Files.createSymbolicLink(Program.folder("link").resolve("link"), lower);
    record Row(String layers, String message) {}
    for (Row row : List.of(
        new Row(lower + "/file::/x", "cannot overlay /x: ENOTDIR: layers are folders"),
        new Row(lower + "/none::/x", "cannot overlay /x: ENOENT: no such file or folder"),
        new Row(lower + ":" + link + ":/x", "cannot overlay /x: ELOOP: the uppermost layer is a link"),
        new Row("/proc::/x", "cannot overlay /x: EINVAL: a layer is no folder, lies on a file system that cannot be one"))) {
      var jail = caller.run("--overlay", row.layers, "--", "true");
      assertThat(jail.status()).as(row.layers).isEqualTo(125);
      assertThat(jail.err()).contains(row.message);
    }
  }

  @ForEachCaller
  void nothingOfItIsMountedOutside(Caller caller) throws IOException {
    Path lower = folder(caller, "low");
    String before = Files.readString(Path.of("/proc/self/mountinfo"));
    var words = new ArrayList<>(List.of("--overlay", lower + "::/x", "--", "sh", "-c", "echo ready; read line"));
    try (var jail = caller.startRun(words.toArray(String[]::new))) {
      jail.said("ready");
      assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(before);
    }
  }
}
