package dev.warder.format.systemd;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.format.convert.Proof;
import dev.warder.format.convert.Writing;
import dev.warder.format.systemd.Namespaces.Kind;
import dev.warder.policy.Action;
import dev.warder.policy.Architectures;
import dev.warder.policy.Decision;
import dev.warder.policy.Evaluation;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/// Finds the restrictions of systemd that let no more of a call through than a policy does. That they do not is proved
/// for every value of its arguments.
final class Restrictions {
  private static final int FAMILIES = 46;

  private final Writing writing;
  private final Map<String, Map<Arch, Decision>> calls;
  private final List<Candidate> candidates = new ArrayList<>();
  private final Set<Candidate> used = new TreeSet<>((a, b) -> a.line.compareTo(b.line));

  /// A line of a unit and what it denies.
  private record Candidate(String line, List<Rule> rules, Set<String> names, Map<Arch, Map<String, Decision>> decided) {
    Candidate(String line, List<Rule> rules) {
      this(line, rules, new TreeSet<>(), new HashMap<>());
      rules.forEach(rule -> names.add(rule.subject().text()));
    }

    Decision decide(Arch arch, String name) {
      return decided.computeIfAbsent(arch, this::decideAll).get(name);
    }

    private Map<String, Decision> decideAll(Arch arch) {
      var policy = new Policy(line, "", List.of(), new Architectures.Family(), Action.ALLOW, Action.ALLOW, Action.ALLOW,
          rules);
      var resolution = policy.resolve(arch, Set.of());
      var decisions = new HashMap<String, Decision>();
      for (String name : names) {
        Catalog.get().table(arch).number(name).ifPresent(n -> decisions.put(name, resolution.decide(n)));
      }
      return decisions;
    }
  }

  Restrictions(Writing writing, Map<String, Map<Arch, Decision>> calls) {
    this.writing = writing;
    this.calls = calls;
    families();
    namespaces();
    for (String personality : List.of("0", "PER_LINUX32")) {
      String key = personality.equals("0") ? "" : "Personality=x86\n";
      add(key + "LockPersonality=yes", "~personality(persona != " + personality + "):EPERM");
    }
    for (Restriction restriction : Restriction.values()) {
      if (restriction.besides.isEmpty()) {
        candidates.add(new Candidate(restriction.key + "=yes", restriction.rules("")));
      }
    }
  }

  private void add(String line, String denied) {
    candidates.add(new Candidate(line, SyscallList.parse(denied, "").orThrow()));
  }

  /// The families that pass whatever the other arguments, on every architecture; as they are, or as those that do not.
  private void families() {
    var passed = new TreeSet<Integer>();
    var names = new ArrayList<String>();
    for (int family = 1; family < FAMILIES; family++) {
      if (passes("socket", 0, family)) {
        passed.add(family);
      }
      names.add(familyName(family));
    }
    var out = new ArrayList<String>();
    var in = new ArrayList<String>();
    for (int family = 1; family < FAMILIES; family++) {
      String name = names.get(family - 1);
      if (name != null) {
        (passed.contains(family) ? in : out).add(name);
      }
    }
    if (!in.isEmpty() && !out.isEmpty()) {
      add("RestrictAddressFamilies=~" + String.join(" ", out),
          "~socket(domain in [" + String.join(", ", out) + "]):EAFNOSUPPORT");
      add("RestrictAddressFamilies=" + String.join(" ", in),
          "~socket(!(domain in [" + String.join(", ", in) + "])):EAFNOSUPPORT");
    }
  }

  private static String familyName(int number) {
    for (String name : List.of("AF_UNIX", "AF_INET", "AF_AX25", "AF_IPX", "AF_APPLETALK", "AF_NETROM", "AF_BRIDGE",
        "AF_ATMPVC", "AF_X25", "AF_INET6", "AF_ROSE", "AF_NETBEUI", "AF_SECURITY", "AF_KEY", "AF_NETLINK", "AF_PACKET",
        "AF_ASH", "AF_ECONET", "AF_ATMSVC", "AF_RDS", "AF_SNA", "AF_IRDA", "AF_PPPOX", "AF_WANPIPE", "AF_LLC", "AF_IB",
        "AF_MPLS", "AF_CAN", "AF_TIPC", "AF_BLUETOOTH", "AF_IUCV", "AF_RXRPC", "AF_ISDN", "AF_PHONET", "AF_IEEE802154",
        "AF_CAIF", "AF_ALG", "AF_NFC", "AF_VSOCK", "AF_KCM", "AF_QIPCRTR", "AF_SMC", "AF_XDP", "AF_MCTP")) {
      OptionalLong value = Catalog.get().constant(name, Arch.X86_64);
      if (value.isPresent() && value.getAsLong() == number) {
        return name;
      }
    }
    return null;
  }

  private boolean passes(String call, int slot, long value) {
    List<OptionalLong> registers = new ArrayList<>(Collections.nCopies(6, OptionalLong.empty()));
    registers.set(slot, OptionalLong.of(value));
    for (Decision decision : calls.getOrDefault(call, Map.of()).values()) {
      var outcome = Evaluation.of(decision, registers).outcome();
      if (outcome.isEmpty() || !outcome.get().action().letsThrough()) {
        return false;
      }
    }
    return true;
  }

  private void namespaces() {
    Set<Kind> allowed = EnumSet.noneOf(Kind.class);
    for (Kind kind : Kind.values()) {
      long flag = Catalog.get().constant(kind.flag(), Arch.X86_64).orElseThrow();
      boolean all = true;
      for (String call : List.of("clone", "unshare", "setns")) {
        int slot = call.equals("setns") ? 1 : 0;
        all &= refusedAlways(call) || passes(call, slot, flag);
      }
      if (all) {
        allowed.add(kind);
      }
    }
    for (Set<Kind> kinds : List.of(allowed, EnumSet.noneOf(Kind.class))) {
      List<Rule> rules = Namespaces.rules(kinds, "");
      if (!rules.isEmpty()) {
        String value = kinds.isEmpty() ? "yes" : String.join(" ", kinds.stream().map(Kind::label).toList());
        candidates.add(new Candidate("RestrictNamespaces=" + value, rules));
      }
    }
  }

  private boolean refusedAlways(String call) {
    for (Decision decision : calls.getOrDefault(call, Map.of()).values()) {
      if (!decision.unconditional() || decision.otherwise().action().letsThrough()) {
        return false;
      }
    }
    return true;
  }

  /// Whether a restriction lets no more of this call through than the policy. It is used then.
  boolean cover(String name) {
    Candidate best = null;
    for (Candidate candidate : candidates) {
      boolean better = best == null || losses(candidate).size() < losses(best).size();
      if (candidate.names.contains(name) && better && within(candidate, name)) {
        best = candidate;
      }
    }
    if (best == null) {
      return false;
    }
    if (used.add(best)) {
      for (String lost : losses(best)) {
        writing.stricter("restriction", null, best.line.replace('\n', ' ') + " lets less of " + lost
            + " through, or answers with another error");
      }
    }
    return true;
  }

  private boolean within(Candidate candidate, String name) {
    for (Map.Entry<Arch, Decision> entry : calls.get(name).entrySet()) {
      if (!Proof.within(entry.getKey(), candidate.decide(entry.getKey(), name), entry.getValue())) {
        return false;
      }
    }
    return true;
  }

  /// The calls that the restriction changes.
  private List<String> losses(Candidate candidate) {
    var lost = new ArrayList<String>();
    for (String name : candidate.names) {
      boolean same = true;
      for (Map.Entry<Arch, Decision> entry : calls.getOrDefault(name, Map.of()).entrySet()) {
        same &= Proof.same(entry.getKey(), candidate.decide(entry.getKey(), name), entry.getValue());
      }
      if (!same && !refusedAlways(name)) {
        lost.add(name);
      }
    }
    return lost;
  }

  /// The lines that were used, in the order of their names.
  List<String> lines() {
    return used.stream().map(Candidate::line).toList();
  }
}
