package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `--volatile=MODE`, on a small system that the tests make: a shell and its libraries below `/usr`.
class VolatileIT {
  private static final List<String> LIBRARIES = List.of("/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2");

  /// What a shell without other programs can find out.
  private static final String LOOK = """
      echo /*; for f in /new /var/new /usr/new; do echo x 2> /dev/null > $f && echo written $f; done
      read line < /etc/file && echo $line; read line < /var/file && echo $line; read line < /new && echo $line; exit 0""";

  private static Path system(Caller caller) throws IOException {
    Path root = Program.readableFolder("system");
    for (String folder : List.of("usr/bin", "usr/lib", "usr/lib64", "etc", "var", "proc", "dev", "tmp", "run")) {
      Files.createDirectories(root.resolve(folder));
    }
    Files.copy(Path.of("/bin/sh").toRealPath(), root.resolve("usr/bin/sh"));
    for (String library : LIBRARIES) {
      Tools.skipUnless(Files.exists(Path.of(library)), library + " is not here");
      Path copy = root.resolve("usr" + library);
      Files.createDirectories(copy.getParent());
      Files.copy(Path.of(library).toRealPath(), copy);
    }
    for (String link : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    Files.writeString(root.resolve("etc/file"), "kept in etc\n");
    Files.writeString(root.resolve("var/file"), "kept in var\n");
    if (Caller.self().isRoot()) {
      Caller.self().sh("chown -Rh $1:$1 \"$2\"", Integer.toString(caller.jailUid()), root.toString());
    }
    return root;
  }

  private static Caller.Result look(Caller caller, Path root, String... options) {
    var words = new ArrayList<>(List.of("-D", root.toString()));
    words.addAll(List.of(options));
    words.addAll(List.of("--", "/bin/sh", "-c", LOOK));
    return caller.run(words.toArray(String[]::new));
  }

  @ForEachCaller
  void eachModeKeepsWhatItsNameSays(Caller caller) throws IOException {
    Path root = system(caller);
    String all = "/bin /dev /etc /lib /lib64 /proc /run /tmp /usr /var";
    for (int i = 0; i < 2; i++) {
      for (String overlay : List.of("--volatile", "--volatile=overlay")) {
        assertThat(look(caller, root, overlay).lines()).containsExactly(all, "written /new", "written /var/new",
            "written /usr/new", "kept in etc", "kept in var", "x");
      }
      assertThat(look(caller, root, "--volatile=state").lines()).containsExactly(all, "written /var/new", "kept in etc");
      var usr = look(caller, root, "--volatile=yes");
      assertThat(usr.lines()).as(usr.err()).containsExactly("/bin /dev /lib /lib64 /proc /run /tmp /usr", "written /new", "x");
    }
    for (String file : List.of("new", "var/new", "usr/new")) {
      assertThat(root.resolve(file)).doesNotExist();
    }
    assertThat(look(caller, root, "--volatile=no", "--read-only").lines()).containsExactly(all, "kept in etc", "kept in var");
    assertThat(look(caller, root, "--volatile=no").lines()).contains("written /new", "written /var/new", "kept in var");
    assertThat(root.resolve("var/new")).exists();
  }

  @ForEachCaller
  void aMountOfTheUsersStandsInForTheStateInMemory(Caller caller) throws IOException {
    Path root = system(caller);
    var jail = look(caller, root, "--volatile=state", "--bind-ro", root.resolve("etc") + ":/var");
    assertThat(jail.lines()).as(jail.err()).contains("kept in etc").doesNotContain("written /var/new").hasSize(3);
  }

  @ForEachCaller
  void usrAloneIsRefusedWhereItIsNotAll(Caller caller) throws IOException {
    Path root = system(caller);
    Files.delete(root.resolve("lib64"));
    Files.createDirectory(root.resolve("lib64"));
    var split = look(caller, root, "--volatile=yes");
    assertThat(split.status()).isEqualTo(125);
    assertThat(split.err()).contains("EINVAL: its /bin, /sbin or one of its /lib is a folder of its own", "--volatile=overlay");
    Files.move(root.resolve("usr"), root.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("usr"), Path.of("/usr"));
    var link = look(caller, root, "--volatile=yes");
    assertThat(link.status()).isEqualTo(125);
    assertThat(link.err()).contains("ELOOP: its /usr is a link");
  }
}
