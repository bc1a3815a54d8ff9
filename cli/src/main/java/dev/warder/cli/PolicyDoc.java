package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.filter.Bitmap;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.FilterTooLongException;
import dev.warder.filter.Weights;
import dev.warder.format.PolicyFile;
import dev.warder.jail.Mount;
import dev.warder.meaning.Comparison;
import dev.warder.meaning.Rules;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.Action;
import dev.warder.policy.Conditions;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Policy;
import dev.warder.policy.Reason;
import dev.warder.policy.Reasons;
import dev.warder.policy.Resolution;
import dev.warder.policy.Visible;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What `doc` tells of a policy, without a format.
///
/// Every call of the catalog stands in exactly one section: as decided on the main architecture, or on the first other
/// that has it.
final class PolicyDoc {
  private static final String NO_SET = "in no set";

  private final Policy policy;
  private final List<Mount.Content> files;
  private final Policy usual;
  private final Arch arch;
  private final List<Arch> served;
  private final Map<Arch, Resolution> resolutions = new EnumMap<>(Arch.class);
  private final Map<String, String> sets = sets();
  private final List<Section> sections = new ArrayList<>();

  /// @param intro may be empty
  record Section(String title, String intro, List<Entry> entries) {}

  /// Calls that share a text; or, without calls, a point of a list or a file.
  ///
  /// @param calls entries of the catalog, each in the document once
  /// @param lines what is said of them
  /// @param content of a file, line by line as it is; null for none
  record Entry(String heading, List<String> calls, List<String> lines, boolean dangerous, String content) {
    Entry(String heading, List<String> calls, List<String> lines, boolean dangerous) {
      this(heading, calls, lines, dangerous, null);
    }

    static Entry of(String heading, String... lines) {
      return new Entry(heading, List.of(), List.of(lines), false);
    }
  }

  private PolicyDoc(PolicyFile file, Policy usual, Arch machine) {
    this.policy = file.policy();
    this.files = file.files();
    this.usual = usual;
    List<Arch> here = policy.architectures().of(machine);
    this.served = here.isEmpty() ? List.of(machine) : here;
    this.arch = served.getFirst();
  }

  static List<Section> of(PolicyFile file, Policy usual, Arch machine) {
    return new PolicyDoc(file, usual, machine).sections();
  }

  private List<Section> sections() {
    var allowed = new TreeMap<String, List<String>>();
    var conditional = new ArrayList<Entry>();
    var denied = new LinkedHashMap<List<String>, List<String>>();
    var nowhere = new ArrayList<String>();
    for (String call : Catalog.get().syscallNames()) {
      Optional<Arch> on = on(call);
      if (on.isEmpty()) {
        nowhere.add(call);
        continue;
      }
      Decision decision = decision(call, on.get());
      switch (Verdicts.Kind.of(decision)) {
        case ALLOWED -> allowed.computeIfAbsent(sets.getOrDefault(call, NO_SET), _ -> new ArrayList<>()).add(call);
        case BY_ARGUMENTS -> conditional.add(conditional(call, decision, on.get()));
        case DENIED -> denied.computeIfAbsent(refusal(call, decision, on.get()), _ -> new ArrayList<>()).add(call);
      }
    }
    summary(allowed.values().stream().mapToInt(List::size).sum(), conditional.size(),
        denied.values().stream().mapToInt(List::size).sum());
    differences();
    capabilities();
    files();
    allowed(allowed);
    sections.add(new Section("Allowed with conditions", "Tested on the arguments that the kernel reads; what matches no "
        + "line is refused as the last one says.", conditional));
    denied(denied);
    if (!nowhere.isEmpty()) {
      sections.add(new Section("Calls without a number", "Names that no architecture of the catalog has a number for, so "
          + "no program can make them.", List.of(new Entry("", nowhere, List.of(), false))));
    }
    return sections;
  }

  /// The set that tells most of a call: the smallest with it.
  private static Map<String, String> sets() {
    var smallest = new TreeMap<String, String>();
    var sizes = new TreeMap<String, Integer>();
    Catalog.get().sets().forEach((name, set) -> {
      var members = Catalog.get().expand(set);
      for (String call : members) {
        if (!sizes.containsKey(call) || members.size() < sizes.get(call)) {
          sizes.put(call, members.size());
          smallest.put(call, name);
        }
      }
    });
    return smallest;
  }

  /// Where the call is judged: the main architecture, another that is served, or any.
  private Optional<Arch> on(String call) {
    var order = new LinkedHashSet<>(served);
    order.addAll(List.of(Arch.values()));
    return order.stream().filter(one -> Catalog.get().table(one).number(call).isPresent()).findFirst();
  }

  private Decision decision(String call, Arch on) {
    return resolutions.computeIfAbsent(on, one -> policy.resolve(one, Set.of()))
        .decide(Catalog.get().table(on).number(call).orElseThrow());
  }

  private String where(Arch on) {
    return on == arch ? "" : " (on " + on + ")";
  }

  private Entry conditional(String call, Decision decision, Arch on) {
    var lines = new ArrayList<String>();
    for (Decision.Case c : decision.cases()) {
      lines.add(ActionName.of(c.then().action()) + " if " + Conditions.text(c.when(), call, on) + where(on));
    }
    Outcome last = decision.otherwise();
    lines.add(ActionName.of(last.action()) + " otherwise: " + last.reason());
    return new Entry("", List.of(call), lines, last.dangerous());
  }

  /// What calls that are denied for one reason share.
  private List<String> refusal(String call, Decision decision, Arch on) {
    Outcome outcome = decision.otherwise();
    var lines = new ArrayList<String>();
    for (Decision.Case c : decision.cases()) {
      lines.add(ActionName.of(c.then().action()) + " if " + Conditions.text(c.when(), call, on));
    }
    lines.add(ActionName.of(outcome.action()) + where(on) + ": " + outcome.reason());
    boolean dangerous = outcome.dangerous() || Reasons.of(call).map(Reason::dangerous).orElse(false);
    lines.addFirst(dangerous ? "danger" : "");
    return lines;
  }

  private void summary(int allowed, int conditional, int denied) {
    var facts = new ArrayList<Entry>();
    facts.add(Entry.of("Calls", allowed + " allowed, " + conditional + " allowed with conditions, " + denied
        + " denied, of those that the catalog (Linux 7.3) knows on " + arch + " and, for the rest, elsewhere"));
    facts.add(Entry.of("What no rule speaks of", ActionName.of(policy.defaultAction())));
    facts.add(Entry.of("Numbers of no call", ActionName.of(policy.unassignedAction()) + "; above the newest that is known: "
        + ActionName.of(policy.newerAction())));
    facts.add(Entry.of("Architectures", Architecture.list(served) + " on this kind of machine; calls by any other are "
        + "killed"));
    facts.add(Entry.of("Capabilities", "decided as for a jail that keeps none; what others change is listed below"));
    facts.add(Entry.of("Filter", filter()));
    policy.notes().forEach(note -> facts.add(Entry.of("Note", note)));
    sections.add(new Section("Summary", policy.description().isEmpty() ? "" : policy.description() + ".", facts));
  }

  private String filter() {
    var all = new ArrayList<Resolution>();
    served.forEach(one -> all.add(policy.resolve(one, Set.of())));
    try {
      Filter filter = FilterCompiler.compile(all, Action.KILL_PROCESS, Weights.of(policy, served));
      long answered = all.getFirst().decisions().keySet().stream()
          .filter(number -> Bitmap.answers(filter, arch.auditArch(), number)).count();
      return filter.insns().size() + " instructions; from Linux 5.11 on the kernel answers " + answered + " calls of "
          + arch + " from a bitmap, without running any";
    } catch (FilterTooLongException e) {
      return e.getMessage();
    }
  }

  private void differences() {
    var more = new TreeSet<String>();
    var less = new TreeSet<String>();
    try {
      Comparison comparison =
          Comparison.of(new Rules.Written(usual), new Rules.Written(policy), List.of(Machine.serving(arch)));
      for (Comparison.Difference difference : comparison.differences()) {
        if (difference.abi() == arch && !difference.call().isEmpty()) {
          String call = difference.call() + (difference.condition().isEmpty() ? "" : "(" + difference.condition() + ")")
              + capabilities(difference.kept(), difference.dropped());
          (difference.rightAllowsMore() ? more : difference.leftAllowsMore() ? less : new TreeSet<String>()).add(call);
        }
      }
    } catch (TooComplexException e) {
      sections.add(new Section("Compared with profile default", "Not known: " + e.getMessage(), List.of()));
      return;
    }
    var entries = new ArrayList<Entry>();
    if (!more.isEmpty()) {
      entries.add(Entry.of("Allows more: " + more.size(), more.toArray(String[]::new)));
    }
    if (!less.isEmpty()) {
      entries.add(Entry.of("Allows less: " + less.size(), less.toArray(String[]::new)));
    }
    sections.add(new Section("Compared with profile default",
        entries.isEmpty() ? "It allows the same calls on " + arch + "." : "On " + arch + ".", entries));
  }

  private static String capabilities(Set<Capability> kept, Set<Capability> dropped) {
    var text = new StringBuilder();
    kept.forEach(capability -> text.append(" with ").append(capability));
    dropped.forEach(capability -> text.append(" without ").append(capability));
    return text.toString();
  }

  private void capabilities() {
    var calls = new EnumMap<Capability, Set<String>>(Capability.class);
    policy.capabilityUse(arch).forEach((number, used) -> {
      String call = Architecture.callName(arch, number).orElse("#" + Integer.toUnsignedString(number));
      used.forEach(capability -> calls.computeIfAbsent(capability, _ -> new TreeSet<>()).add(call));
    });
    var entries = new ArrayList<Entry>();
    calls.forEach((capability, names) -> entries.add(Entry.of(capability.name(), String.join(", ", names))));
    sections.add(new Section("Capabilities that change it", entries.isEmpty() ? "None: it decides alike whatever the jail "
        + "keeps." : "Calls that are decided otherwise where the jail keeps the capability.", entries));
  }

  private void files() {
    if (!files.isEmpty()) {
      var entries = new ArrayList<Entry>();
      PolicyFilesText.byTarget(files).forEach((target, file) -> entries.add(new Entry(
          target, List.of(), List.of(PolicyFilesText.about(file)), false, file.text().map(Visible::of).orElse(null))));
      sections.add(new Section("Files", "What it puts into a jail, read-only.", entries));
    }
  }

  private void allowed(Map<String, List<String>> groups) {
    var entries = new ArrayList<Entry>();
    groups.forEach((set, calls) -> {
      var byLine = new LinkedHashMap<String, List<String>>();
      for (String call : calls) {
        Arch on = on(call).orElseThrow();
        Outcome outcome = decision(call, on).otherwise();
        String text = ActionName.of(outcome.action()) + where(on) + ": " + named(call, outcome.reason());
        byLine.computeIfAbsent((outcome.dangerous() ? "!" : " ") + text, _ -> new ArrayList<>()).add(call);
      }
      byLine.forEach((line, names) ->
          entries.add(new Entry(set, names, List.of(line.substring(1)), line.charAt(0) == '!')));
    });
    sections.add(new Section("Allowed", "By the smallest syscall set that holds the call.", entries));
  }

  /// One line for all calls that a file names one by one; on which of its lines helps nobody who reads this.
  private static String named(String call, String reason) {
    String own = "Allowed by " + call + " (";
    if (!reason.startsWith(own)) {
      return reason;
    }
    String origin = reason.substring(own.length(), reason.length() - 2);
    return "Named in " + origin.replaceFirst(":[0-9]+$", "") + ".";
  }

  private void denied(Map<List<String>, List<String>> groups) {
    var entries = new ArrayList<Entry>();
    groups.forEach((lines, calls) -> entries.add(
        new Entry("", calls, lines.subList(1, lines.size()), lines.getFirst().equals("danger"))));
    sections.add(new Section("Denied, and why", "Ways out of a jail are marked.", entries));
  }
}
