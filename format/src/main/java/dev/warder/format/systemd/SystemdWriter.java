package dev.warder.format.systemd;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Writer;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Decision;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Writes a drop-in for the units of systemd.
///
/// Calls stand by their own names, not by sets: another version of systemd may have more in a set. A call that depends
/// on its arguments is written with the restriction that fits it ([Restrictions]); where none does, it is refused.
///
/// Known weakness: systemd leaves out names that its libseccomp lacks. In a list of allowed calls that refuses more; in
/// one of refused calls, which stands only for a policy that lets the rest through, it refuses less.
public final class SystemdWriter implements Writer {
  private static final int WIDTH = 110;

  private Writing writing;
  private Policy policy;
  /// What the policy decides, by call and architecture.
  private final SortedMap<String, Map<Arch, Decision>> calls = new TreeMap<>();
  private boolean listsAllowed;
  private Action refusal;
  private final SortedSet<String> allowed = new TreeSet<>();
  private final SortedSet<String> logged = new TreeSet<>();
  private final SortedMap<String, SortedSet<String>> refused = new TreeMap<>();
  private final StringBuilder out = new StringBuilder();

  @Override
  public Parsed<Written> write(Policy policy, Target target) {
    this.policy = policy;
    writing = new Writing(policy);
    List<Arch> arches = arches(target);
    boolean passesRest = passes(policy.defaultAction()) && passes(policy.newerAction())
        && passes(policy.unassignedAction());
    for (Arch arch : arches) {
      passesRest &= add(policy.resolve(arch, target.kept()));
    }
    listsAllowed = !passesRest;
    refusal = listsAllowed && passes(policy.defaultAction()) ? Action.fail(Errno.ENOSYS) : refusal();
    reportTerms();
    var restrictions = new Restrictions(writing, calls);
    calls.forEach((name, byArch) -> decide(name, byArch.values(), restrictions));
    header(arches, target);
    lists();
    restrictions.lines().forEach(this::line);
    return writing.written(out.toString());
  }

  private static boolean passes(Action action) {
    return action.letsThrough();
  }

  /// Those that the unit may meet.
  private List<Arch> arches(Target target) {
    if (!target.arches().isEmpty()) {
      return target.arches();
    }
    return policy.architectures() instanceof Architectures.Listed(List<Arch> list) ? list : List.of(Arch.values());
  }

  /// @return whether numbers without a name need no more than the policy's default
  private boolean add(Resolution resolution) {
    SortedMap<Integer, String> names = Catalog.get().table(resolution.arch()).names();
    boolean plain = true;
    for (Map.Entry<Integer, Decision> entry : resolution.decisions().entrySet()) {
      String name = names.get(entry.getKey());
      if (name != null) {
        calls.computeIfAbsent(name, _ -> new EnumMap<>(Arch.class)).put(resolution.arch(), entry.getValue());
      } else {
        plain &= passes(entry.getValue().otherwise().action()) && entry.getValue().unconditional();
        writing.stricter("number", null, "units name calls, so #" + Integer.toUnsignedString(entry.getKey())
            + " gets what the calls get that are not listed");
      }
    }
    return plain;
  }

  private Action refusal() {
    return switch (policy.defaultAction()) {
      case Action.Fail fail -> fail;
      case Action.Allow _, Action.Log _ -> Action.fail(Errno.EPERM);
      default -> Action.KILL_PROCESS;
    };
  }

  private void reportTerms() {
    if (!refusal.equals(policy.defaultAction()) && listsAllowed) {
      writing.stricter("default-action", null, "calls that are not listed get " + text(refusal));
    }
    for (Action action : List.of(policy.newerAction(), policy.unassignedAction())) {
      if (listsAllowed && !action.equals(refusal)) {
        String what = "numbers without a name get " + text(refusal) + ", as calls do that are not listed";
        if (passes(action)) {
          writing.stricter("unnamed-numbers", null, what);
        } else {
          writing.same("unnamed-numbers", null, what);
        }
      }
    }
    if (policy.rules().stream().anyMatch(SystemdWriter::asksForCapability)) {
      writing.same("capabilities", null, "units cannot ask for capabilities; written for what --capability names");
    }
  }

  private static boolean asksForCapability(Rule rule) {
    return !(rule.when() instanceof When.Always || rule.when() instanceof When.On);
  }

  private void decide(String name, Collection<Decision> decisions, Restrictions restrictions) {
    boolean conditional = decisions.stream().anyMatch(d -> !d.unconditional());
    if (conditional && restrictions.cover(name)) {
      allowed.add(name);
      return;
    }
    Action strictest = Action.ALLOW;
    boolean differ = false;
    for (Decision decision : decisions) {
      for (Decision.Case c : decision.cases()) {
        strictest = stricter(strictest, c.then().action());
      }
      strictest = stricter(strictest, decision.otherwise().action());
      differ |= decision.unconditional() && !decision.equals(decisions.iterator().next())
          && !decision.otherwise().action().equals(decisions.iterator().next().otherwise().action());
    }
    if (conditional) {
      writing.stricter("arguments", null, name + " depends on its arguments, which units cannot say; "
          + (passes(strictest) ? "it is logged" : "it is refused"));
    } else if (differ) {
      writing.stricter("architectures", null, name + " differs by architecture; the strictest is taken");
    }
    put(name, strictest);
  }

  private void put(String name, Action action) {
    switch (action) {
      case Action.Allow() -> allowed.add(name);
      case Action.Log() -> {
        allowed.add(name);
        logged.add(name);
      }
      case Action.Fail _, Action.KillProcess() -> refuse(name, action);
      default -> {
        writing.stricter("action", null, name + " gets " + text(refusal) + ": units know errors and kill only");
        refuse(name, refusal);
      }
    }
  }

  private void refuse(String name, Action action) {
    boolean said = listsAllowed && action.equals(refusal) && !ofDefault().contains(name);
    if (!said) {
      refused.computeIfAbsent(action.equals(refusal) ? "" : ":" + text(action), _ -> new TreeSet<>()).add(name);
    }
  }

  /// What every list of allowed calls holds.
  private static SortedSet<String> ofDefault() {
    return Catalog.get().expand(Catalog.get().set("@default").orElseThrow());
  }

  private static Action stricter(Action a, Action b) {
    return strictness(a) >= strictness(b) ? a : b;
  }

  private static int strictness(Action action) {
    return switch (action) {
      case Action.Allow _ -> 0;
      case Action.Log _ -> 1;
      case Action.Trace _ -> 2;
      case Action.Notify _ -> 3;
      case Action.Fail _ -> 4;
      case Action.Trap _ -> 5;
      case Action.KillThread _ -> 6;
      case Action.KillProcess _ -> 7;
    };
  }

  private static String text(Action action) {
    return action instanceof Action.Fail(Errno errno) ? errno.name() : Actions.KILL;
  }

  private void header(List<Arch> arches, Target target) {
    line("# " + printable(policy.name()));
    boolean listed = !target.arches().isEmpty() || policy.architectures() instanceof Architectures.Listed;
    boolean everyHost = true;
    for (Arch arch : Arch.values()) {
      everyHost &= arches.contains(arch) || isGuest(arch);
    }
    if (listed && !everyHost) {
      line("[Unit]");
      for (Arch arch : arches) {
        if (!isGuest(arch)) {
          line("ConditionArchitecture=|" + SystemdArches.name(arch));
        }
      }
      line("");
    }
    line("[Service]");
    if (listed) {
      line("SystemCallArchitectures=" + String.join(" ", arches.stream().map(SystemdArches::name).toList()));
    } else if (policy.architectures() instanceof Architectures.Native) {
      line("SystemCallArchitectures=" + SystemdArches.NATIVE);
    }
  }

  /// Whether no kernel is made for it alone, nor can a unit ask for one.
  private static boolean isGuest(Arch arch) {
    return arch == Arch.X32 || arch == Arch.MIPS64N32 || arch == Arch.MIPSEL64N32;
  }

  private static String printable(String name) {
    return name.replaceAll("[^ -~]", "?");
  }

  private void lists() {
    if (listsAllowed) {
      list("SystemCallFilter=", allowed.isEmpty() ? List.of("@default") : allowed, "");
    } else if (refused.isEmpty()) {
      line("SystemCallFilter=~");
    }
    refused.forEach((suffix, names) -> list("SystemCallFilter=~", names, suffix));
    if (!refusal.equals(Action.KILL_PROCESS)) {
      line("SystemCallErrorNumber=" + text(refusal));
    }
    if (!listsAllowed && policy.defaultAction() instanceof Action.Log) {
      var unlogged = new TreeSet<>(allowed);
      unlogged.removeAll(logged);
      list("SystemCallLog=~", unlogged, "");
      if (unlogged.isEmpty()) {
        line("SystemCallLog=~");
      }
    } else {
      list("SystemCallLog=", logged, "");
    }
  }

  private void list(String key, Collection<String> names, String suffix) {
    var text = new StringBuilder();
    for (String name : names) {
      String word = name + suffix;
      if (!text.isEmpty() && key.length() + text.length() + 1 + word.length() > WIDTH) {
        line(key + text);
        text.setLength(0);
      }
      text.append(text.isEmpty() ? "" : " ").append(word);
    }
    if (!text.isEmpty()) {
      line(key + text);
    }
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
