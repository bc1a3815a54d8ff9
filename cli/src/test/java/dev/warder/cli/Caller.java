package dev.warder.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Someone who calls the front script: whoever runs the tests and, where that is root, an ordinary user too.
///
/// What it starts sees a small environment, in which `$WARDER` is the front script.
record Caller(String name, int uid, List<String> become, Path home, Path folder, Map<String, String> environment) {
  /// No account of this machine: files and processes of nobody else can be meant.
  private static final int ORDINARY = 65533;

  private static final List<Caller> ALL = find();

  /// What became of a program.
  record Result(int status, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  /// For parameterised tests.
  static List<Caller> all() {
    return ALL;
  }

  /// Whoever runs the tests.
  static Caller self() {
    return ALL.getFirst();
  }

  private static List<Caller> find() {
    try {
      int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      var all = new ArrayList<Caller>();
      all.add(caller(uid == 0 ? "root" : "ordinary user", uid, List.of()));
      String id = Integer.toString(ORDINARY);
      List<String> become = List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups");
      if (uid != 0) {
        System.out.println("skipped: no test runs as root, since you are not root");
      } else if (!Tools.found("setpriv")) {
        System.out.println("skipped: no test runs as an ordinary user, since there is no setpriv");
      } else {
        all.add(caller("ordinary user", ORDINARY, become));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Caller caller(String name, int uid, List<String> become) throws IOException {
    Path home = Program.readableFolder("home");
    if (!become.isEmpty()) {
      Files.setAttribute(home, "unix:uid", uid);
    }
    return new Caller(name, uid, become, home, Program.readableFolder("work"), Map.of());
  }

  /// The same caller in another folder.
  Caller in(Path other) {
    return new Caller(name, uid, become, home, other, environment);
  }

  /// The same caller with a variable more.
  Caller with(String variable, String value) {
    var more = new HashMap<>(environment);
    more.put(variable, value);
    return new Caller(name, uid, become, home, folder, more);
  }

  boolean isRoot() {
    return uid == 0;
  }

  /// Whom a jail of this caller's runs as.
  int jailUid() {
    return isRoot() ? 65534 : uid;
  }

  /// `warder run WORDS`.
  Result run(String... words) {
    return start(front("run", words)).end();
  }

  /// `warder WORDS`.
  Result warder(String... words) {
    return start(front(words[0], List.of(words).subList(1, words.length).toArray(String[]::new))).end();
  }

  /// `warder run WORDS`, under way.
  Running startRun(String... words) {
    return start(front("run", words));
  }

  private static List<String> front(String command, String... words) {
    var all = new ArrayList<String>();
    all.add(Program.WARDER.toString());
    all.add(command);
    all.addAll(List.of(words));
    return all;
  }

  /// A shell script of the caller's own, outside a jail.
  Result sh(String script, String... arguments) {
    return startSh(script, arguments).end();
  }

  Running startSh(String script, String... arguments) {
    var words = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    words.addAll(List.of(arguments));
    return start(words);
  }

  Running start(List<String> words) {
    var command = new ArrayList<>(become);
    command.addAll(words);
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> all = builder.environment();
    all.clear();
    all.putAll(Map.of("PATH", Tools.PATH, "HOME", home.toString(), "TERM", "dumb", "LANG", "C.UTF-8",
        "WARDER", Program.WARDER.toString()));
    all.putAll(environment);
    return new Running(builder);
  }

  @Override
  public String toString() {
    return name;
  }

  /// A process under way. Its output goes to files, so that a survivor who holds it cannot make a test wait.
  static final class Running implements AutoCloseable {
    private static final int SECONDS = 120;

    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;

    Running(ProcessBuilder builder) {
      try {
        command = builder.command();
        out = Files.createTempFile(Program.BASE, "out", "");
        err = Files.createTempFile(Program.BASE, "err", "");
        process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Closes its stdin and waits.
    Result end() {
      return end(SECONDS);
    }

    Result end(int seconds) {
      try {
        process.getOutputStream().close();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
          close();
          throw new AssertionError("still running after " + seconds + " s: " + command + "\n" + Files.readString(out)
              + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        close();
        throw new AssertionError("interrupted", e);
      }
    }

    /// Waits until it has printed this.
    Running said(String text) {
      Tools.await(() -> read(out).contains(text),
          () -> command + " did not say '" + text + "' but:\n" + read(out) + read(err));
      return this;
    }

    /// What it has printed so far.
    String output() {
      return read(out);
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// A line on its stdin.
    void say(String line) {
      try {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Of the launcher, which the front script becomes.
    long pid() {
      return process.pid();
    }

    /// Sends a signal by its name, such as `USR1`.
    void signal(String name) {
      Result result = self().sh("kill -$0 $1".replace("$0", name), Long.toString(process.pid()));
      if (result.status() != 0) {
        throw new AssertionError("no signal sent: " + result.err());
      }
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
