package dev.warder.format.firecracker;

import dev.warder.catalog.Arch;
import dev.warder.format.convert.Alternative;
import dev.warder.format.convert.Cover;
import dev.warder.format.convert.Decisions;
import dev.warder.format.convert.Diagrams;
import dev.warder.format.convert.Strictness;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.TooComplexException;
import dev.warder.format.convert.TreeText;
import dev.warder.format.convert.Writer;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.policy.Action;
import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Writes a filter for one thread, `vmm`, and one architecture.
///
/// There are two actions, that of the rules and the default. What has another one gets the stricter of these.
public final class FirecrackerWriter implements Writer {
  private static final List<Arch> KNOWN = List.of(Arch.X86_64, Arch.AARCH64, Arch.RISCV64);
  private static final long LOW = 0xFFFFFFFFL;

  @Override
  public Parsed<Written> write(Policy policy, Target target) {
    var writing = new Writing(policy);
    Action otherwise = policy.defaultAction();
    if (FirecrackerActions.tree(otherwise) == null) {
      writing.fail("notify-all", null, "Firecracker asks no supervisor", "deny by default");
    }
    writing.reportUnnamed("unassigned-action", policy.unassignedAction(), otherwise);
    writing.reportUnnamed("newer-action", policy.newerAction(), otherwise);
    Arch arch = arch(policy, target, writing);
    writing.reportNumbers(arch == null ? List.of() : List.of(arch), otherwise);
    try {
      String text = arch == null ? "" : TreeText.json(Map.of("vmm", filter(policy, target, arch, writing)));
      return writing.written(text);
    } catch (TooComplexException e) {
      writing.fail("too-complex", null, e.getMessage(), "test fewer arguments");
      return writing.written("");
    }
  }

  private static Arch arch(Policy policy, Target target, Writing writing) {
    List<Arch> arches = target.arches(policy);
    if (arches.isEmpty() || !KNOWN.contains(arches.getFirst())) {
      writing.fail("no-architecture", null, "Firecracker runs on x86_64, aarch64 and riscv64 alone", "name one with --arch");
      return null;
    }
    for (Arch guest : arches.subList(1, arches.size())) {
      writing.stricter("lost-architecture", null, "calls by " + guest + " are killed: a filter is for one architecture");
    }
    return arches.getFirst();
  }

  private static Map<String, Object> filter(Policy policy, Target target, Arch arch, Writing writing) {
    Action otherwise = policy.defaultAction();
    Map<String, List<Alternative>> rules = rules(policy, target, arch);
    Action onMatch = onMatch(rules, otherwise);
    var list = new ArrayList<Map<String, Object>>();
    for (Map.Entry<String, List<Alternative>> call : rules.entrySet()) {
      for (Alternative rule : call.getValue()) {
        Action written = otherwise.denies() && !rule.action().equals(onMatch) ? otherwise : onMatch;
        report(call.getKey(), rule.action(), written, writing);
        if (written.equals(onMatch)) {
          list.add(tree(call.getKey(), rule.tests()));
        }
      }
    }
    var tree = new LinkedHashMap<String, Object>();
    tree.put("default_action", FirecrackerActions.tree(otherwise));
    tree.put("filter_action", FirecrackerActions.tree(onMatch));
    tree.put("filter", list);
    return tree;
  }

  private static Map<String, List<Alternative>> rules(Policy policy, Target target, Arch arch) {
    var decisions = new Decisions(policy);
    var diagrams = new Diagrams();
    var rules = new TreeMap<String, List<Alternative>>();
    for (String name : Decisions.names(List.of(arch))) {
      var decision = decisions.decision(name, arch, target.kept());
      rules.put(name, Cover.of(diagrams.of(decision), policy.defaultAction(), false));
    }
    return rules;
  }

  /// Where calls are denied by default the most that rules let through, else the strictest that they deny with.
  private static Action onMatch(Map<String, List<Alternative>> rules, Action otherwise) {
    Action best = null;
    for (List<Alternative> alternatives : rules.values()) {
      for (Alternative rule : alternatives) {
        boolean better = best == null || Strictness.compare(rule.action(), best) > 0 == otherwise.denies();
        best = better && FirecrackerActions.tree(rule.action()) != null ? rule.action() : best;
      }
    }
    if (best != null) {
      return best;
    }
    return otherwise.denies() ? Action.ALLOW : Action.KILL_PROCESS;
  }

  private static void report(String name, Action wanted, Action written, Writing writing) {
    if (Strictness.stricter(written, wanted)) {
      writing.stricter("lost-action", null, "some calls of " + name + " are denied: a filter has two actions");
    } else if (!written.equals(wanted)) {
      writing.same("lost-action", null, "some calls of " + name + " are denied in another way: a filter has two actions");
    }
  }

  private static Map<String, Object> tree(String name, List<Compare> tests) {
    var tree = new LinkedHashMap<String, Object>();
    tree.put("syscall", name);
    if (!tests.isEmpty()) {
      tree.put("args", tests.stream().map(FirecrackerWriter::condition).toList());
    }
    return tree;
  }

  /// Masked tests, so that it does not matter whether the type is heeded.
  private static Map<String, Object> condition(Compare test) {
    boolean whole = test.mask() == -1L;
    var tree = new LinkedHashMap<String, Object>();
    tree.put("index", test.index());
    tree.put("type", (test.mask() & ~LOW) == 0 ? "dword" : "qword");
    if (!whole && test.operator() != Operator.EQ) {
      throw new AssertionError("only equality has a mask here: " + test);
    }
    tree.put("op", whole ? test.operator().name().toLowerCase(Locale.ROOT) : Map.of("masked_eq", test.mask()));
    tree.put("val", test.value());
    return tree;
  }
}
