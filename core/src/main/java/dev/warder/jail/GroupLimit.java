package dev.warder.jail;

import java.util.List;

/// A limit on all processes of a jail together, kept by a control group.
///
/// @param amount bytes of memory, a number of tasks, or microseconds of processor time in each [#PERIOD_MICROS]
public record GroupLimit(Controller controller, long amount) {
  /// The kernel's default for `cpu.max`.
  public static final int PERIOD_MICROS = 100_000;

  /// The kernel refuses less processor time than a millisecond a period.
  public static final int MIN_CPU_MICROS = 1_000;

  public GroupLimit {
    long least = controller == Controller.CPU ? MIN_CPU_MICROS : 1;
    if (amount < least) {
      throw new IllegalArgumentException("limit on " + controller.noun() + " must be at least " + least + ", got " + amount);
    }
  }

  /// What a control group can bound.
  public enum Controller {
    MEMORY("memory", "memory"),
    PIDS("pids", "the number of processes"),
    CPU("cpu", "processor time");

    private final String title;
    private final String noun;

    Controller(String title, String noun) {
      this.title = title;
      this.noun = noun;
    }

    /// The kernel's name.
    public String title() {
      return title;
    }

    /// For messages.
    public String noun() {
      return noun;
    }
  }

  /// A file of a control group and what is written to it.
  ///
  /// @param optional whether a kernel without the file lacks what the file limits as well
  public record Setting(String file, String text, boolean optional) {}

  /// The files of cgroup v2, in the order they are written. Memory is all the jail has: none of it may go to swap.
  ///
  /// Source: `Documentation/admin-guide/cgroup-v2.rst`, Linux 6.18.
  public List<Setting> unified() {
    return switch (controller) {
      case MEMORY -> List.of(setting("memory.max", amount), new Setting("memory.swap.max", "0", true));
      case PIDS -> List.of(setting("pids.max", amount));
      case CPU -> List.of(new Setting("cpu.max", amount + " " + PERIOD_MICROS, false));
    };
  }

  /// The files of cgroup v1, in the order they are written: memory with swap cannot be bounded below memory alone.
  ///
  /// Source: `Documentation/admin-guide/cgroup-v1/memory.rst`, `pids.rst`, `Documentation/scheduler/sched-bwc.rst`.
  public List<Setting> legacy() {
    return switch (controller) {
      case MEMORY -> List.of(setting("memory.limit_in_bytes", amount), setting("memory.memsw.limit_in_bytes", amount));
      case PIDS -> List.of(setting("pids.max", amount));
      case CPU -> List.of(setting("cpu.cfs_period_us", PERIOD_MICROS), setting("cpu.cfs_quota_us", amount));
    };
  }

  private static Setting setting(String file, long amount) {
    return new Setting(file, Long.toString(amount), false);
  }
}
