package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a jailed program may ask of the kernel, by names. Immutable.
///
/// Deny beats allow, whatever the order and whoever wrote it; allows add up. What no rule speaks of gets the default
/// action. Of several denies that match the strictest wins, in the kernel's order ([Action#stricterThan]); of equally
/// strict ones that without a condition, else the first. Conditions on allows come after them.
///
/// @param name for people, such as `profile default`
/// @param notes what a reader should know of it, such as a known slip of the list it copies
/// @param defaultAction for calls of the catalog that no rule speaks of
/// @param unassignedAction for numbers up to the newest that belong to no call
/// @param newerAction for numbers above the newest that the catalog knows
/// @param frequencies how often the program makes calls, by name, up to [#MOST_FREQUENT]; they decide nothing, but the
///     frequent ones have the shorter paths in a filter; empty for what programs usually do
public record Policy(
    String name,
    String description,
    List<String> notes,
    Architectures architectures,
    Action defaultAction,
    Action unassignedAction,
    Action newerAction,
    List<Rule> rules,
    Map<String, Long> frequencies) {
  /// The highest frequency.
  public static final long MOST_FREQUENT = 1_000_000_000_000L;

  /// @throws IllegalArgumentException if a frequency is not 0 to [#MOST_FREQUENT]
  public Policy {
    notes = List.copyOf(notes);
    rules = List.copyOf(rules);
    frequencies = frequencies.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(frequencies));
    for (long frequency : frequencies.values()) {
      if (frequency < 0 || frequency > MOST_FREQUENT) {
        throw new IllegalArgumentException("a frequency is 0 to " + MOST_FREQUENT + ", got " + frequency);
      }
    }
  }

  /// A policy of a program of which is not known how often it makes which call.
  public Policy(
      String name, String description, List<String> notes, Architectures architectures, Action defaultAction,
      Action unassignedAction, Action newerAction, List<Rule> rules) {
    this(name, description, notes, architectures, defaultAction, unassignedAction, newerAction, rules, Map.of());
  }

  /// An allow list without entries: `EPERM`, and `ENOSYS` for calls newer than the catalog, so that libraries fall
  /// back.
  public static Policy allowList(String name) {
    Action refuse = Action.fail(Errno.EPERM);
    return new Policy(
        name, "", List.of(), new Architectures.Family(), refuse, refuse, Action.fail(Errno.ENOSYS), List.of());
  }

  /// The policy with these rules added.
  public Policy with(List<Rule> more) {
    var all = new ArrayList<Rule>(rules);
    all.addAll(more);
    return withRules(all);
  }

  /// The policy with other rules.
  public Policy withRules(List<Rule> others) {
    return new Policy(
        name, description, notes, architectures, defaultAction, unassignedAction, newerAction, others, frequencies);
  }

  /// The policy with another action for what no rule speaks of. Numbers newer than the catalog keep theirs, unless it
  /// was the old default too.
  public Policy withDefaultAction(Action action) {
    Action newer = newerAction.equals(defaultAction) ? action : newerAction;
    Action unassigned = unassignedAction.equals(defaultAction) ? action : unassignedAction;
    return new Policy(name, description, notes, architectures, action, unassigned, newer, rules, frequencies);
  }

  public Policy withArchitectures(Architectures others) {
    return new Policy(
        name, description, notes, others, defaultAction, unassignedAction, newerAction, rules, frequencies);
  }

  /// The policy with other [#frequencies].
  public Policy withFrequencies(Map<String, Long> others) {
    return new Policy(
        name, description, notes, architectures, defaultAction, unassignedAction, newerAction, rules, others);
  }

  /// What the policy decides for every number of one architecture.
  ///
  /// @param kept the capabilities that the jail keeps
  /// @throws IllegalArgumentException if a rule names what the catalog lacks; rules read from text never do
  public Resolution resolve(Arch arch, Set<Capability> kept) {
    return new Resolver(this, arch, kept).resolve();
  }

  /// What the policy decides for every number of several architectures, in their order.
  ///
  /// @param kept the capabilities that the jail keeps
  /// @throws IllegalArgumentException as [#resolve(Arch, Set)]
  public List<Resolution> resolve(List<Arch> architectures, Set<Capability> kept) {
    var resolving = new Resolving(this, kept, architectures);
    resolving.all();
    return List.of(resolving.done);
  }

  /// Each architecture by itself: nothing is shared but this policy and the catalog.
  private static final class Resolving extends Parts {
    private final Policy policy;
    private final Set<Capability> kept;
    private final List<Arch> architectures;
    private final Resolution[] done;

    Resolving(Policy policy, Set<Capability> kept, List<Arch> architectures) {
      super(architectures.size());
      this.policy = policy;
      this.kept = kept;
      this.architectures = architectures;
      this.done = new Resolution[architectures.size()];
    }

    @Override
    protected void part(int index) {
      done[index] = policy.resolve(architectures.get(index), kept);
    }
  }

  /// The capabilities that the decision of a call may hang on, by number; none for a number that is not in the map.
  public Map<Integer, Set<Capability>> capabilityUse(Arch arch) {
    return CapabilityUse.of(this, arch);
  }

  /// The calls that rules name but this architecture lacks, in the order of the rules; they do nothing there.
  public List<String> absent(Arch arch) {
    var absent = new ArrayList<String>();
    for (Rule rule : rules) {
      if (rule.subject() instanceof Rule.Subject.Call(String call)
          && Catalog.get().table(arch).number(call).isEmpty()
          && !absent.contains(call)) {
        absent.add(call);
      }
    }
    return absent;
  }
}
