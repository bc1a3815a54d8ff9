package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.format.PolicyFile;
import dev.warder.jail.CallsInReach;
import dev.warder.jail.Mount;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import dev.warder.policy.Reasons;
import dev.warder.policy.Visible;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.cli.Options;

/// `warder check`: whether a policy is valid, what it comes to on this machine, and what it weakens.
final class CheckCommand {
  static final String WITHOUT_RULES = "The kernel forbids them under such rules, so a jail has none, and a folder that gets "
      + "into it past its mounts is open. With --landlock require it has them, and these calls fail.";

  private final Policy policy;
  private final List<Mount.Content> files;
  private final Verdicts verdicts;
  private final Verdicts usual;
  private final StringBuilder out = new StringBuilder();

  private CheckCommand(PolicyFile file, Arch arch) throws CommandException {
    this.policy = file.policy();
    this.files = file.files();
    this.verdicts = Verdicts.of(policy.resolve(arch, Set.of()));
    this.usual = Verdicts.of(PolicySource.profile("default").resolve(arch, Set.of()));
  }

  static int run(List<String> words) throws CommandException {
    var options = new Options();
    Arguments.flag(options, "v", "verbose");
    Arguments arguments = Arguments.anywhere(options, words);
    if (arguments.rest().size() != 1) {
      throw new CommandException((arguments.rest().isEmpty() ? "no policy given" : "one policy at a time")
          + ": warder check [-v] POLICY, the name of a profile or a file");
    }
    String name = arguments.rest().getFirst();
    if (!PolicySource.profiles().contains(name) && RawFilter.is(name)) {
      return FilterCheck.run(name);
    }
    Parsed<PolicyFile> parsed = PolicySource.parse(name);
    if (!(parsed instanceof Parsed.Accepted<PolicyFile>(PolicyFile file))) {
      System.out.print(Visible.of(invalid(name, parsed.problems())));
      return Status.NO;
    }
    List<Arch> served = file.policy().architectures().of(Machine.here());
    Arch arch = served.isEmpty() ? Machine.here() : served.getFirst();
    System.out.print(Visible.of(new CheckCommand(file, arch).report(served, arguments.has("verbose"))));
    return Status.OK;
  }

  static String invalid(String name, List<Problem> problems) {
    var out = new StringBuilder(name).append(": invalid, ").append(problems.size());
    out.append(problems.size() == 1 ? " problem\n" : " problems\n");
    problems.forEach(problem -> out.append(problem.render()));
    return out.toString();
  }

  private String report(List<Arch> served, boolean verbose) {
    out.append(policy.name()).append(": valid\n");
    PolicyText.about(out, policy);
    out.append("serves here: ").append(served.isEmpty() ? "no architecture" : Architecture.list(served)).append('\n');
    lists();
    if (verbose) {
      List<String> absent = policy.absent(verdicts.arch());
      heading("names that " + verdicts.arch() + " lacks, skipped there", absent.size());
      out.append(Paragraph.of("  ", absent));
    }
    files();
    weaknesses(served);
    return out.toString();
  }

  private void lists() {
    SortedSet<String> allowed = verdicts.names(Verdicts.Kind.ALLOWED);
    heading("allowed on " + verdicts.arch(), allowed.size());
    out.append(Paragraph.of("  ", allowed));
    SortedSet<String> byArguments = verdicts.names(Verdicts.Kind.BY_ARGUMENTS);
    heading("allowed with conditions", byArguments.size());
    byArguments.forEach(name -> item(name, Verdicts.text(verdicts.decisions().get(name), name, verdicts.arch())));
    SortedSet<String> denied = verdicts.names(Verdicts.Kind.DENIED);
    heading("denied", denied.size());
    out.append(Paragraph.of("  ", denied));
  }

  private void files() {
    if (!files.isEmpty()) {
      heading("files that it puts into a jail", files.size());
      PolicyFilesText.byTarget(files).forEach((target, file) -> item(target, PolicyFilesText.about(file)));
    }
  }

  private void weaknesses(List<Arch> served) {
    SortedMap<String, String> dangerous = dangerous();
    heading("weakens: dangerous calls that it allows", dangerous.size());
    items(dangerous);
    SortedSet<String> logged = Logged.alone(policy, Logged.entries(policy.rules()), verdicts.arch(), Set.of());
    if (!logged.isEmpty()) {
      heading("weakens: calls that a deny entry lets through, since its action is log, and nothing else does", logged.size());
      out.append(Paragraph.of("  ", logged));
    }
    SortedSet<String> mounting = mounting(served);
    if (!mounting.isEmpty()) {
      heading("weakens: calls that leave a jail without Landlock's rules on files", mounting.size());
      item(String.join(" ", mounting), WITHOUT_RULES);
    }
    SortedMap<String, String> weaker = weaker();
    dangerous.keySet().forEach(weaker::remove);
    heading("weakens: " + (dangerous.isEmpty() ? "" : "other ") + "calls that it allows and profile default denies",
        weaker.size());
    items(weaker);
  }

  /// Calls that change what is mounted, let through by any ABI.
  private SortedSet<String> mounting(List<Arch> served) {
    var mounting = new TreeSet<String>();
    for (Arch arch : served) {
      Verdicts there = Verdicts.of(policy.resolve(arch, Set.of()));
      mounting.addAll(there.names(Verdicts.Kind.ALLOWED));
      mounting.addAll(there.names(Verdicts.Kind.BY_ARGUMENTS));
    }
    mounting.retainAll(CallsInReach.OF_MOUNTS);
    return mounting;
  }

  /// Calls that share a text stand together.
  private void items(SortedMap<String, String> texts) {
    var namesByText = new LinkedHashMap<String, String>();
    texts.forEach((name, text) -> namesByText.merge(text, name, (names, more) -> names + " " + more));
    namesByText.forEach((text, names) -> item(names, text));
  }

  /// The known ways out of a jail that are open whatever the arguments, and why each is one.
  private SortedMap<String, String> dangerous() {
    var dangerous = new TreeMap<String, String>();
    for (Map.Entry<String, Decision> entry : verdicts.decisions().entrySet()) {
      Outcome outcome = entry.getValue().otherwise();
      if (outcome.action().letsThrough() && outcome.dangerous()) {
        dangerous.put(entry.getKey(), Reasons.of(entry.getKey()).orElseThrow().text());
      }
    }
    return dangerous;
  }

  private SortedMap<String, String> weaker() {
    var weaker = new TreeMap<String, String>();
    for (Map.Entry<String, Decision> entry : verdicts.decisions().entrySet()) {
      Decision other = usual.decisions().get(entry.getKey());
      if (other != null) {
        Samples.refusal(entry.getValue(), other).ifPresent(outcome -> weaker.put(entry.getKey(), outcome.reason()));
      }
    }
    return weaker;
  }

  private void heading(String text, int count) {
    out.append('\n').append(text).append(": ").append(count == 0 ? "none" : Integer.toString(count)).append('\n');
  }

  private void item(String names, String text) {
    out.append(Paragraph.of("  ", names)).append(Paragraph.of("      ", text));
  }
}
