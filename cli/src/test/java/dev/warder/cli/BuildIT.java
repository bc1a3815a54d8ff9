package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Images to keep.
class BuildIT {
  private static final int BOUND = 16 * 1024;

  @ForEachCaller
  void anImageIsOneSmallStaticFile(Caller caller) throws IOException {
    Path image = Program.folder("build").resolve("jail");
    var build = caller.warder("build", "-o", image.toString(), "--", "/bin/sh");
    assertThat(build.status()).as(build.err()).isZero();
    assertThat(build.out() + build.err()).isEmpty();
    assertThat(image.getParent().toFile().list()).containsExactly("jail");
    assertThat(Files.size(image)).isLessThan(BOUND);
    if (Tools.found("readelf")) {
      var headers = caller.sh("readelf -lW " + image);
      assertThat(headers.out()).doesNotContain("INTERP", "DYNAMIC", "RWE");
    } else {
      System.out.println("skipped: this machine has no readelf");
    }
  }

  @ForEachCaller
  void anImageBuiltByOneRunsForAnother(Caller builder) throws IOException {
    Path image = Program.folder("build").resolve("jail");
    var build = builder.warder("build", "-o", image.toString(), "-E", "A=in image", "--hostname", "kept", "--",
        "/bin/sh", "-c");
    assertThat(build.status()).as(build.err()).isZero();
    for (Caller caller : Caller.all()) {
      String script = "id -u; uname -n; echo \"$A\"; printf '<%s>' \"$@\"; exit 9";
      var jail = caller.sh("PATH=/nosuch \"$0\" \"$@\"".replace("$0", image.toString()), script, "sh", "two words", "",
          "--");
      assertThat(jail.out()).as(builder + " for " + caller + jail.err())
          .isEqualTo(caller.jailUid() + "\nkept\nin image\n<two words><><-->");
      assertThat(jail.status()).isEqualTo(9);
    }
  }

  @ForEachCaller
  void anImageRunsFromProcessBuilder(Caller caller) throws IOException, InterruptedException {
    Path image = Program.folder("build").resolve("jail");
    assertThat(caller.warder("build", "-o", image.toString(), "--", "/bin/sh", "-c").status()).isZero();
    var words = new ArrayList<>(caller.become());
    words.addAll(List.of(image.toString(), "echo out; echo err >&2; read line; echo \"$line\"; kill -9 $$"));
    Process process = new ProcessBuilder(words).start();
    process.getOutputStream().write("in\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(new String(process.getInputStream().readAllBytes())).isEqualTo("out\nin\n");
    assertThat(new String(process.getErrorStream().readAllBytes())).isEqualTo("err\n");
    assertThat(process.exitValue()).isEqualTo(137);
  }

  @ForEachCaller
  void theSameOptionsGiveTheSameImage(Caller caller) throws IOException {
    Path folder = Program.folder("build");
    for (String name : List.of("one", "two")) {
      assertThat(caller.warder("build", "-o", folder.resolve(name).toString(), "--", "/bin/sh").status()).isZero();
    }
    assertThat(folder.resolve("two")).hasSameBinaryContentAs(folder.resolve("one"));
  }

  @ForEachCaller
  void aFileThatCannotBeWrittenIsSaid(Caller caller) throws IOException {
    var build = caller.warder("build", "-o", "/nosuch/jail", "--", "true");
    assertThat(build.status()).isEqualTo(125);
    assertThat(build.err()).contains("cannot write /nosuch/jail");
    assertThat(caller.warder("build", "--", "true").err()).contains("no -o FILE given");
    assertThat(caller.warder("build", "-o", "jail").err()).contains("no command given");
  }

  @ForEachCaller
  void aPlanListsItsStepsAndRunsNothing(Caller caller) throws IOException {
    Path folder = Program.folder("plan");
    var plan = caller.run("--bind", folder + ":/x", "sh", "-c", "true");
    assertThat(plan.status()).isZero();
    plan = caller.warder("plan", "--bind", folder + ":/x", "--", "sh", "-c", "touch /x/made");
    assertThat(plan.status()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("pivot_root", "seccomp", "execve", folder.toString());
    assertThat(folder).isEmptyDirectory();
  }
}
