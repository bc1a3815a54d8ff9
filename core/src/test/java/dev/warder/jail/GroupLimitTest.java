package dev.warder.jail;

import static dev.warder.jail.GroupLimit.UNBOUNDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.GroupLimit.Cpu;
import dev.warder.jail.GroupLimit.Disk;
import dev.warder.jail.GroupLimit.Memory;
import dev.warder.jail.GroupLimit.Pids;
import dev.warder.jail.GroupLimit.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupLimitTest {
  private static final List<Rate> RATES = List.of(new Rate(Rate.Kind.RBPS, 1 << 20), new Rate(Rate.Kind.WBPS, 2),
      new Rate(Rate.Kind.RIOPS, 3), new Rate(Rate.Kind.WIOPS, 4));

  private static List<String> written(List<GroupLimit.Setting> settings) {
    var files = new ArrayList<String>();
    for (GroupLimit.Setting setting : settings) {
      files.add(setting.file() + " = " + setting.text() + (setting.optional() ? " if it is there" : ""));
    }
    return files;
  }

  @Test
  void isWrittenToTheFilesOfBothVersions() {
    var memory = new Memory(64 << 20, 0);
    assertThat(written(memory.unified())).containsExactly("memory.max = 67108864", "memory.swap.max = 0 if it is there");
    assertThat(written(memory.legacy()))
        .containsExactly("memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 67108864");
    var pids = new Pids(5);
    assertThat(written(pids.unified())).containsExactly("pids.max = 5");
    assertThat(written(pids.legacy())).containsExactly("pids.max = 5");
    var cpu = new Cpu(150_000);
    assertThat(written(cpu.unified())).containsExactly("cpu.max = 150000 100000");
    assertThat(written(cpu.legacy())).containsExactly("cpu.cfs_period_us = 100000", "cpu.cfs_quota_us = 150000");
    var disk = new Disk("/dev/x", RATES);
    assertThat(written(disk.unified())).containsExactly("io.max = rbps=1048576 wbps=2 riops=3 wiops=4");
    assertThat(written(disk.legacy())).containsExactly("blkio.throttle.read_bps_device = 1048576",
        "blkio.throttle.write_bps_device = 2", "blkio.throttle.read_iops_device = 3", "blkio.throttle.write_iops_device = 4");
  }

  @Test
  void swapIsBesideMemoryInOneVersionAndTogetherWithItInTheOther() {
    var some = new Memory(64 << 20, 1 << 20);
    assertThat(written(some.unified())).containsExactly("memory.max = 67108864", "memory.swap.max = 1048576 if it is there");
    assertThat(written(some.legacy()))
        .containsExactly("memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 68157440");
    var any = new Memory(64 << 20, UNBOUNDED);
    assertThat(written(any.unified())).containsExactly("memory.max = 67108864");
    assertThat(written(any.legacy())).containsExactly("memory.limit_in_bytes = 67108864");
    var most = new Memory(64 << 20, Long.MAX_VALUE);
    assertThat(written(most.legacy()).getLast()).isEqualTo("memory.memsw.limit_in_bytes = " + Long.MAX_VALUE);
  }

  @Test
  void boundsThatTheKernelRefusesAreRefused() {
    assertThatThrownBy(() -> new Cpu(999)).hasMessageContaining("at least 1000, got 999");
    assertThatThrownBy(() -> new Memory(0, 0)).hasMessageContaining("at least 1, got 0");
    assertThatThrownBy(() -> new Memory(1, -2)).hasMessageContaining("at least -1, got -2");
    assertThatThrownBy(() -> new Pids(-1)).hasMessageContaining("at least 1, got -1");
    assertThatThrownBy(() -> new Rate(Rate.Kind.WBPS, 1)).hasMessageContaining("limit on wbps must be at least 2, got 1");
    assertThatThrownBy(() -> new Rate(Rate.Kind.RIOPS, 1L << 32)).hasMessageContaining("at most 4294967294");
    assertThatThrownBy(() -> new Disk("/", List.of())).hasMessage("no rate for /");
  }

  @Test
  void eachControllerIsLimitedOnceAndInOrderButDisksAreMany() {
    var memory = new Memory(1, 0);
    var pids = new Pids(1);
    var disk = new Disk("/", RATES);
    for (List<GroupLimit> limits : List.<List<GroupLimit>>of(List.of(pids, memory), List.of(pids, pids), List.of(disk, pids))) {
      assertThatThrownBy(() -> resources(limits)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(resources(List.of(memory, pids, disk, disk)).groupLimits()).hasSize(4);
  }

  private static Resources resources(List<GroupLimit> limits) {
    return new Resources(List.of(), limits, Optional.empty(), Optional.empty());
  }
}
