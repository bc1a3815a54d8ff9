package dev.warder.policy;

import dev.warder.policy.Condition.Compare;
import dev.warder.policy.Condition.Operator;
import dev.warder.policy.Decision.Case;
import java.util.ArrayList;
import java.util.List;

/// A call that makes others: its first argument selects one, and that one's arguments lie in memory.
///
/// Source: `include/uapi/linux/net.h`, `include/uapi/linux/ipc.h` and `ipc/syscall.c`, Linux 7.3.
///
/// @param mask the bits of the first argument that select; those above are a version for `ipc`, and nothing for
///     `socketcall`, whose `int` argument ignores the upper half of the register
public record Multiplexer(String name, long mask, List<SubCall> calls) {
  /// @param name of the call that does the same by itself
  public record SubCall(int selector, String name) {}

  static final Multiplexer SOCKETCALL = new Multiplexer(
      "socketcall",
      0xFFFFFFFFL,
      List.of(
          new SubCall(1, "socket"),
          new SubCall(2, "bind"),
          new SubCall(3, "connect"),
          new SubCall(4, "listen"),
          new SubCall(5, "accept"),
          new SubCall(6, "getsockname"),
          new SubCall(7, "getpeername"),
          new SubCall(8, "socketpair"),
          new SubCall(9, "send"),
          new SubCall(10, "recv"),
          new SubCall(11, "sendto"),
          new SubCall(12, "recvfrom"),
          new SubCall(13, "shutdown"),
          new SubCall(14, "setsockopt"),
          new SubCall(15, "getsockopt"),
          new SubCall(16, "sendmsg"),
          new SubCall(17, "recvmsg"),
          new SubCall(18, "accept4"),
          new SubCall(19, "recvmmsg"),
          new SubCall(20, "sendmmsg")));

  static final Multiplexer IPC = new Multiplexer(
      "ipc",
      0xFFFFL,
      List.of(
          new SubCall(1, "semop"),
          new SubCall(2, "semget"),
          new SubCall(3, "semctl"),
          new SubCall(4, "semtimedop"),
          new SubCall(11, "msgsnd"),
          new SubCall(12, "msgrcv"),
          new SubCall(13, "msgget"),
          new SubCall(14, "msgctl"),
          new SubCall(21, "shmat"),
          new SubCall(22, "shmdt"),
          new SubCall(23, "shmget"),
          new SubCall(24, "shmctl")));

  /// All that Linux has.
  public static final List<Multiplexer> ALL = List.of(SOCKETCALL, IPC);

  /// The condition that a sub-call is selected.
  Condition selects(SubCall call) {
    return new Compare(0, mask, Operator.EQ, call.selector());
  }

  /// What `own` decides, but only for some selectors.
  ///
  /// @param denied what each refused sub-call gets
  /// @param allowed the selections that stay as `own` decides
  /// @param unknown for a selector that is no sub-call
  Decision narrow(Decision own, List<Case> denied, List<Condition> allowed, Outcome unknown) {
    if (own.unconditional() && own.otherwise().action().denies()) {
      return own;
    }
    var cases = new ArrayList<Case>();
    for (Case c : own.cases()) {
      if (c.then().action().denies()) {
        cases.add(c);
      }
    }
    cases.addAll(denied);
    Condition selected = Conditions.anyOf(allowed);
    for (Case c : own.cases()) {
      addSelected(cases, selected, c);
    }
    addSelected(cases, selected, new Case(Conditions.ALWAYS, own.otherwise()));
    return new Decision(cases, unknown);
  }

  private static void addSelected(List<Case> cases, Condition selected, Case c) {
    Condition both = Conditions.allOf(List.of(selected, c.when()));
    if (!c.then().action().denies() && !Conditions.isNever(both)) {
      cases.add(new Case(both, c.then()));
    }
  }
}
