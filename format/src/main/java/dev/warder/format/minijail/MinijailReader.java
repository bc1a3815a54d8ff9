package dev.warder.format.minijail;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Includes;
import dev.warder.format.minijail.Statement.Filter;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import dev.warder.format.tree.TextFile;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Expression;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads policies of minijail, as its parser in C and `compile_seccomp_policy.py` have them.
///
/// The two differ: to the first `name: test; return N` allows what passes the test and refuses the rest, to the second
/// it refuses what passes. So it is an error here (`ambiguous-return`); braces, which only the second has, say which is
/// meant. A call that is spoken of twice is an error too: one parser refuses that, the other joins the two.
///
/// Sources: `syscall_filter.c` and `tools/parser.py` of minijail, 0d443e792ae9; minijail0(5).
public final class MinijailReader {
  /// Keys that a policy of Warder may begin with, and that no call is named.
  private static final List<String> NAMES = List.of("name", "description", "notes");
  private static final int DEPTH = 10;
  private static final int MAX_ERRNO = 4095;

  private final Reading first;
  private final NamedFiles files;
  private final List<Statement> statements = new ArrayList<>();
  /// Where each call is spoken of, and for which architectures.
  private final Map<String, List<Told>> told = new HashMap<>();
  private final Map<String, Long> frequencies = new TreeMap<>();
  private Reading reading;
  private Tokens tokens;
  private Action defaultAction = Action.KILL_PROCESS;
  private boolean denies;

  private record Told(Set<Arch> arches, String origin) {}

  /// @param includes null where no files can be read
  public MinijailReader(Reading reading, Includes includes) {
    this.first = reading;
    this.reading = reading;
    this.files = new NamedFiles(includes);
  }

  /// Whether the first line that says something is a statement of such a policy: `read: 1`, `@include ./x`.
  public static boolean recognises(TextFile file) {
    for (int line = 1; line <= file.lines(); line++) {
      String text = file.line(line).text().strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        return isStatement(text);
      }
    }
    return false;
  }

  private static boolean isStatement(String text) {
    for (String word : List.of("@include ", "@frequency ", "@default ", "@denylist")) {
      if (text.startsWith(word)) {
        return true;
      }
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      return false;
    }
    String after = text.substring(colon + 1).strip();
    if (text.startsWith("{")) {
      return text.lastIndexOf('}', colon) > 0 && !after.isEmpty() && text.indexOf('"') < 0;
    }
    int end = 0;
    while (end < after.length() && (Character.isLetterOrDigit(after.charAt(end)) || after.charAt(end) == '-')) {
      end++;
    }
    String word = after.substring(0, end);
    String name = text.substring(0, text.indexOf('[') > 0 ? Math.min(colon, text.indexOf('[')) : colon).strip();
    boolean call = Catalog.get().knows(name);
    boolean action = word.equals("1") || word.equals("return") || ArgumentParser.isArgument(word)
        || action(word) != null || after.startsWith("{ arg") || after.startsWith("{arg");
    if (call && after.equals("\\")) {
      return true;
    }
    return action && (call || !NAMES.contains(name) && (word.equals("1") || ArgumentParser.isArgument(word)));
  }

  /// The policy; null or half done if there are problems.
  public Policy read() {
    file("", 1);
    var rules = new ArrayList<Rule>();
    for (Statement statement : statements) {
      rules.addAll(statement.rules(defaultAction));
    }
    return new Policy(first.file().name(), "", List.of(), new Architectures.Native(), defaultAction, defaultAction,
        defaultAction, rules, frequencies);
  }

  /// @param folder of the file, relative to that of the first; empty or ending in a slash
  private void file(String folder, int depth) {
    for (int line = 1; line <= reading.file().lines() && !hopeless(); line = tokens.lastLine + 1) {
      tokens = new Tokens(reading, line);
      if (!tokens.atEnd()) {
        statement(folder, depth);
      }
    }
  }

  private boolean hopeless() {
    return first.hopeless() || reading.hopeless();
  }

  private void statement(String folder, int depth) {
    int before = reading.problems().size();
    Position start = tokens.place();
    switch (tokens.text()) {
      case "@include" -> include(folder, depth);
      case "@frequency" -> frequency(folder, start);
      case "@default" -> defaultAction();
      case "@denylist" -> denylist(start);
      default -> filters(start);
    }
    if (reading.problems().size() == before && !tokens.atEnd()) {
      tokens.missing("the end of the line");
    }
  }

  private void denylist(Position start) {
    tokens.next();
    if (!statements.isEmpty()) {
      reading.fail("policy-syntax", start, "@denylist stands behind statements", "make it the first line");
    }
    denies = true;
    defaultAction = Action.ALLOW;
  }

  private void defaultAction() {
    tokens.next();
    Action action = action(tokens.text());
    if (action == null || action.letsThrough() || action instanceof Action.Trace) {
      tokens.missing("kill-process, kill-thread, kill or trap");
    } else if (action instanceof Action.Notify) {
      tokens.fail("notify-all", "a supervisor cannot be asked about every call", "name the calls that it decides");
    } else {
      tokens.next();
      defaultAction = action;
    }
  }

  private static Action action(String word) {
    return switch (word) {
      case "allow" -> Action.ALLOW;
      case "kill", "kill-process" -> Action.KILL_PROCESS;
      case "kill-thread" -> new Action.KillThread();
      case "trap" -> new Action.Trap();
      case "trace" -> new Action.Trace((short) 0);
      case "log" -> new Action.Log();
      case "user-notify" -> new Action.Notify();
      default -> null;
    };
  }

  private void filters(Position start) {
    var calls = new ArrayList<String>();
    Set<Arch> arches = EnumSet.allOf(Arch.class);
    boolean braced = tokens.skip("{");
    do {
      if (!descriptor(calls, arches)) {
        return;
      }
    } while (braced && tokens.skip(","));
    if (braced && !tokens.expect("}") || !tokens.expect(":")) {
      return;
    }
    List<Filter> filters = filters(calls);
    if (filters == null || calls.isEmpty() || arches.isEmpty()) {
      return;
    }
    String origin = reading.file().name() + ":" + start.line();
    When when = arches.size() == Arch.values().length ? new When.Always() : new When.On(arches);
    for (String call : calls) {
      notRepeated(call, arches, origin, start);
    }
    statements.add(new Statement(calls, when, filters, origin));
  }

  private void notRepeated(String call, Set<Arch> arches, String origin, Position start) {
    List<Told> earlier = told.computeIfAbsent(call, _ -> new ArrayList<>());
    for (Told other : earlier) {
      var both = EnumSet.copyOf(arches);
      both.retainAll(other.arches());
      if (!both.isEmpty()) {
        reading.fail("redefined", start, call + " is spoken of in " + other.origin() + " already",
            "join the two, as in " + call + ": { arg0 == 1, arg0 == 2; return EPERM }");
        return;
      }
    }
    earlier.add(new Told(arches, origin));
  }

  /// A call, maybe with `[arch=x86_64,arm64]`.
  ///
  /// @param calls takes it if the catalog has it
  /// @param arches is narrowed; calls in one pair of braces share what is left
  private boolean descriptor(List<String> calls, Set<Arch> arches) {
    if (!tokens.atWord()) {
      return tokens.missing("the name of a call") != null;
    }
    Position place = tokens.place();
    String name = tokens.next();
    if (tokens.skip("[") && !metadata(arches)) {
      return false;
    }
    if (name.indexOf('@') >= 0) {
      return reading.fail("unknown-set", place, "groups such as '" + name + "' are not in the file", "name its calls")
          != null;
    }
    if (Catalog.get().knows(name) || Catalog.get().foreign().contains(name)) {
      if (!calls.contains(name)) {
        calls.add(name);
      }
      return true;
    }
    unknown(name, place);
    return true;
  }

  private void unknown(String name, Position place) {
    String what = "no system call named '" + name + "'";
    if (!denies) {
      reading.lose("unknown-syscall", place, what + "; it is left out and so refused", true);
      return;
    }
    List<String> near = Catalog.get().suggestions(name);
    String fix = near.isEmpty() ? "correct it, or leave it out" : "did you mean '" + near.getFirst() + "'?";
    reading.fail("unknown-syscall", place, what + ", and it would be let through", fix);
  }

  private boolean metadata(Set<Arch> arches) {
    if (!tokens.at("arch")) {
      return tokens.missing("arch=") != null;
    }
    tokens.next();
    if (!tokens.expect("=")) {
      return false;
    }
    Set<Arch> named = EnumSet.noneOf(Arch.class);
    do {
      Optional<Arch> arch = arch(tokens.text());
      if (arch.isEmpty()) {
        return tokens.fail("unknown-architecture", "no architecture named '" + tokens.text() + "'",
            "write x86_64, x86, arm64 or arm") != null;
      }
      tokens.next();
      named.add(arch.get());
    } while (tokens.skip(","));
    arches.retainAll(named);
    return tokens.expect("]");
  }

  private static Optional<Arch> arch(String name) {
    return switch (name) {
      case "arm64" -> Optional.of(Arch.AARCH64);
      case "i386" -> Optional.of(Arch.X86);
      default -> Arch.named(name);
    };
  }

  private List<Filter> filters(List<String> calls) {
    var filters = new ArrayList<Filter>();
    boolean braced = tokens.skip("{");
    do {
      if (!filters.isEmpty() && filters.getLast().test().isEmpty()) {
        return tokens.fail("unreachable", "what stands behind an action without a test has no effect", "leave it out");
      }
      Filter filter = filter(calls, braced);
      if (filter == null) {
        return null;
      }
      filters.add(filter);
    } while (braced && tokens.skip(","));
    return braced && !tokens.expect("}") ? null : filters;
  }

  private Filter filter(List<String> calls, boolean braced) {
    if (!ArgumentParser.isArgument(tokens.text())) {
      Action action = action();
      return action == null ? null : new Filter(Optional.empty(), action);
    }
    Expression test = new ArgumentParser(tokens, calls).expression();
    if (test == null) {
      return null;
    }
    Position place = tokens.place();
    if (!tokens.skip(";")) {
      return denies ? tokens.missing("; return N, as every line of a @denylist has it")
          : new Filter(Optional.of(test), Action.ALLOW);
    }
    if (tokens.at("return") && !braced) {
      return reading.fail("ambiguous-return", place,
          "minijail0 allows what passes this test, compile_seccomp_policy.py refuses it",
          "write { test, return N } to allow what passes, { test; return N } to refuse it");
    }
    Action action = action();
    return action == null ? null : new Filter(Optional.of(test), action);
  }

  private Action action() {
    String word = tokens.text();
    if (tokens.skip("return")) {
      return errno();
    }
    if (denies) {
      return tokens.missing("return N, as every line of a @denylist has it");
    }
    Action action = word.equals("1") ? Action.ALLOW : action(word);
    if (action == null) {
      return tokens.missing("1, allow, arg0 to arg5, return, kill, trap, trace, log or user-notify");
    }
    tokens.next();
    return action;
  }

  private Action errno() {
    String word = tokens.text();
    Optional<Errno> named = Errno.named(word);
    Optional<Long> number = ArgumentParser.number(word);
    if (named.isEmpty() && (number.isEmpty() || number.get() < 0 || number.get() > MAX_ERRNO)) {
      return tokens.fail("unknown-errno", "no error named '" + word + "'", "write it as EPERM, or as its number");
    }
    Optional<Errno> errno = named.isPresent() ? named : Errno.of(number.get().intValue());
    if (errno.isEmpty()) {
      String what = number.get() == 0 ? "the call fails with EPERM instead of seeming to succeed"
          : "no error has the number " + word + "; the call fails with EPERM";
      reading.lose("lost-errno", tokens.place(), what, false);
    }
    tokens.next();
    return Action.fail(errno.orElse(Errno.EPERM));
  }

  private void include(String folder, int depth) {
    tokens.next();
    Position place = tokens.place();
    String written = tokens.takePath();
    if (depth == DEPTH) {
      reading.fail("too-deep", place, "more than " + DEPTH + " levels of files", "join some of them");
      return;
    }
    NamedFiles.Named named = files.open(reading, place, folder, written);
    if (named != null) {
      Reading outer = reading;
      Tokens statement = tokens;
      reading = named.reading();
      file(named.folder(), depth + 1);
      reading = outer;
      tokens = statement;
      take(named.reading());
    }
  }

  private void frequency(String folder, Position start) {
    tokens.next();
    Position place = tokens.place();
    String written = tokens.takePath();
    if (!files.readable()) {
      reading.lose("lost-frequency", start, "there is no folder that this file could be in, and it decides nothing", false);
      return;
    }
    NamedFiles.Named named = files.open(reading, place, folder, written);
    if (named != null) {
      new FrequencyReader(named.reading(), frequencies).read();
      take(named.reading());
    }
  }


  /// Takes what is told of another file, which names its own places.
  private void take(Reading other) {
    reading.problems().addAll(other.problems());
    reading.losses().addAll(other.losses());
  }
}
