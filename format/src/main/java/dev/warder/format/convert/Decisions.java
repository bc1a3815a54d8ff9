package dev.warder.format.convert;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.SyscallTable;
import dev.warder.policy.Decision;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import dev.warder.policy.Rule;
import dev.warder.policy.Rule.Subject;
import dev.warder.policy.When;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a policy decides of calls by name, as files of other tools name them.
public final class Decisions {
  private final Policy policy;
  private final Map<Asked, Resolution> resolutions = new HashMap<>();
  private final Map<String, Set<Capability>> deciding = new HashMap<>();

  private record Asked(Arch arch, Set<Capability> kept) {}

  public Decisions(Policy policy) {
    this.policy = policy;
    for (Rule rule : policy.rules()) {
      Set<Capability> capabilities = capabilities(rule.when());
      if (!capabilities.isEmpty()) {
        for (String name : names(rule.subject())) {
          deciding.computeIfAbsent(name, _ -> EnumSet.noneOf(Capability.class)).addAll(capabilities);
        }
      }
    }
  }

  private static Set<Capability> capabilities(When when) {
    var capabilities = EnumSet.noneOf(Capability.class);
    switch (when) {
      case When.Kept(Capability capability) -> capabilities.add(capability);
      case When.Lacked(Capability capability) -> capabilities.add(capability);
      case When.All(List<When> terms) -> terms.forEach(term -> capabilities.addAll(capabilities(term)));
      case When.On _, When.Always _ -> { }
    }
    return capabilities;
  }

  /// The calls by the names that the kernel has for them on any ABI: an alias on one is another call elsewhere.
  private static Collection<String> names(Subject subject) {
    var names = new TreeSet<String>();
    for (Arch arch : Arch.values()) {
      SyscallTable table = Catalog.get().table(arch);
      if (subject instanceof Subject.Number(int number)) {
        table.name(number).ifPresent(names::add);
      } else {
        for (String name : members(subject)) {
          table.number(name).ifPresent(number -> names.add(table.name(number).orElseThrow()));
        }
      }
    }
    return names;
  }

  private static Collection<String> members(Subject subject) {
    return switch (subject) {
      case Subject.Set(String name) -> Catalog.get().expand(Catalog.get().set(name).orElseThrow());
      case Subject.OwnSet(var _, var members) -> members;
      default -> List.of(subject.text());
    };
  }

  /// The capabilities that the decision on a call may hang on.
  public Set<Capability> deciding(String name) {
    var all = EnumSet.noneOf(Capability.class);
    all.addAll(deciding.getOrDefault(name, Set.of()));
    if (name.equals("clone3")) {
      all.addAll(deciding("clone"));
    }
    for (String sub : Multiplexed.calls(name)) {
      all.addAll(deciding.getOrDefault(sub, Set.of()));
    }
    return Collections.unmodifiableSet(all);
  }

  /// Every name that one of these ABIs has.
  public static SortedSet<String> names(Collection<Arch> arches) {
    var names = new TreeSet<String>();
    for (Arch arch : arches) {
      names.addAll(Catalog.get().table(arch).names().values());
    }
    return names;
  }

  /// What the policy decides for an ABI.
  public Resolution resolution(Arch arch, Set<Capability> kept) {
    return resolutions.computeIfAbsent(new Asked(arch, Set.copyOf(kept)), _ -> policy.resolve(arch, kept));
  }

  /// What the policy decides of a call; null if the ABI lacks it. A second name of a call counts as lacking.
  public Decision decision(String name, Arch arch, Set<Capability> kept) {
    OptionalInt number = Catalog.get().table(arch).number(name);
    boolean own = number.isPresent() && Catalog.get().table(arch).name(number.getAsInt()).orElseThrow().equals(name);
    return own ? resolution(arch, kept).decide(number.getAsInt()) : null;
  }
}
