package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Exit codes, and what is said when there is no jail.
class StatusIT {
  @ForEachCaller
  void theStatusTellsHowTheProgramEnded(Caller caller) {
    expect(caller, """
        # status | words                                       | on stderr
        0        | true                                        |
        1        | false                                       |
        0        | -- true                                     |
        42       | sh -c|exit 42                               |
        255      | sh -c|exit 255                              |
        137      | sh -c|kill -9 $$                            |
        143      | sh -c|kill -TERM $$                         |
        134      | sh -c|kill -ABRT $$                         |
        137      | --as-pid2 -- sh -c|kill -9 $$               |
        7        | --as-pid1 -- sh -c|exit 7                   |
        124      | --timeout 300ms -- sleep 20                 |
        124      | --timeout=0.3 -- sh -c|trap '' TERM; sleep 20 |
        0        | --timeout 20s -- true                       |
        """);
  }

  @ForEachCaller
  void whatCannotBeRunIsSaidInOneLine(Caller caller) throws IOException {
    String empty = Program.folder("empty").toString();
    expect(caller, """
        # status | words                                       | on stderr
        127      | nosuch                                      | cannot run nosuch: not found
        127      | /nosuch/program                             | cannot run /nosuch/program: not found
        127      | /etc/passwd/x                               | not found
        127      | -D EMPTY -- /bin/true                       | cannot run /bin/true: not found
        126      | /etc/passwd                                 | found, but not executable
        126      | /etc                                        | found, but not executable
        125      | --nosuch-option -- true                     | no option --nosuch-option
        125      | --hostnam=a -- true                         | did you mean --hostname?
        125      | --system-call-filter=~@nosuch -- true       | there are @aio, @basic-io,
        125      | --system-call-filter=~@debgu -- true        | did you mean '@debug'?
        125      | --system-call-filter=opnat -- true          | did you mean
        125      | --system-call-filter=~execve -- true        | denies execve
        125      | -D /nosuch -- true                          | there is no folder /nosuch
        125      | --bind /nosuch -- true                      | cannot take /nosuch: ENOENT
        125      | --bind                                      | --bind needs a value
        125      | --profile nosuch -- true                    | there is no profile 'nosuch'; the profiles are
        125      | --rlimit NOFILE=9:8 -- true                 | the soft limit is above the hard one
        125      | --rlimit NOSUCH=9 -- true                   | there is no limit 'NOSUCH'
        125      | --timeout 0 -- true                         | not a duration
        125      | --timeout 3x -- true                        | not a duration
        125      | --hostname a/b -- true                      | --hostname takes
        125      | --network bridge -- true                    | none, host
        125      | --capability CAP_NOSUCH -- true             | no capability
        125      | --default-action perhaps -- true            | no default action
        125      | --chdir /nosuch -- true                     | no such folder in the jail
        125      | --chdir relative -- true                    | absolute path
        125      | --tmpfs relative -- true                    | absolute path
        125      | --tmpfs /a:colour=red -- true               | no option
        125      | --tmpfs /a:size=x -- true                   | an option is wrong
        125      | --inaccessible /nosuch -- true              | no such path
        125      | -u 0 -- true                                | cannot be root
        125      | -u nosuch-user -- true                      | no user
        125      | --as-pid1 --as-pid2 -- true                 | exclude each other
        125      | -E =x -- true                               | -E takes
        125      | --setenv= -- true                           | -E takes
        125      | --setenv=-x -- true                         | -E takes
        125      | -E -- true                                  | warder:
        125      | -E -x=1 -E y=2 true                         | warder:
        125      | -E=x -- true                                | -E takes
        125      |                                             | no command
        125      | --                                          | no command
        """.replace("EMPTY", empty));
  }

  @ForEachCaller
  void onlyRootMayBecomeAnotherUser(Caller caller) {
    Caller.Result result = caller.run("-u", "65532:65531", "--", "sh", "-c", "id -u; id -g");
    if (caller.isRoot()) {
      assertThat(result.lines()).containsExactly("65532", "65531");
    } else {
      assertThat(result.status()).isEqualTo(125);
      assertThat(result.err()).contains("only root may choose another user");
    }
  }

  @ForEachCaller
  void aProgramThatIsNoProgramIsNotExecutable(Caller caller) throws IOException {
    Path folder = Program.readableFolder("noformat");
    Program.executable(folder.resolve("text"), "no program\n".getBytes(StandardCharsets.UTF_8));
    Caller.Result result = caller.in(folder).run("./text");
    assertThat(result.status()).as(result.err()).isEqualTo(126);
    assertThat(result.err()).contains("not a program; a script needs a first line");
  }

  /// Words are parted by spaces; behind a `|` inside the second cell one word takes all the rest.
  private static void expect(Caller caller, String table) {
    var wrong = new ArrayList<String>();
    for (String row : table.lines().filter(line -> !line.startsWith("#")).toList()) {
      int first = row.indexOf('|');
      int last = row.lastIndexOf('|');
      int status = Integer.parseInt(row.substring(0, first).strip());
      String[] command = row.substring(first + 1, last).strip().split("\\|", 2);
      String said = row.substring(last + 1).strip();
      var words = new ArrayList<String>();
      if (!command[0].isEmpty()) {
        words.addAll(List.of(command[0].split(" ")));
      }
      if (command.length > 1) {
        words.add(command[1]);
      }
      Caller.Result result = caller.run(words.toArray(String[]::new));
      boolean saidRight = said.isEmpty() ? result.err().isEmpty() : result.err().contains(said);
      if (result.status() != status || !saidRight || !result.out().isEmpty()) {
        wrong.add(row + " was " + result);
      }
    }
    assertThat(wrong).isEmpty();
  }
}
