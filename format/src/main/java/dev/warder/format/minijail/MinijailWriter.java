package dev.warder.format.minijail;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Writer;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Decision;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import dev.warder.policy.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Writes a policy of minijail for one architecture: a line for every call that is not killed.
///
/// Lines with braces are for `compile_seccomp_policy.py`; minijail0's own parser reads the others.
public final class MinijailWriter implements Writer {
  private Writing writing;
  private Resolution resolution;
  private Action defaultAction;
  private final StringBuilder out = new StringBuilder();

  @Override
  public Parsed<Written> write(Policy policy, Target target) {
    writing = new Writing(policy);
    List<Arch> arches = target.arches().isEmpty() ? policy.architectures().of(Arch.X86_64) : target.arches();
    Arch arch = arches.isEmpty() ? Arch.X86_64 : arches.getFirst();
    resolution = policy.resolve(arch, target.kept());
    defaultAction = defaultAction(policy.defaultAction());
    out.append("# ").append(policy.name().replaceAll("[^ -~]", "?")).append(", for ").append(arch).append('\n');
    if (!defaultAction.equals(Action.KILL_PROCESS)) {
      out.append("@default ").append(text(defaultAction)).append('\n');
    }
    reportTerms(policy, arches, arch);
    SortedMap<String, Decision> calls = new TreeMap<>();
    SortedMap<Integer, String> names = Catalog.get().table(arch).names();
    for (Map.Entry<Integer, Decision> entry : resolution.decisions().entrySet()) {
      String name = names.get(entry.getKey());
      if (name == null) {
        unnamed("number", entry.getValue(), "number " + Integer.toUnsignedString(entry.getKey()));
      } else {
        calls.put(name, entry.getValue());
      }
    }
    calls.forEach(this::line);
    return writing.written(out.toString());
  }

  /// minijail names no error here: calls that get one are written out.
  private static Action defaultAction(Action wanted) {
    return wanted instanceof Action.KillThread || wanted instanceof Action.Trap ? wanted : Action.KILL_PROCESS;
  }

  private void reportTerms(Policy policy, List<Arch> arches, Arch arch) {
    if (arches.size() != 1) {
      writing.stricter("architectures", null, "minijail serves one architecture; calls by others than " + arch
          + " are killed");
    }
    unnamed("unnamed-numbers", resolution.newer(), "a number above the newest call");
    unnamed("unnamed-numbers", resolution.unassigned(), "a number of no call");
    if (policy.rules().stream().anyMatch(MinijailWriter::asksForCapability)) {
      writing.same("capabilities", null, "minijail cannot ask for capabilities; written for what --capability names");
    }
  }

  private static boolean asksForCapability(Rule rule) {
    return !(rule.when() instanceof When.Always || rule.when() instanceof When.On);
  }

  private void unnamed(String code, Decision decision, String which) {
    Action action = decision.otherwise().action();
    if (decision.unconditional() && action.denies()) {
      if (!action.equals(defaultAction)) {
        writing.same(code, null, which + " gets " + text(defaultAction));
      }
    } else {
      writing.stricter(code, null, which + " gets " + text(defaultAction) + ": minijail goes by names");
    }
  }

  private void line(String name, Decision decision) {
    if (decision.unconditional()) {
      if (!decision.otherwise().action().equals(defaultAction)) {
        out.append(name).append(": ").append(unconditional(decision.otherwise().action())).append('\n');
      }
      return;
    }
    var filters = new ArrayList<String>();
    for (Decision.Case c : decision.cases()) {
      Optional<String> test = Clauses.text(c.when());
      if (test.isEmpty()) {
        writing.stricter("arguments", null, name + " needs more tests than minijail has room for; it is refused");
        return;
      }
      if (!test.get().isEmpty()) {
        boolean allow = c.then().action() instanceof Action.Allow;
        filters.add(allow ? test.get() : test.get() + "; " + text(c.then().action()));
      }
    }
    Action last = decision.otherwise().action();
    if (!last.equals(defaultAction)) {
      filters.add(unconditional(last));
    }
    String joined = String.join(", ", filters);
    boolean plain = filters.size() == 1 && joined.indexOf(';') < 0;
    out.append(name).append(": ").append(plain ? joined : "{ " + joined + " }").append('\n');
  }

  private String unconditional(Action action) {
    return action instanceof Action.Allow ? "1" : text(action);
  }

  private String text(Action action) {
    return switch (action) {
      case Action.Allow() -> "allow";
      case Action.Log() -> "log";
      case Action.Fail(Errno errno) -> "return " + errno.number(resolution.arch());
      case Action.KillProcess() -> "kill-process";
      case Action.KillThread() -> "kill-thread";
      case Action.Trap() -> "trap";
      case Action.Notify() -> "user-notify";
      case Action.Trace(short message) -> {
        if (message != 0) {
          writing.same("message", null, "minijail tells tracers no message");
        }
        yield "trace";
      }
    };
  }
}
