package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.jail.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Files that a policy puts into a jail, as a program in the jail finds them.
class PolicyFilesIT {
  private static final byte[] LARGEST = new byte[Mount.Content.MAX_BYTES];

  static {
    new Random(7).nextBytes(LARGEST);
  }

  private static final List<Mount.Content> FILES = List.of(
      new Mount.Content("/run/web/web.conf", "port = 8080\n\n  grüße → 🐧\n".getBytes(StandardCharsets.UTF_8), 0444),
      new Mount.Content("/new/a/b/empty", new byte[0], 0600),
      new Mount.Content("/new/a/script", "#!/bin/sh\necho \"ran $0\"\n".getBytes(StandardCharsets.UTF_8), 0555),
      new Mount.Content("/tmp/unended", "\0\r\n x".getBytes(StandardCharsets.UTF_8), 0440),
      new Mount.Content("/new/largest", LARGEST, 0400),
      new Mount.Content("/etc/passwd", "jailed\n".getBytes(StandardCharsets.UTF_8), 0444));

  /// What each file is, and what becomes of who tries to change it.
  private static final String LOOK = """
      for f in /run/web/web.conf /new/a/b/empty /new/a/script /tmp/unended /new/largest /etc/passwd; do
        sha256sum < $f; stat -c "$f %a:%u:%g" $f
        { echo x >> $f; } 2> /dev/null && echo appended $f
        { true > $f; } 2> /dev/null && echo emptied $f
        chmod 777 $f 2> /dev/null && echo changed $f
        rm -f $f 2> /dev/null && echo removed $f
        touch $f 2> /dev/null && echo touched $f
        mv $f /tmp/moved 2> /dev/null && echo moved $f
      done
      /new/a/script; stat -c %a /new /new/a /new/a/b; ls /proc/self/fd | wc -l""";

  private static Path file(String name, String text) throws IOException {
    return Files.writeString(Program.readableFolder("policy").resolve(name), text);
  }

  private static Path policy() throws IOException {
    var text = new StringBuilder("extends: default\nfiles:\n");
    for (Mount.Content file : FILES) {
      text.append("  - target: ").append(file.target()).append("\n    base64: \"")
          .append(Base64.getEncoder().encodeToString(file.bytes())).append("\"\n    mode: \"0")
          .append(Integer.toOctalString(file.mode())).append("\"\n");
    }
    return file("web.yaml", text.toString());
  }

  private static String expected(Caller caller) {
    var text = new StringBuilder();
    for (Mount.Content file : FILES) {
      text.append(PolicyFilesText.digest(file)).append("  -\n").append(file.target()).append(' ')
          .append(Integer.toOctalString(file.mode())).append((":" + caller.jailUid()).repeat(2)).append('\n');
    }
    return text + "ran /new/a/script\n755\n755\n755\n4\n";
  }

  /// With the programs of this host below `/usr`, and the jail's user for an owner.
  private static Path root(Caller caller) throws IOException {
    Path root = Program.readableFolder("root");
    for (String folder : List.of("usr", "etc", "proc", "dev", "tmp", "run")) {
      Files.createDirectory(root.resolve(folder));
    }
    for (String link : List.of("bin", "lib", "lib64")) {
      Tools.skipUnless(Files.isSymbolicLink(Path.of("/" + link)), "/" + link + " is no link here");
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    Files.writeString(root.resolve("etc/passwd"), "the root's own\n");
    if (Caller.self().isRoot()) {
      Caller.self().sh("chown -Rh $1:$1 \"$2\"", Integer.toString(caller.jailUid()), root.toString());
    }
    return root;
  }

  @ForEachCaller
  void eachIsThereWithItsContentAndModeAndCannotBeChanged(Caller caller) throws IOException {
    var jail = caller.run("--policy", policy().toString(), "--", "sh", "-c", LOOK);
    assertThat(jail.out()).as(jail.err()).isEqualTo(expected(caller));
    assertThat(List.of("/new", "/run/web", "/tmp/unended")).noneMatch(path -> Files.exists(Path.of(path)));
    assertThat(Files.readString(Path.of("/etc/passwd"))).isNotEqualTo("jailed\n");
  }

  /// What is mounted on stays in a root that can be written, as an empty file.
  @ForEachCaller
  void inARootOfTheUsersOwnToo(Caller caller) throws IOException {
    Path root = root(caller);
    String policy = policy().toString();
    var jail = caller.run("-D" + root, "--bind-ro=/usr", "--policy=" + policy, "--", "sh", "-c", LOOK);
    assertThat(jail.out()).as(jail.err()).isEqualTo(expected(caller));
    assertThat(root.resolve("new/largest")).isEmptyFile();
    assertThat(root.resolve("etc/passwd")).hasContent("the root's own");
    assertThat(root.resolve("run")).isEmptyDirectory();
    var sealed = caller.run("-D" + root, "--read-only", "--bind-ro=/usr", "--policy=" + policy, "--", "sh", "-c", LOOK);
    assertThat(sealed.out()).as("all targets are there" + sealed.err()).isEqualTo(expected(caller));
  }

  @ForEachCaller
  void aTargetBelowALinkStaysInTheRoot(Caller caller) throws IOException {
    Path root = root(caller);
    Path outside = Program.folder("outside");
    String policy = file("link.yaml", "extends: default\nfiles: [{target: /a/x/y, content: in}]\n").toString();
    Files.createSymbolicLink(root.resolve("a"), outside);
    var nowhere = caller.run("-D" + root, "--bind-ro=/usr", "--policy=" + policy, "--", "cat", "/a/x/y");
    assertThat(nowhere.status()).as(nowhere.out()).isEqualTo(125);
    assertThat(nowhere.err()).contains("cannot make the file /a/x/y: EEXIST: a link there leads to nothing in the jail");
    Path inner = Files.createDirectories(Path.of(root + outside.toString()));
    if (Caller.self().isRoot()) {
      Files.setAttribute(inner, "unix:uid", caller.jailUid());
    }
    var jail = caller.run("-D" + root, "--bind-ro=/usr", "--policy=" + policy, "--", "cat", "/a/x/y");
    assertThat(jail.out()).as(jail.err()).isEqualTo("in");
    assertThat(inner.resolve("x/y")).isEmptyFile();
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void whatTheCommandLineMountsThereWins() throws IOException {
    Caller caller = Caller.self();
    Path policy = file("two.yaml", "extends: default\nfiles:\n  - {target: /run/a/b, content: policy}\n"
        + "  - {target: /run/c, content: kept}\n");
    Path other = file("other", "bound");
    for (List<String> options : List.of(List.of("--file=0:/run/a/b"),
        List.of("--tmpfs=/run/a", "--bind-ro=" + other + ":/run/a/b"))) {
      var jail = caller.sh("echo -n bound | \"$WARDER\" run --policy " + policy + " " + String.join(" ", options)
          + " -- sh -c 'cat /run/a/b /run/c; grep -c /run/a/b /proc/self/mounts'");
      assertThat(jail.out()).as(options + jail.err()).isEqualTo("boundkept1\n");
    }
    assertThat(caller.run("--policy=" + policy, "--tmpfs=/run/a", "--", "sh", "-c", "ls /run/a; cat /run/a/b").out())
        .isEqualTo("b\npolicy");
  }

  @Test
  void aChangedPolicyIsSeenByTheNextRun() throws IOException {
    Caller caller = Caller.self();
    Path policy = file("new.json",
        "{\"extends\": \"default\", \"files\": [{\"target\": \"/run/a\", \"content\": \"one\"}]}");
    for (String content : List.of("one", "two", "two")) {
      Files.writeString(policy, Files.readString(policy).replace("one", content));
      assertThat(caller.run("--policy", policy.toString(), "cat", "/run/a").out()).isEqualTo(content);
    }
    Path image = Program.folder("build").resolve("jail");
    var build = caller.warder("build", "--policy", policy.toString(), "-o", image.toString(), "--", "cat", "/run/a");
    assertThat(build.err()).isEmpty();
    Files.delete(policy);
    assertThat(caller.sh("exec " + image).out()).isEqualTo("two");
  }

  @Test
  void whatCannotBeMadeIsRefusedWithTheRemedy() throws IOException {
    record Row(String target, String message) {}
    for (Row row : List.of(
        new Row("/etc/web/web.conf", "EROFS: the folder above /etc/web/web.conf is read-only; make the target on the host "
            + "first, or take one below /run"),
        new Row("/usr", "EINVAL: a folder can only be mounted on a folder, a file on a file"))) {
      Path policy = file("bad.yaml", "extends: default\nfiles: [{target: " + row.target + ", content: x}]\n");
      var jail = Caller.self().run("--policy", policy.toString(), "--", "echo", "started");
      assertThat(jail.status()).isEqualTo(125);
      assertThat(jail.out()).isEmpty();
      assertThat(jail.err()).contains("cannot make the file " + row.target + ": " + row.message);
    }
  }
}
