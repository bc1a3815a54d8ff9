package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A jail whose caller sits at a terminal.
class TerminalIT {
  private static final String PROMPT = "jail> ";

  /// In whose text what is typed shows once as it is echoed and, made by the program, as it is printed.
  private static final List<String> SHELL =
      List.of("$WARDER", "run", "-E", "PS1=" + PROMPT, "--", "bash", "--norc", "--noprofile", "--noediting");

  @ForEachCaller
  void theProgramGetsATerminalOfTheJailsOwn(Caller caller) {
    var result = sit(caller, SHELL, PROMPT, "tty; stty size; stat -c %u /dev/pts/0; ls /dev/pts\n",
        "ptmx\\s+" + PROMPT, "exit 3\n");
    assertThat(result.out()).contains("/dev/pts/0\n30 100\n" + caller.jailUid() + "\n0  ptmx\n", "exit code 3");
  }

  @ForEachCaller
  void aShellHasJobControl(Caller caller) {
    var result = sit(caller, SHELL, PROMPT, "sleep 60\n@wait\u001a", "Stopped(.|\n)*" + PROMPT, "jobs -s; fg\n@wait\u0003",
        PROMPT, "echo status $?\n", "status \\d", "\u0004");
    assertThat(result.out()).doesNotContain("no job control").containsPattern("Stopped +sleep 60")
        .contains("status 130", "exit code 0");
  }

  @ForEachCaller
  void aNewSizeReachesTheProgram(Caller caller) {
    var result = sit(caller, List.of("$WARDER", "run", "--", "sh", "-c",
        "trap 'stty size; exit 5' WINCH; echo set; while :; do sleep 0.05; done"), "set", "@resize");
    assertThat(result.out()).contains("40 100", "exit code 5");
  }

  @ForEachCaller
  void theTerminalIsAsBeforeWhenTheJailHasEnded(Caller caller) {
    var result = sit(caller, List.of("/bin/sh", "-c", """
        cd; stty -echo intr ^X
        stty -g > before; "$WARDER" run --chdir /tmp -- sh -c 'stty -g; exit 4'; echo code $?; stty -g > after
        cmp before after && echo as before"""));
    assertThat(result.out()).contains("code 4\n", "as before\n");
    String inside = result.out().lines().findFirst().orElseThrow();
    assertThat(inside).as("the jail's terminal has the caller's settings").isEqualTo(read(caller, "before"));
  }

  @ForEachCaller
  void allThatTheProgramWroteComesOut(Caller caller) {
    var result = sit(caller, List.of("$WARDER", "run", "--", "seq", "20000"));
    assertThat(result.out().lines().filter(line -> line.matches("\\d+"))).hasSize(20000);
  }

  @ForEachCaller
  void theLauncherStopsWithItsJailAndGoesOnWithIt(Caller caller) {
    var result = sit(caller, List.of("bash", "--norc", "--noprofile", "--noediting", "-i"), "[$#] ", "PS1='out> '\n",
        "out> ", "\"$WARDER\" run -- sh -c 'echo begun; kill -STOP $$; echo goes on'\n",
        "Stopped(.|\n)*out> ", "fg; echo code $?\n", "\ngoes on(.|\n)*code 0", "exit\n");
    assertThat(result.out()).contains("goes on\ncode 0\n");
  }

  @ForEachCaller
  void aLauncherToldToStopStopsTheJail(Caller caller) throws IOException {
    Path script = caller.folder().resolve("told");
    Files.writeString(script, """
        "$WARDER" run -- sh -c 'echo begun; sleep 3; echo slept' &
        sleep 1; kill -TSTP $!; sleep 1; ps -o stat= -p $!; kill -CONT $!; wait $!; echo code $?""");
    // timeout(1) leads a process group whose parent is in another: in one that is orphaned nobody stops.
    var result = caller.start(List.of("timeout", "60", "sh", script.toString())).end();
    assertThat(result.out()).as(result.err()).containsPattern("begun\nT.*\nslept\ncode 0\n");
  }

  @ForEachCaller
  void threeEscapesEndTheJail(Caller caller) {
    var result = sit(caller, List.of("$WARDER", "run", "--", "sh", "-c", "trap '' INT TERM; echo begun; sleep 60"),
        "begun", "\u001d\u001dx\u001d\u001d\u0003@wait\u001d\u001d\u001d");
    assertThat(result.out()).contains("exit code 137");
  }

  @ForEachCaller
  void aPipeStaysAPipe(Caller caller) {
    var result = sit(caller, List.of("/bin/sh", "-c", """
        "$WARDER" run -- sh -c 'test -t 0 && test ! -t 1 && ! tty && echo piped' | cat
        "$WARDER" run --console pipe -- sh -c 'tty || echo "not a terminal of the jail"'
        echo text | "$WARDER" run -- sh -c 'cat; test -t 1 && echo to a terminal'"""));
    assertThat(result.out()).contains("piped\n", "not a terminal of the jail\n", "text\nto a terminal\n");
  }

  @ForEachCaller
  void theTimeLimitHoldsAtATerminalThatNobodyReads(Caller caller) {
    String sleep = Tools.uniqueSleep();
    var result = sit(caller, List.of("/bin/sh", "-c",
        "\"$WARDER\" run --timeout 1s -- sh -c 'echo begun; sleep $0 & exec sleep $0' " + sleep + "; echo code $?"));
    assertThat(result.out()).contains("code 124");
    Tools.awaitNoSurvivor(sleep);
  }

  private static Caller.Result sit(Caller caller, List<String> command, String... promptsAndTyped) {
    var words = new ArrayList<>(List.of("python3", script().toString()));
    words.addAll(List.of(promptsAndTyped));
    words.add("--");
    for (String word : command) {
      words.add(word.equals("$WARDER") ? Program.WARDER.toString() : word);
    }
    var result = caller.start(words).end();
    assertThat(result.err()).as(result.out()).isEmpty();
    return result;
  }

  private static String read(Caller caller, String file) {
    try {
      return Files.readString(caller.home().resolve(file)).strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path script() {
    Path script = Program.BASE.resolve("terminal.py");
    if (!Files.exists(script)) {
      try (InputStream in = TerminalIT.class.getResourceAsStream("terminal.py")) {
        Files.copy(in, script);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return script;
  }
}
