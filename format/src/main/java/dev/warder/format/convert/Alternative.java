package dev.warder.format.convert;

import dev.warder.policy.Action;
import dev.warder.policy.Condition.Compare;
import java.util.List;

/// A rule of a call: if all tests hold, the action. Of the alternatives of one call no two hold at once.
///
/// @param tests one for an argument at most, by index
public record Alternative(List<Compare> tests, Action action) {
  public Alternative {
    tests = List.copyOf(tests);
  }
}
