package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Argument;
import dev.warder.catalog.Capability;
import dev.warder.catalog.CapabilityInfo;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Suggestions;
import dev.warder.catalog.Syscall;
import dev.warder.catalog.SyscallSet;
import dev.warder.catalog.SyscallTable;
import dev.warder.jail.HostReach;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import dev.warder.policy.Reason;
import dev.warder.policy.Reasons;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import org.apache.commons.cli.Options;

/// `warder explain`: what a call, set, capability or profile is, and what the shipped profiles make of it.
final class ExplainCommand {
  private final Catalog catalog = Catalog.get();
  private final StringBuilder out = new StringBuilder();

  private ExplainCommand() {}

  static int run(List<String> words) throws CommandException {
    List<String> names = Arguments.parse(new Options(), words).rest();
    var command = new ExplainCommand();
    if (names.isEmpty()) {
      command.overview();
    }
    for (String name : names) {
      command.out.append(command.out.isEmpty() ? "" : "\n");
      command.explain(name);
    }
    System.out.print(command.out);
    return Status.OK;
  }

  /// A call before a capability of the same name, since those are told by `CAP_` or capitals.
  private void explain(String name) throws CommandException {
    Optional<Capability> capability = Capability.named(name);
    if (catalog.set(name).isPresent()) {
      set(catalog.set(name).get());
    } else if (catalog.syscall(name).isPresent()) {
      call(name, catalog.syscall(name).get());
      capability.ifPresent(same -> out.append("There is a capability of this name too: warder explain ").append(same)
          .append('\n'));
    } else if (capability.isPresent()) {
      capability(capability.get());
    } else if (PolicySource.profiles().contains(name)) {
      profile(PolicySource.profile(name));
    } else if (catalog.foreign().contains(name)) {
      out.append(name).append(": a name in syscall sets; no architecture of the catalog has such a call\n");
    } else {
      throw new CommandException(unknown(name));
    }
  }

  private String unknown(String name) {
    var names = new ArrayList<String>(catalog.sets().keySet());
    if (!name.startsWith("@")) {
      names.addAll(catalog.syscallNames());
      names.addAll(PolicySource.profiles());
      for (Capability capability : Capability.values()) {
        names.add(capability.name().toLowerCase(Locale.ROOT));
      }
    }
    var nearest = new ArrayList<>(Suggestions.nearest(name, names));
    nearest.replaceAll(near -> near.startsWith("cap_") ? near.toUpperCase(Locale.ROOT) : near);
    return "nothing is named '" + name + "'; "
        + (nearest.isEmpty() ? "warder explain alone lists sets, profiles and capabilities"
            : "did you mean " + String.join(" or ", nearest) + "?");
  }

  private void overview() throws CommandException {
    out.append("profiles:\n");
    for (String name : PolicySource.profiles()) {
      out.append("  ").append(name).append(": ").append(PolicySource.profile(name).description()).append('\n');
    }
    out.append("\nsyscall sets:\n");
    var sets = new ArrayList<String>();
    catalog.sets().forEach((name, set) -> sets.add(name + " (" + catalog.expand(set).size() + ")"));
    out.append(Paragraph.of("  ", sets)).append("\ncapabilities:\n");
    var capabilities = new ArrayList<String>();
    for (Capability capability : Capability.values()) {
      capabilities.add(capability.name());
    }
    out.append(Paragraph.of("  ", capabilities));
    out.append("\nsystem calls: ").append(catalog.syscallNames().size()).append("; name one to see it\n");
  }

  private void call(String name, Syscall call) throws CommandException {
    out.append(name).append(": system call\n");
    out.append("since: ").append(call.since().map("Linux "::concat).orElse("no release implements it"));
    out.append(call.removed().map("; removed in Linux "::concat).orElse("")).append('\n');
    List<Arch> having = having(name);
    if (having.isEmpty()) {
      out.append("numbers: none on the architectures of the catalog\n");
      return;
    }
    numbers(name, having);
    Arch arch = having.contains(Machine.here()) ? Machine.here() : having.getFirst();
    arguments(name, arch);
    List<String> sets = setsWith(name);
    out.append("sets: ").append(sets.isEmpty() ? "none" : String.join(" ", sets)).append('\n');
    Reasons.of(name).ifPresent(this::reason);
    for (String profile : PolicySource.profiles()) {
      judgement(name, profile, PolicySource.profile(profile).resolve(arch, Set.of()));
    }
  }

  private List<Arch> having(String name) {
    var having = new ArrayList<Arch>();
    for (Arch arch : Arch.values()) {
      if (catalog.table(arch).number(name).isPresent()) {
        having.add(arch);
      }
    }
    return having;
  }

  private void numbers(String name, List<Arch> having) {
    var numbers = new ArrayList<String>();
    for (Arch arch : having) {
      SyscallTable table = catalog.table(arch);
      numbers.add(arch + " " + table.number(name).getAsInt() + (table.unimplemented(name) ? " (leads nowhere)" : "")
          + (arch == having.getLast() ? "" : ","));
    }
    out.append("numbers:\n").append(Paragraph.of("  ", numbers));
  }

  private void arguments(String name, Arch arch) {
    var texts = new ArrayList<String>();
    for (Argument argument : catalog.arguments(name, arch)) {
      texts.add(argument.type().isEmpty() ? argument.name() : argument.type() + " " + argument.name());
    }
    out.append("arguments (").append(arch).append("): ").append(texts.isEmpty() ? "none" : String.join(", ", texts));
    out.append('\n');
  }

  private List<String> setsWith(String name) {
    var sets = new ArrayList<String>();
    catalog.sets().forEach((setName, set) -> {
      if (catalog.expand(set).contains(name)) {
        sets.add(setName);
      }
    });
    return sets;
  }

  private void reason(Reason reason) {
    out.append("why it may be denied:\n").append(Paragraph.of("  ", reason.text()));
    if (reason.dangerous()) {
      out.append("danger: a known way out of a jail\n");
    }
  }

  /// What one profile decides; a reason only where it is another than the call's own.
  private void judgement(String name, String profile, Resolution resolution) {
    int number = catalog.table(resolution.arch()).number(name).orElseThrow();
    Decision decision = resolution.decide(number);
    out.append("profile ").append(profile).append(": ").append(Verdicts.text(decision, name, resolution.arch()));
    out.append('\n');
    var told = new LinkedHashSet<String>();
    for (Decision.Case c : decision.cases()) {
      tell(c.then(), name, told);
    }
    tell(decision.otherwise(), name, told);
  }

  private void tell(Outcome outcome, String name, Set<String> told) {
    String own = Reasons.of(name).map(Reason::text).orElse("");
    boolean known = !own.isEmpty() && outcome.reason().startsWith(own);
    String text = known ? outcome.reason().substring(own.length()).strip() : outcome.reason();
    if (!text.isEmpty() && told.add(text)) {
      out.append(Paragraph.of("  ", text + (outcome.dangerous() && !known ? " (danger)" : "")));
    }
  }

  private void set(SyscallSet set) throws CommandException {
    SortedSet<String> members = catalog.expand(set);
    out.append(set.name()).append(": syscall set of ").append(members.size()).append(" calls\n");
    if (!set.sets().isEmpty()) {
      out.append("sets inside: ").append(String.join(" ", set.sets())).append('\n');
    }
    out.append("calls:\n").append(Paragraph.of("  ", members));
    Verdicts usual = Verdicts.of(PolicySource.profile("default").resolve(Machine.here(), Set.of()));
    var counts = new int[Verdicts.Kind.values().length];
    int absent = 0;
    for (String member : members) {
      OptionalInt number = catalog.table(usual.arch()).number(member);
      if (number.isEmpty()) {
        absent++;
      } else {
        String name = catalog.table(usual.arch()).name(number.getAsInt()).orElseThrow();
        counts[Verdicts.Kind.of(usual.decisions().get(name)).ordinal()]++;
      }
    }
    out.append("profile default on ").append(usual.arch()).append(": ").append(counts(counts));
    out.append(absent == 0 ? "" : ", " + absent + " that it lacks").append('\n');
  }

  private static String counts(int[] counts) {
    return counts[0] + " allowed, " + counts[1] + " allowed with conditions, " + counts[2] + " denied";
  }

  private void capability(Capability capability) throws CommandException {
    CapabilityInfo info = catalog.capability(capability);
    out.append(capability).append(": capability ").append(capability.ordinal());
    out.append(", since Linux ").append(info.since()).append('\n');
    words("calls that fail without it", info.always());
    words("uses of calls that need it", info.sometimes().stream()
        .map(use -> use.syscall() + use.operation().map(operation -> ":" + operation).orElse("")).toList());
    for (String profile : PolicySource.profiles()) {
      entries(profile, PolicySource.profile(profile), capability);
    }
    words("Docker opens with it", info.docker());
    words("Podman opens with it", info.podman());
    words("systemd-nspawn opens with it", info.nspawn());
    out.append("over the host (--private-users=no): a program that keeps it ").append(HostReach.of(capability)).append('\n');
  }

  private void entries(String profile, Policy policy, Capability capability) {
    var allows = new ArrayList<String>();
    var denies = new ArrayList<String>();
    for (Rule rule : policy.rules()) {
      for (When term : rule.when() instanceof When.All all ? all.terms() : List.of(rule.when())) {
        if (term instanceof When.Kept kept && kept.capability() == capability) {
          allows.add(rule.subject().text());
        } else if (term instanceof When.Lacked lacked && lacked.capability() == capability) {
          denies.add(rule.subject().text());
        }
      }
    }
    words("profile " + profile + " allows while it is kept", allows);
    words("profile " + profile + " denies without it", denies);
  }

  private void words(String heading, List<String> words) {
    if (!words.isEmpty()) {
      out.append(heading).append(":\n").append(Paragraph.of("  ", words));
    }
  }

  private void profile(Policy policy) {
    out.append(policy.name()).append('\n');
    PolicyText.about(out, policy);
    for (Arch arch : policy.architectures().of(Machine.here())) {
      Verdicts verdicts = Verdicts.of(policy.resolve(arch, Set.of()));
      var counts = new int[Verdicts.Kind.values().length];
      verdicts.decisions().values().forEach(decision -> counts[Verdicts.Kind.of(decision).ordinal()]++);
      out.append(arch).append(": ").append(counts(counts)).append('\n');
    }
  }
}
