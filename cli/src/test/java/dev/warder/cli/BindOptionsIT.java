package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// What `--bind SRC:DST:OPTIONS` does.
class BindOptionsIT {
  private static final int OWNER = 4321;
  private static final int GROUP = 4322;

  private static Path folder() throws IOException {
    Path folder = Program.folder("options");
    Program.executable(folder.resolve("program"), Files.readAllBytes(Path.of("/bin/true")));
    return folder;
  }

  @ForEachCaller
  void aBindIsReadOnlyOrWithoutProgramsIfAsked(Caller caller) throws IOException {
    String script = "(: > /x/new) && echo written; /x/program && echo run; grep ' /x ' /proc/self/mounts";
    Path folder = folder();
    assertThat(caller.run("--bind", folder + ":/x:rw,exec", "--", "sh", "-c", script).out())
        .startsWith("written\nrun\n").contains("nosuid,nodev");
    assertThat(caller.run("--bind", folder + ":/x:ro", "--", "sh", "-c", script).out()).startsWith("run\n");
    assertThat(caller.run("--bind", folder + ":/x:noexec", "--", "sh", "-c", script).out())
        .startsWith("written\n").doesNotContain("run\n");
    assertThat(caller.run("--bind-ro", folder + ":/x:noexec", "--", "sh", "-c", script).out())
        .doesNotContain("written\n", "run\n").contains("noexec");
  }

  /// Other file systems below it are left out, which only root may: they may hide something from the others.
  @ForEachCaller
  void aBindIsWithoutWhatIsMountedBelowItIfAsked(Caller caller) {
    String script = "grep -c ' /x/' /proc/self/mounts; true";
    assertThat(caller.run("--bind-ro", "/dev:/x", "--", "sh", "-c", script).out().strip()).isNotEqualTo("0");
    var jail = caller.run("--bind-ro", "/dev:/x:norbind", "--", "sh", "-c", script);
    if (caller.isRoot()) {
      assertThat(jail.out()).as(jail.err()).isEqualTo("0\n");
    } else {
      assertThat(jail.status()).isEqualTo(125);
      assertThat(jail.err()).contains("EINVAL: only root may leave out the file systems mounted below it");
    }
  }

  @ForEachCaller
  void theOwnersFilesAreTheProgramsIfIdsAreMapped(Caller caller) throws IOException {
    Path folder = folder();
    if (!caller.isRoot()) {
      var jail = caller.run("--bind", folder + ":/x:idmap", "--", "true");
      assertThat(jail.status()).isEqualTo(125);
      assertThat(jail.err()).contains("EPERM: only root can map ids");
      return;
    }
    Files.writeString(folder.resolve("mine"), "mine\n");
    Files.writeString(folder.resolve("roots"), "secret\n");
    for (Path path : new Path[] {folder, folder.resolve("mine")}) {
      Files.setAttribute(path, "unix:uid", OWNER);
      Files.setAttribute(path, "unix:gid", GROUP);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
    Files.setPosixFilePermissions(folder.resolve("roots"), PosixFilePermissions.fromString("rw-------"));
    var jail = caller.run("--bind", folder + ":/x:idmap", "--", "sh", "-c",
        "stat -c %u:%g /x /x/mine; cat /x/mine; echo new > /x/new; cat /x/roots");
    Tools.skipUnless(!jail.err().contains("this kernel cannot map the ids"), "no ids can be mapped in " + Program.BASE);
    assertThat(jail.out()).as(jail.err()).isEqualTo("65534:65534\n65534:65534\nmine\n");
    assertThat(jail.err()).contains("/x/roots: Permission denied");
    assertThat(Files.getAttribute(folder.resolve("new"), "unix:uid")).isEqualTo(OWNER);
    assertThat(Files.getAttribute(folder.resolve("new"), "unix:gid")).isEqualTo(GROUP);
    assertThat(caller.run("--bind", folder + ":/x", "--", "cat", "/x/mine").err()).contains("Permission denied");
  }

  @ForEachCaller
  void rootsIdIsNeverMapped(Caller caller) throws IOException {
    Tools.skipUnless(caller.isRoot(), "only root maps ids");
    Path folder = folder();
    var jail = caller.run("--bind", folder + ":/x:idmap", "--", "true");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.err()).contains("it belongs to root or to root's group");
    Files.setAttribute(folder, "unix:uid", OWNER);
    assertThat(caller.run("--bind", folder + ":/x:idmap", "--", "true").err()).contains("or to root's group");
  }
}
