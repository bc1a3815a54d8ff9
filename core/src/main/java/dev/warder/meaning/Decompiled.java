package dev.warder.meaning;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.policy.Policy;
import java.util.List;

/// The policy that a compiled filter enforces, read off its instructions alone.
///
/// @param differences where the policy means something else than the filter; in none of them does it let through what
///     the filter denies. Arguments count as far as the kernel reads them, see [Difference#strayBits]
public record Decompiled(Policy policy, List<Difference> differences) {
  public Decompiled {
    differences = List.copyOf(differences);
  }

  /// What the filter says and the policy cannot.
  ///
  /// @param calls an architecture and a call, or numbers, or other architectures; for people
  /// @param strayBits whether only bits tell them apart of which the kernel reads none: the policy decides as the filter
  ///     does where they are zero
  /// @param stricter whether the policy denies what the filter lets through
  public record Difference(String calls, boolean strayBits, boolean stricter) {}

  /// Finds the policy of a filter.
  ///
  /// @param filter one that the kernel accepts
  /// @param name the policy's, and the origin of its rules
  /// @param arches the ABIs it shall serve; empty for those of which the filter lets calls through
  /// @throws TooComplexException if the filter cannot be followed exactly, lets nothing through, or no policy comes near
  ///     enough without letting more through
  public static Decompiled of(Filter filter, String name, List<Arch> arches) {
    return new Decompiler(filter, name).decompile(arches);
  }
}
