package dev.warder.format.systemd;

import dev.warder.catalog.Suggestions;
import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Node.Position;
import dev.warder.format.tree.Reading;
import dev.warder.format.tree.TextFile;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import dev.warder.policy.Source;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads the call filters of a unit file, a drop-in or an `.nspawn` file.
///
/// systemd installs a filter for each setting, and the kernel takes the strictest answer, of errors that of the filter
/// installed last, which is that of `SystemCallFilter=`. Here all become one policy: what `SystemCallFilter=` denies is
/// denied with its error whatever the arguments, and the conditions of the others are tried before what it allows.
///
/// Source: systemd.exec(5), systemd.nspawn(5); `src/core/execute.c` and `src/shared/seccomp-util.c`, systemd 252.
public final class SystemdReader {
  private static final List<String> LISTS = List.of("SystemCallFilter", "SystemCallLog", "SystemCallErrorNumber",
      "SystemCallArchitectures", "RestrictAddressFamilies", "RestrictNamespaces", "LockPersonality");
  /// Settings that say nothing of calls, with names that could be taken for those above.
  private static final List<String> OTHERS = List.of("RestrictFileSystems", "RestrictNetworkInterfaces", "ProtectHome",
      "ProtectSystem", "ProtectProc", "ProtectControlGroups", "PrivateTmp", "PrivateNetwork", "PrivateUsers",
      "PrivateMounts", "PrivatePIDs", "PrivateIPC", "PrivateBPF", "Personality", "DynamicUser", "NoNewPrivileges");

  private final Reading reading;
  private final CallList filter;
  private final CallList log;
  private final Families families;
  private final Namespaces namespaces;
  private final SystemdArches arches;
  private final Map<Restriction, Setting> restrictions = new EnumMap<>(Restriction.class);
  private final List<Rule> ofNspawn = new ArrayList<>();
  private Action refusal = Action.KILL_PROCESS;
  private Setting lockPersonality;
  private Setting dynamicUser;
  private String personality = "0";
  private String section;
  private boolean ofContainer;

  public SystemdReader(Reading reading) {
    this.reading = reading;
    filter = new CallList(reading, true);
    log = new CallList(reading, false);
    families = new Families(reading);
    namespaces = new Namespaces(reading);
    arches = new SystemdArches(reading);
  }

  /// Whether the first line that says something is a heading, `[Service]`.
  public static boolean recognises(TextFile file) {
    for (int line = 1; line <= file.lines(); line++) {
      String text = file.line(line).text().strip();
      if (!text.isEmpty() && !UnitFile.isComment(text)) {
        return text.length() > 2 && text.startsWith("[") && text.endsWith("]")
            && text.charAt(1) >= 'A' && text.charAt(1) <= 'Z' && text.indexOf(',') < 0;
      }
    }
    return false;
  }

  /// The policy; null or half done if there are problems.
  public Policy read() {
    for (Setting setting : UnitFile.read(reading)) {
      if (!reading.hopeless() && filters(setting)) {
        apply(setting);
      }
    }
    if (!restricts() && reading.problems().isEmpty()) {
      reading.fail("no-filter", new Position(1, 0, 1), "no setting of this file restricts calls",
          "add SystemCallFilter=@system-service to [Service]");
    }
    return UnitFile.OF_NSPAWN.equals(section) ? container() : unit();
  }

  private boolean restricts() {
    return ofContainer || filter.given() || log.given() || families.given() || namespaces.given() || arches.given()
        || lockPersonality != null || dynamicUser != null || !restrictions.isEmpty();
  }

  private boolean filters(Setting setting) {
    boolean ours = UnitFile.OF_UNITS.contains(setting.section()) || setting.section().equals(UnitFile.OF_NSPAWN);
    if (ours && section != null && !section.equals(setting.section())) {
      reading.fail("two-sections", setting.at(), "[" + section + "] and [" + setting.section() + "] both run programs",
          "keep one of them in a file");
      return false;
    }
    section = ours ? setting.section() : section;
    return ours;
  }

  private void apply(Setting setting) {
    if (setting.section().equals(UnitFile.OF_NSPAWN)) {
      applyToContainer(setting);
      return;
    }
    switch (setting.key()) {
      case "SystemCallFilter" -> filter.add(setting);
      case "SystemCallLog" -> log.add(setting);
      case "SystemCallErrorNumber" -> refusal(setting);
      case "SystemCallArchitectures" -> arches.add(setting);
      case "RestrictAddressFamilies" -> families.add(setting);
      case "RestrictNamespaces" -> namespaces.add(setting);
      case "LockPersonality" -> lockPersonality = truth(setting) ? setting : null;
      case "Personality" -> personality(setting);
      case "DynamicUser" -> dynamicUser = truth(setting) ? setting : null;
      case "CapabilityBoundingSet" -> capabilities(setting);
      default -> other(setting);
    }
  }

  private void applyToContainer(Setting setting) {
    switch (setting.key()) {
      case "SystemCallFilter" -> containerFilter(setting);
      case "Capability", "DropCapability" -> capabilities(setting);
      default -> misspelt(setting, List.of("SystemCallFilter"));
    }
  }

  /// Without its call filters a unit is less strict than it reads, so a setting that is nearly one is an error.
  private void other(Setting setting) {
    Restriction restriction = Restriction.of(setting.key());
    if (restriction == null) {
      var known = new ArrayList<>(LISTS);
      for (Restriction candidate : Restriction.values()) {
        known.add(candidate.key);
      }
      misspelt(setting, known);
    } else if (truth(setting)) {
      restrictions.put(restriction, setting);
    } else {
      restrictions.remove(restriction);
    }
  }

  private void misspelt(Setting setting, List<String> known) {
    if (OTHERS.contains(setting.key()) || setting.key().startsWith("X-")) {
      return;
    }
    for (String key : known) {
      if (!Suggestions.nearest(setting.key(), List.of(key.toLowerCase(Locale.ROOT))).isEmpty()) {
        reading.fail("unknown-key", setting.at(), "systemd has no setting '" + setting.key() + "'",
            "did you mean '" + key + "'?");
        return;
      }
    }
  }

  private boolean truth(Setting setting) {
    Boolean truth = setting.truth();
    if (truth == null) {
      reading.fail("wrong-kind", setting.at(), setting.key() + "= is yes or no", "write yes or no");
    }
    return truth != null && truth;
  }

  private void refusal(Setting setting) {
    if (setting.resets()) {
      refusal = Action.KILL_PROCESS;
    } else if (setting.words().size() != 1 || setting.inverted()) {
      reading.fail("unknown-errno", setting.at(), "this takes one error", "write it as EPERM, or kill");
    } else {
      Word word = setting.words().getFirst();
      Action action = Actions.read(reading, word.text(), word.at());
      refusal = action == null ? refusal : action;
    }
  }

  /// The value that personality(2) takes for an architecture: that of 32-bit programs, or 0.
  private void personality(Setting setting) {
    String name = setting.words().size() == 1 ? setting.words().getFirst().text() : "";
    switch (name) {
      case "", "x86-64", "arm64", "ppc64", "ppc64-le", "s390x", "mips64", "mips64-le", "riscv64", "loongarch64" ->
        personality = "0";
      case "x86", "arm", "ppc", "ppc-le", "s390", "mips", "mips-le" -> personality = "PER_LINUX32";
      default -> reading.fail(
          "unknown-architecture", setting.at(), "no personality is named '" + name + "'", "write x86 or x86-64");
    }
  }

  private void capabilities(Setting setting) {
    reading.lose("lost-setting", setting.at(), setting.key() + "= is no part of a policy; give --capability for what"
        + " the program keeps, else it keeps none", true);
  }

  private Policy unit() {
    boolean rest = filter.means("");
    Action action = !rest ? refusal : log.meansTheRest() ? new Action.Log() : Action.ALLOW;
    var rules = new ArrayList<Rule>(log.logRules(filter));
    rules.addAll(filter.onPassed(restrictions()));
    rules.addAll(filter.rules(refusal));
    return new Policy(
        reading.file().name(), "", List.of(), arches.served(), action, action, action, rules);
  }

  private List<Rule> restrictions() {
    var rules = new ArrayList<Rule>(families.rules());
    rules.addAll(namespaces.rules());
    if (lockPersonality != null) {
      String locked = "~personality(persona != " + personality + "):EPERM";
      rules.addAll(SyscallList.parse(locked, origin(lockPersonality)).orThrow());
    }
    if (dynamicUser != null) {
      restrictions.putIfAbsent(Restriction.RESTRICT_SUID_SGID, dynamicUser);
    }
    for (Map.Entry<Restriction, Setting> entry : restrictions.entrySet()) {
      rules.addAll(entry.getKey().rules(origin(entry.getValue())));
      reportRest(entry.getKey(), entry.getValue());
    }
    return rules;
  }

  private void reportRest(Restriction restriction, Setting setting) {
    if (!restriction.besides.isEmpty()) {
      String what = "of " + restriction.key + "= only the call filter is carried over; it also " + restriction.besides;
      reading.lose("lost-setting", setting.at(), what, false);
    }
  }

  private String origin(Setting setting) {
    return reading.file().name() + ":" + setting.at().line();
  }

  /// What nspawn takes as it takes its option: additions to the list it has, and a list that denies.
  private void containerFilter(Setting setting) {
    ofContainer = true;
    for (Word word : setting.words()) {
      if (!reading.hopeless()) {
        Source line = reading.file().line(word.at().line());
        String text = (setting.inverted() ? "~" : "") + word.text();
        var parsed = SyscallList.parse(new Source(line.name(), line.line(), text));
        if (parsed.problems().isEmpty()) {
          ofNspawn.addAll(parsed.orThrow());
        } else {
          reading.fail("unknown-syscall", word.at(), parsed.problems().getFirst().what(),
              parsed.problems().getFirst().fix());
        }
      }
    }
  }

  private Policy container() {
    Policy nspawn = Profiles.named("nspawn").orElseThrow().with(ofNspawn);
    return new Policy(reading.file().name(), nspawn.description(), nspawn.notes(), nspawn.architectures(),
        nspawn.defaultAction(), nspawn.unassignedAction(), nspawn.newerAction(), nspawn.rules());
  }
}
