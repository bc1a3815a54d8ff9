package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.FilterTooLongException;
import dev.warder.filter.Weights;
import dev.warder.format.PolicyFile;
import dev.warder.jail.Mount;
import dev.warder.jail.Origin;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.cli.Options;

/// The options that choose a policy: what the program may ask of the kernel.
///
/// @param kept capabilities that the jail keeps; none unless asked for
/// @param lists what `--system-call-filter` adds to the policy
/// @param verbose whether to tell which names of the lists an architecture lacks
/// @param included what was looked at of the files that the policy names, each before it was read
/// @param files what the policy's file puts into a jail
record PolicyOptions(
    Policy policy, Set<Capability> kept, List<Rule> lists, boolean verbose, List<Origin.Stamp> included,
    List<Mount.Content> files) {
  /// As process 1 the program itself is tied to the launcher's life, and may not untie itself.
  private static final String KEPT_TIE = "~prctl(option == PR_SET_PDEATHSIG)";

  static void addTo(Options options) {
    Arguments.value(options, "profile", "NAME");
    Arguments.value(options, "policy", "FILE");
    Arguments.value(options, "system-call-filter", "LIST");
    Arguments.value(options, "capability", "LIST");
    Arguments.value(options, "drop-capability", "LIST");
    Arguments.value(options, "default-action", "ACTION");
    Arguments.flag(options, "v", "verbose");
  }

  static PolicyOptions of(Arguments arguments) throws CommandException {
    Preload.begin();
    var included = new ArrayList<Origin.Stamp>();
    List<Mount.Content> files = List.of();
    Policy policy;
    if (arguments.has("policy")) {
      if (arguments.has("profile")) {
        throw new CommandException("--profile and --policy both give a policy; leave one out");
      }
      PolicyFile file = PolicySource.file(arguments.value("policy"), included);
      files = file.files();
      policy = file.policy();
    } else {
      policy = PolicySource.profile(arguments.has("profile") ? arguments.value("profile") : "default");
    }
    var rules = new ArrayList<Rule>();
    for (String list : arguments.values("system-call-filter")) {
      rules.addAll(accept(SyscallList.parse(list, "--system-call-filter")));
    }
    policy = policy.with(rules);
    if (arguments.has("as-pid1")) {
      policy = policy.with(accept(SyscallList.parse(KEPT_TIE, "--as-pid1")));
    }
    if (arguments.has("default-action")) {
      policy = policy.withDefaultAction(defaultAction(arguments.value("default-action")));
    }
    Set<Capability> kept = kept(arguments);
    if (!rules.isEmpty()) {
      Logged.refuse(policy, rules, Machine.here(), kept);
    }
    return new PolicyOptions(policy, kept, rules, arguments.has("verbose"), included, files);
  }

  /// The value, or the problems as one message.
  static <T> T accept(Parsed<T> parsed) throws CommandException {
    if (parsed instanceof Parsed.Accepted<T> accepted) {
      return accepted.value();
    }
    var message = new StringBuilder();
    for (Problem problem : parsed.problems()) {
      message.append(message.isEmpty() ? "" : "warder: ").append(problem.render());
    }
    throw new CommandException(message.toString().stripTrailing());
  }

  private static Action defaultAction(String text) throws CommandException {
    String name = text.startsWith("errno:") ? text.substring("errno:".length()) : text.equals("errno") ? "EPERM" : text;
    return Action.named(name).orElseThrow(() -> new CommandException("there is no default action '" + text
        + "'; it is one of allow, log, errno, errno:NAME, kill, kill-thread, trap"));
  }

  /// What `--capability` gives and `--drop-capability` takes away.
  static Set<Capability> kept(Arguments arguments) throws CommandException {
    var kept = EnumSet.noneOf(Capability.class);
    for (String list : arguments.values("capability")) {
      kept.addAll(capabilities(list));
    }
    for (String list : arguments.values("drop-capability")) {
      kept.removeAll(capabilities(list));
    }
    return kept;
  }

  private static Set<Capability> capabilities(String list) throws CommandException {
    var capabilities = EnumSet.noneOf(Capability.class);
    for (String word : list.replace(' ', ',').split(",")) {          // of one character, so without a regular expression
      if (word.equalsIgnoreCase("all")) {
        capabilities.addAll(EnumSet.allOf(Capability.class));
      } else if (!word.isEmpty()) {
        capabilities.add(capability(word));
      }
    }
    return capabilities;
  }

  private static Capability capability(String name) throws CommandException {
    Optional<Capability> capability = Capability.named(name);
    if (capability.isEmpty()) {
      throw new CommandException(
          "there is no capability '" + name + "'; warder explain CAP_SYS_ADMIN describes one, capabilities(7) all");
    }
    return capability.get();
  }

  /// The program that enforces the policy on this kind of machine, under which a jail is started.
  Filter filter(Arch target) throws CommandException {
    List<Resolution> resolutions = resolutions(served(target));
    requireExecve(resolutions.getFirst());
    return compile(resolutions);
  }

  /// The ABIs that the policy serves on this kind of machine.
  List<Arch> served(Arch target) throws CommandException {
    List<Arch> served = policy.architectures().of(target);
    if (served.isEmpty()) {
      throw new CommandException(policy.name() + " serves no architecture of this kind of machine (" + target
          + "), so every call would be killed");
    }
    return served;
  }

  Filter compile(List<Resolution> resolutions) throws CommandException {
    var architectures = new ArrayList<Arch>();
    for (Resolution resolution : resolutions) {
      architectures.add(resolution.arch());
    }
    try {
      return FilterCompiler.compile(resolutions, Action.KILL_PROCESS, Weights.of(policy, architectures));
    } catch (FilterTooLongException e) {
      throw new CommandException(e.getMessage());
    }
  }

  List<Resolution> resolutions(List<Arch> architectures) {
    for (Arch arch : verbose ? architectures : List.<Arch>of()) {
      tellAbsent(arch);
    }
    return policy.resolve(architectures, kept);
  }

  private void tellAbsent(Arch arch) {
    List<String> absent = Policy.allowList("lists").with(lists).absent(arch);
    if (!absent.isEmpty()) {
      System.err.println("warder: skipped, since " + arch + " has no such call: " + String.join(", ", absent));
    }
  }

  /// The program is started under its own filter.
  private static void requireExecve(Resolution resolution) throws CommandException {
    int number = Catalog.get().table(resolution.arch()).number("execve").orElseThrow();
    var decision = resolution.decide(number);
    if (decision.unconditional() && !decision.otherwise().action().letsThrough()) {
      throw new CommandException("the policy denies execve, by which the program itself is started; allow it with "
          + "--system-call-filter=execve, or take it off the deny list");
    }
  }
}
