package dev.warder.format.convert;

import dev.warder.policy.Multiplexer;
import dev.warder.policy.Multiplexer.SubCall;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The calls that `socketcall` and `ipc` make, for writers whose readers know of them: where a rule speaks of one,
/// libseccomp adds one for its multiplexer.
///
/// Source: `arch-x86.c`, libseccomp 2.5.4.
public final class Multiplexed {
  private record Way(String multiplexer, int selector) {}

  private static final Map<String, Way> WAYS = ways();

  /// All of them.
  public static final Set<String> CALLS = WAYS.keySet();

  private Multiplexed() {}

  private static Map<String, Way> ways() {
    var ways = new TreeMap<String, Way>();
    for (Multiplexer multiplexer : Multiplexer.ALL) {
      for (SubCall call : multiplexer.calls()) {
        ways.put(call.name(), new Way(multiplexer.name(), call.selector()));
      }
    }
    return Collections.unmodifiableMap(ways);
  }

  /// The calls that a multiplexer makes; none for other calls.
  public static List<String> calls(String multiplexer) {
    return CALLS.stream().filter(call -> by(call).equals(multiplexer)).toList();
  }

  /// The multiplexer of a call; empty for none.
  public static String by(String call) {
    return WAYS.containsKey(call) ? WAYS.get(call).multiplexer() : "";
  }

  /// The first argument that selects a call, which has a multiplexer.
  public static int selector(String call) {
    return WAYS.get(call).selector();
  }
}
