package dev.warder.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Makes the attacks of `attacks/probe` wherever one wants, under the eyes of `attacks/keeper.c`.
final class Attacks {
  /// Those that end the prober too stand apart, with a word behind the number.
  static final List<String> ALL_NUMBERS = List.of("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 22 23 24 25 26 27 28 29 30 31 32 33 35 39 40 43 44 45 46 47 48 49 50 52 60 61 62".split(" "));

  /// What lies here is bound at `/probe` in a jail.
  private final Path folder = Program.readableFolder("attacks");
  private final Path keeper = CProgram.build("attacks/keeper.c", folder.resolve("keeper"));
  private final Path probe = CProgram.build("attacks/probe", folder.resolve("probe"));

  Attacks() throws IOException {}

  /// What the kernel made of one probe.
  ///
  /// @param expected `refused`, or `own` if it may succeed without an effect on others
  /// @param result `done`, an errno, `killed`, `hung` or `not-here`
  record Probe(String attack, String name, String expected, String result) {
    boolean succeeded() {
      return result.equals("done") || result.equals("hung");
    }

    @Override
    public String toString() {
      return attack + " " + name + " " + result;
    }
  }

  /// @param canaries what was aimed at, and whether it is intact
  record Report(List<Probe> probes, Map<String, Boolean> canaries, Caller.Result result) {
    /// The probes that were to be refused and were not.
    List<Probe> holes() {
      return probes.stream().filter(p -> p.expected().equals("refused") && p.succeeded()).toList();
    }

    /// Those of a list that ended with their jail were killed by the filter's signal, SIGSYS.
    Report withKilled(List<Probe> listed) {
      var all = new ArrayList<>(probes);
      for (Probe probe : listed) {
        if (result.lines().contains(probe.name() + " ended 159")) {
          all.add(new Probe(probe.attack(), probe.name(), probe.expected(), "killed"));
        }
      }
      return new Report(all, canaries, result);
    }

    /// The names of these by attack.
    static Map<String, TreeSet<String>> byAttack(List<Probe> probes) {
      var names = new TreeMap<String, TreeSet<String>>();
      probes.forEach(p -> names.computeIfAbsent(p.attack(), attack -> new TreeSet<>()).add(p.name()));
      return names;
    }
  }

  /// In a jail of these options.
  Report inJail(Caller caller, List<String> options, List<String> attacks) throws IOException {
    var command = new ArrayList<>(List.of(Program.WARDER.toString(), "run"));
    command.addAll(options);
    Path kept = Program.folder("kept");
    command.addAll(List.of("--bind-ro", folder + ":/probe", "--bind-ro", kept + "/shown:/shown", "--", "/probe/probe"));
    command.addAll(attacks);
    return report(caller, kept, List.of("-s", "/shown"), command);
  }

  /// The same, but each probe in a jail of its own: for filters that allow no processes.
  Report inJails(Caller caller, List<String> options, List<String> attacks) throws IOException {
    Path kept = Program.folder("kept");
    String jail = Program.WARDER + " run " + String.join(" ", options) + " --bind-ro " + folder + ":/probe --bind-ro " + kept
        + "/shown:/shown -- /probe/probe";
    var listed = outside(Caller.self(), List.of("list=1"), attacks).probes();
    var command = new ArrayList<>(List.of("sh", "-c", """
        told=
        for word; do case $word in *=*) told="$told $word" ;; esac; done
        for word; do case $word in *=*) ;; *) $0 $word $told || echo "$word ended $?" ;; esac; done""", jail));
    listed.forEach(probe -> command.add(probe.name()));
    return report(caller, kept, List.of("-s", "/shown"), command).withKilled(listed);
  }

  /// Without a jail. Where root does so it is in namespaces of its own, since nothing else stands in the way.
  Report outside(Caller caller, List<String> words, List<String> attacks) throws IOException {
    var command = new ArrayList<>(List.of(probe.toString()));
    command.addAll(words);
    command.addAll(attacks);
    return report(caller, Program.folder("kept"), List.of(), command);
  }

  private Report report(Caller caller, Path kept, List<String> options, List<String> command) throws IOException {
    Caller self = Caller.self();
    var words = new ArrayList<String>();
    if (self.isRoot()) {
      words.addAll(List.of("unshare", "-mpf", "--mount-proc"));
    }
    words.add(keeper.toString());
    words.addAll(options);
    if (!caller.become().isEmpty()) {
      words.addAll(List.of("-u", Integer.toString(caller.uid())));
    }
    words.add(kept.toString());
    words.addAll(command);
    var home = new Caller(self.name(), self.uid(), List.of(), caller.home(), Path.of("/"), Map.of());
    return parse(home.start(words).end());
  }

  private static Report parse(Caller.Result result) {
    var probes = new ArrayList<Probe>();
    var canaries = new LinkedHashMap<String, Boolean>();
    for (String line : result.lines()) {
      String[] fields = line.split(" ");
      if (fields[0].equals("canary")) {
        canaries.put(fields[1], fields[2].equals("intact"));
      } else if (fields.length == 4) {
        probes.add(new Probe(fields[0], fields[1], fields[2], fields[3]));
      }
    }
    if (canaries.isEmpty()) {
      throw new AssertionError("no report: " + result);
    }
    return new Report(probes, canaries, result);
  }
}
