package dev.warder.format.convert;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The calls that `socketcall` and `ipc` make, for writers whose readers know of them: where a rule speaks of one,
/// libseccomp adds one for its multiplexer.
///
/// Sources: `include/uapi/linux/net.h` and `ipc.h`, Linux 7.3; `arch-x86.c`, libseccomp 2.5.4.
public final class Multiplexed {
  /// By name, with the first argument that selects them.
  private static final Map<String, Map<String, Integer>> SELECTORS = Map.of(
      "socketcall", selectors(
          "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown"
              + " setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg"),
      "ipc", selectors(
          "semop semget semctl semtimedop - - - - - - msgsnd msgrcv msgget msgctl - - - - - - shmat shmdt shmget"
              + " shmctl"));

  /// All of them.
  public static final Set<String> CALLS = calls();

  private Multiplexed() {}

  private static Map<String, Integer> selectors(String names) {
    var selectors = new TreeMap<String, Integer>();
    int selector = 0;
    for (String name : names.split(" ")) {
      selectors.put(name, ++selector);
    }
    selectors.remove("-");
    return selectors;
  }

  private static Set<String> calls() {
    var calls = new TreeSet<String>();
    SELECTORS.values().forEach(selectors -> calls.addAll(selectors.keySet()));
    return calls;
  }

  /// The calls that a multiplexer makes; none for other calls.
  public static List<String> calls(String multiplexer) {
    return List.copyOf(SELECTORS.getOrDefault(multiplexer, Map.of()).keySet());
  }

  /// The multiplexer of a call; empty for none.
  public static String by(String call) {
    for (Map.Entry<String, Map<String, Integer>> entry : SELECTORS.entrySet()) {
      if (entry.getValue().containsKey(call)) {
        return entry.getKey();
      }
    }
    return "";
  }

  /// The first argument that selects a call, which has a multiplexer.
  public static int selector(String call) {
    return SELECTORS.get(by(call)).get(call);
  }
}
