package dev.warder.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Errno;
import dev.warder.policy.Action;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReturnValueTest {
  /// Source: seccomp(2), man-pages 6.9.
  private static final Map<Action, Integer> VALUES = new LinkedHashMap<>(Map.of(
      new Action.Allow(), 0x7fff0000,
      new Action.Fail(Errno.EPERM), 0x00050001,
      new Action.KillProcess(), 0x80000000,
      new Action.KillThread(), 0x00000000,
      new Action.Trap(), 0x00030000,
      new Action.Log(), 0x7ffc0000,
      new Action.Notify(), 0x7fc00000,
      new Action.Trace((short) -1), 0x7ff0ffff));

  @Test
  void everyActionHasTheKernelsValueAndComesBackFromIt() {
    VALUES.forEach((action, value) -> {
      assertThat(ReturnValue.of(action, Arch.X86_64)).as(action.toString()).isEqualTo(value);
      assertThat(ReturnValue.action(value, Arch.X86_64)).contains(action);
    });
    assertThat(VALUES.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(Set.of(Action.class.getPermittedSubclasses()));
  }

  @Test
  void whatIsNoActionKills() {
    assertThat(ReturnValue.action(0x12340000, Arch.X86_64)).contains(Action.KILL_PROCESS);
    assertThat(ReturnValue.action(0x00050fff, Arch.X86_64)).isEqualTo(Optional.empty());
  }
}
