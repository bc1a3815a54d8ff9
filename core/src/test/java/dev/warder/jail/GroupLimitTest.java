package dev.warder.jail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.GroupLimit.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupLimitTest {
  private static List<String> written(List<GroupLimit.Setting> settings) {
    var files = new ArrayList<String>();
    for (GroupLimit.Setting setting : settings) {
      files.add(setting.file() + " = " + setting.text() + (setting.optional() ? " if it is there" : ""));
    }
    return files;
  }

  @Test
  void isWrittenToTheFilesOfBothVersions() {
    var memory = new GroupLimit(Controller.MEMORY, 64 << 20);
    assertThat(written(memory.unified())).containsExactly("memory.max = 67108864", "memory.swap.max = 0 if it is there");
    assertThat(written(memory.legacy()))
        .containsExactly("memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 67108864");
    var pids = new GroupLimit(Controller.PIDS, 5);
    assertThat(written(pids.unified())).containsExactly("pids.max = 5");
    assertThat(written(pids.legacy())).containsExactly("pids.max = 5");
    var cpu = new GroupLimit(Controller.CPU, 150_000);
    assertThat(written(cpu.unified())).containsExactly("cpu.max = 150000 100000");
    assertThat(written(cpu.legacy())).containsExactly("cpu.cfs_period_us = 100000", "cpu.cfs_quota_us = 150000");
  }

  @Test
  void boundsThatTheKernelRefusesAreRefused() {
    assertThatThrownBy(() -> new GroupLimit(Controller.CPU, 999)).hasMessageContaining("at least 1000, got 999");
    assertThatThrownBy(() -> new GroupLimit(Controller.MEMORY, 0)).hasMessageContaining("at least 1, got 0");
    assertThatThrownBy(() -> new GroupLimit(Controller.PIDS, -1)).hasMessageContaining("at least 1, got -1");
  }

  @Test
  void eachControllerIsLimitedOnceAndInOrder() {
    var memory = new GroupLimit(Controller.MEMORY, 1);
    var pids = new GroupLimit(Controller.PIDS, 1);
    for (List<GroupLimit> limits : List.of(List.of(pids, memory), List.of(pids, pids))) {
      assertThatThrownBy(() -> new Resources(List.of(), limits, Optional.empty(), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
