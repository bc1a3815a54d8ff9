package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.Caller.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the doctor says is what the kernel does.
class DoctorIT {
  @ForEachCaller
  void marksTellWhatAJailGets(Caller caller) throws IOException {
    Path layer = Program.folder("layer");
    record Row(String line, List<String> options) {}
    Result doctor = caller.warder("doctor");
    assertThat(doctor.err()).isEmpty();
    assertThat(doctor.status()).isEqualTo(caller.run("--", "/bin/sh", "-c", ":").status() == 0 ? 0 : 1);
    for (Row row : List.of(
        new Row("default jail", List.of()),
        new Row("control groups", List.of("--memory=64M", "--pids=50", "--cpus=1")),
        new Row("id ranges", List.of("--private-users=" + (caller.isRoot() ? "100000" : "pick"))),
        new Row("overlays", List.of("--overlay=" + layer + "::/overlay")),
        new Row("Landlock", List.of("--network=host", "--landlock=require")),
        new Row("clocks", List.of("--boottime=1h")))) {
      var words = new ArrayList<>(row.options);
      words.addAll(List.of("--", "/bin/sh", "-c", ":"));
      Result run = caller.run(words.toArray(String[]::new));
      assertThat(mark(doctor, row.line)).as(row.line + ": " + run.err()).isEqualTo(run.status() == 0 ? "ok" : "no");
    }
  }

  private static String mark(Result doctor, String line) {
    for (String printed : doctor.lines()) {
      if (printed.startsWith(line, 4)) {
        return printed.substring(0, 3).strip();
      }
    }
    throw new AssertionError("no line " + line + " in:\n" + doctor.out());
  }

  @ForEachCaller
  void fitsOnAScreenAndTakesNoTime(Caller caller) {
    long start = System.nanoTime();
    List<String> lines = caller.warder("doctor").lines();
    assertThat(System.nanoTime() - start).isLessThan(60_000_000_000L);
    assertThat(lines).hasSizeLessThanOrEqualTo(30).allMatch(line -> line.length() <= 100);
  }

  @Test
  void aCoveredProcIsNamed() {
    Tools.need("unshare", "mount");
    Tools.skipUnless(Caller.self().isRoot(), "only root can cover a part of /proc");
    Result doctor = Caller.self().sh("unshare -m sh -c 'mount -t tmpfs none /proc/fs && exec \"$WARDER\" doctor'");
    assertThat(doctor.out()).contains("no  /proc           in part covered (/proc/fs)")
        .contains("    fix: as root: umount /proc/fs\n");
    assertThat(mark(doctor, "default jail")).isEqualTo("no");
    assertThat(doctor.status()).isEqualTo(1);
  }

  @Test
  void aSettingThatRefusesNamespacesIsNamed() {
    Tools.need("unshare");
    Caller ordinary = Caller.all().getLast();
    Tools.skipUnless(!ordinary.isRoot(), "nobody but root is here");
    Result doctor = ordinary.sh("unshare -U -c --keep-caps sh -c "
        + "'echo 0 > /proc/sys/user/max_net_namespaces && exec \"$WARDER\" doctor'");
    assertThat(doctor.out()).contains("no  namespaces      refused by user.max_net_namespaces=0")
        .contains("    fix: as root: sysctl -w user.max_net_namespaces=65536\n");
    assertThat(doctor.status()).isEqualTo(1);
  }
}
