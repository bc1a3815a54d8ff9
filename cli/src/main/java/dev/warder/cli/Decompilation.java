package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Filter;
import dev.warder.format.PolicyFile;
import dev.warder.format.convert.Loss;
import dev.warder.meaning.Decompiled;
import dev.warder.meaning.TooComplexException;
import dev.warder.policy.Problem;
import dev.warder.policy.Source;
import java.util.ArrayList;
import java.util.List;

/// Reads a raw filter as the policy that it enforces.
final class Decompilation {
  private Decompilation() {}

  /// @param arches the ABIs that the policy shall serve; empty for those that the filter serves
  static PolicyFile read(String path, List<Arch> arches) throws CommandException {
    Filter filter = PolicyOptions.accept(RawFilter.parse(path));
    try {
      Decompiled decompiled = Decompiled.of(filter, path, arches);
      var losses = new ArrayList<Loss>();
      for (Decompiled.Difference difference : decompiled.differences()) {
        losses.add(new Loss(problem(path, difference), difference.stricter()));
      }
      return PolicyFile.of(decompiled.policy(), losses);
    } catch (TooComplexException e) {
      String it = e.getMessage().startsWith("instruction ") ? "its " : "it ";
      throw new CommandException("no policy can be made of " + path + ": " + it + e.getMessage());
    }
  }

  private static Problem problem(String path, Decompiled.Difference difference) {
    String what = difference.strayBits()
        ? difference.calls() + ": the filter looks at bits of arguments that the kernel ignores; they are taken for zero"
        : difference.calls() + ": no rule says what the filter does";
    return Source.option(path, "").problem(difference.strayBits() ? "stray-bits" : "not-sayable", 0, 1, what, "");
  }
}
