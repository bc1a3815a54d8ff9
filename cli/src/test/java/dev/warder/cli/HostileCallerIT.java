package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever a caller does to the launcher's surroundings: the program is as confined as ever, or it is not started.
///
/// How it is confined, the program itself tells, see `faults/confined.c`; the same is wanted as in a launch that nothing is
/// wrong with.
class HostileCallerIT {
  private static final Pattern MESSAGE = Pattern.compile("(warder: cannot [^:]+: E[A-Z0-9]+: [^:]+.*\n)+");

  /// System calls, of x86-64, that a filter around the launcher refuses with EPERM; -1 is none.
  private static final int NONE = -1;
  private static final int CLONE = 56;
  private static final int PRCTL = 157;
  private static final int SECCOMP = 317;
  private static final int CLOSE_RANGE = 436;

  private enum End {
    /// The program runs, confined as ever.
    RUNS,
    /// The launcher says why it does not.
    REFUSED,
    /// The kernel does not even start the launcher.
    KILLED
  }

  private static Path programs;

  @BeforeAll
  static void build() throws IOException {
    programs = Program.readableFolder("programs");
    CProgram.build("faults/hostile.c", programs.resolve("hostile"));
    CProgram.build("faults/confined.c", programs.resolve("confined"));
  }

  @ForEachCaller
  void standardFilesMayBeClosed(Caller caller) throws IOException {
    var jail = new Jail(caller);
    for (int which = 1; which <= 7; which++) {
      jail.expect(End.RUNS, "closed", which);
    }
  }

  @ForEachCaller
  void tooLittleOfAnythingIsSaid(Caller caller) throws IOException {
    var jail = new Jail(caller);
    for (int files : new int[] {0, 3, 4, 5, 6, 7, 8, 9, 10, 20}) {
      assertThat(jail.expect(End.REFUSED, "files", files)).contains("EMFILE: too many open files; see ulimit -n");
    }
    for (int processes : new int[] {0, 1}) {
      assertThat(jail.expect(End.REFUSED, "processes", processes)).contains("EAGAIN: the limit on processes is reached");
    }
    if (caller.isRoot()) {                                   // whose limit process 1 meets as the program's user
      assertThat(jail.expect(End.REFUSED, "processes", 2)).contains("EAGAIN: the limit on processes is reached");
    }
    jail.expect(End.RUNS, "file-size", 0);
    jail.expect(End.RUNS, "memory", 4_000_000);
    jail.expect(End.RUNS, "stack", 32_768);                  // of which the kernel skips up to 8192 bytes, at random
    jail.expect(End.RUNS, "locked", 0);
    for (String what : List.of("memory", "stack", "data")) {
      jail.expect(End.KILLED, what, 4096);
    }
  }

  @ForEachCaller
  void tooMuchOfAnythingChangesNothing(Caller caller) throws IOException {
    var jail = new Jail(caller);
    jail.expect(End.RUNS, "open-files", 1000);
    jail.expect(End.RUNS, "words", 5000);
    jail.expect(End.RUNS, "one-word", 100_000);
    jail.expect(End.RUNS, "strange-variables");
    jail.expect(End.RUNS, "no-arguments");
  }

  @ForEachCaller
  void signalsMasksAndSessionsChangeNothing(Caller caller) throws IOException {
    var jail = new Jail(caller);
    jail.expect(End.RUNS, "ignored", 17);
    jail.expect(End.RUNS, "all-ignored");
    jail.expect(End.RUNS, "blocked");
    jail.expect(End.RUNS, "mask", 0777);
    jail.expect(End.RUNS, "session");
    jail.expect(End.RUNS, "stopped-caller");
    jail.expect(End.RUNS, "traced");
  }

  @ForEachCaller
  void aFolderThatIsGoneIsNotShown(Caller caller) throws IOException {
    var jail = new Jail(caller);
    jail.expect(End.RUNS, "deleted-folder");
    jail.expect(End.RUNS, "deep-folder", 30);
  }

  @ForEachCaller
  void aFilterAroundItIsOneMore(Caller caller) throws IOException {
    var jail = new Jail(caller);
    jail.expect(End.RUNS, "privileges-forbidden");
    jail.expect(End.RUNS, "filter", NONE);
    for (int call : new int[] {CLONE, PRCTL, SECCOMP, CLOSE_RANGE}) {
      assertThat(jail.expect(End.REFUSED, "filter", call)).contains("EPERM: ");
    }
  }

  @ForEachCaller
  void aChangedRootFolderIsNoPlaceForAJail(Caller caller) throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can change the root folder");
    String err = new Jail(caller).expect(End.REFUSED, "root-folder");
    assertThat(err).contains(caller.isRoot() ? "ENOENT: no such file" : "a chroot can have none");
  }

  @Test
  void halfARootIsNone() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can be half of it");
    var jail = new Jail(Caller.self());
    assertThat(jail.expect(End.REFUSED, "no-capabilities")).contains("root here lacks CAP_SYS_ADMIN");
    jail.expect(End.REFUSED, "effective-user", 65_533);
  }

  /// An image whose program tells how it is confined.
  private static final class Jail {
    private static final String TOLD = "told";

    private final Caller caller;
    private final Path work = Program.folder("hostile");
    private final Path out = Program.folder("out");
    private final Path image = work.resolve("image");
    private final String usual;

    Jail(Caller caller) throws IOException {
      this.caller = caller.in(work);
      var built = Caller.self().in(work).warder("build", "-o", image.toString(), "--bind-ro",
          programs.resolve("confined") + ":/confined", "--bind", out + ":/out", "--", "/confined");
      assertThat(built.status()).as(built.err()).isZero();
      this.usual = told(hostile("none"));
      assertThat(usual).contains("Uid:\t" + caller.jailUid(), "NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000",
          "open 2\nUid", "ns user:new", "ns net:new", "session 1").doesNotContain("HOST").endsWith("end\n");
    }

    /// @return what is on stderr
    String expect(End end, Object... circumstance) throws IOException {
      String as = Arrays.toString(circumstance);
      var result = hostile(circumstance);
      String told = told(result);
      if (end == End.RUNS) {
        assertThat(told).as(as + result.err()).isEqualTo(usual);
        assertThat(result.status()).as(as + result.err()).isZero();
      } else {
        assertThat(told).as(as).isEmpty();
        assertThat(result.status()).as(as + result.err())
            .matches(status -> end == End.REFUSED ? status == 125 : status > 128);
        assertThat(result.err()).as(as).matches(err -> end == End.KILLED || MESSAGE.matcher(err).matches());
      }
      return result.err();
    }

    private Caller.Result hostile(Object... circumstance) throws IOException {
      Files.deleteIfExists(out.resolve(TOLD));
      var words = new ArrayList<>(List.of("bash", "-c", "set -o pipefail; \"$@\" | cat", "bash",     // a pipe, see file-size
          programs.resolve("hostile").toString()));
      if (!caller.become().isEmpty()) {
        words.addAll(List.of("-u", Integer.toString(caller.uid())));
      }
      Arrays.stream(circumstance).forEach(word -> words.add(word.toString()));
      words.add(image.toString());
      return Caller.self().in(work).start(words).end();
    }

    /// By the file, or by stdout where no file could be written; without the numbers of the namespaces, and with how many
    /// filters there are besides those around the launcher.
    private String told(Caller.Result result) throws IOException {
      Path file = out.resolve(TOLD);
      String told = Files.exists(file) && Files.size(file) > 0 ? Files.readString(file) : result.out();
      var lines = new StringBuilder();
      for (String line : told.lines().toList()) {
        String[] words = line.split("[: \\[\\]]+");
        if (line.startsWith("ns ")) {
          String host = Files.readSymbolicLink(Path.of("/proc/self/ns", words[1])).toString();
          line = "ns " + words[1] + ":" + (line.equals("ns " + host) ? "HOST" : "new");
        }
        lines.append(line.startsWith("Seccomp_filters:") ? "" : line + "\n");
      }
      return lines.toString();
    }
  }
}
