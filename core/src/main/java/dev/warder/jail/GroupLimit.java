package dev.warder.jail;

import java.util.ArrayList;
import java.util.List;

/// A limit on all processes of a jail together, kept by a control group.
public sealed interface GroupLimit {
  /// Stands for no bound where there could be one.
  long UNBOUNDED = -1;

  /// The kernel's default for `cpu.max`.
  int PERIOD_MICROS = 100_000;

  /// The kernel refuses less processor time than a millisecond a period.
  int MIN_CPU_MICROS = 1_000;

  /// What a control group can bound.
  enum Controller {
    MEMORY("memory", "memory"),
    PIDS("pids", "pids"),
    CPU("cpu", "cpu"),
    IO("io", "blkio");

    private final String title;
    private final String legacyTitle;

    Controller(String title, String legacyTitle) {
      this.title = title;
      this.legacyTitle = legacyTitle;
    }

    /// The kernel's name in cgroup v2.
    public String title() {
      return title;
    }

    /// The kernel's name in cgroup v1, and of the folder of its hierarchy.
    public String legacyTitle() {
      return legacyTitle;
    }
  }

  Controller controller();

  /// For messages.
  String noun();

  /// The files of cgroup v2, in the order they are written.
  ///
  /// Source: `Documentation/admin-guide/cgroup-v2.rst`, Linux 6.18.
  List<Setting> unified();

  /// The files of cgroup v1, in the order they are written.
  ///
  /// Source: `Documentation/admin-guide/cgroup-v1/memory.rst`, `pids.rst`, `blkio-controller.rst`,
  /// `Documentation/scheduler/sched-bwc.rst`.
  List<Setting> legacy();

  /// A file of a control group and what is written to it.
  ///
  /// @param optional whether a kernel without the file lacks what the file limits as well
  record Setting(String file, String text, boolean optional) {}

  /// @param byteSize of memory
  /// @param swapByteSize of swap beyond that, or [#UNBOUNDED]
  record Memory(long byteSize, long swapByteSize) implements GroupLimit {
    public Memory {
      atLeast(1, byteSize, "memory");
      atLeast(UNBOUNDED, swapByteSize, "swap");
    }

    @Override
    public Controller controller() {
      return Controller.MEMORY;
    }

    @Override
    public String noun() {
      return "memory";
    }

    /// A new group's swap is unbounded.
    @Override
    public List<Setting> unified() {
      Setting memory = setting("memory.max", byteSize);
      return swapByteSize == UNBOUNDED ? List.of(memory)
          : List.of(memory, new Setting("memory.swap.max", Long.toString(swapByteSize), true));
    }

    /// Swap cannot be bounded but with memory, nor their sum below memory. A sum beyond all numbers bounds nothing.
    @Override
    public List<Setting> legacy() {
      Setting memory = setting("memory.limit_in_bytes", byteSize);
      long both = swapByteSize > Long.MAX_VALUE - byteSize ? Long.MAX_VALUE : byteSize + swapByteSize;
      return swapByteSize == UNBOUNDED ? List.of(memory) : List.of(memory, setting("memory.memsw.limit_in_bytes", both));
    }
  }

  /// @param count of processes and threads
  record Pids(long count) implements GroupLimit {
    public Pids {
      atLeast(1, count, "the number of processes");
    }

    @Override
    public Controller controller() {
      return Controller.PIDS;
    }

    @Override
    public String noun() {
      return "the number of processes";
    }

    @Override
    public List<Setting> unified() {
      return List.of(setting("pids.max", count));
    }

    @Override
    public List<Setting> legacy() {
      return unified();
    }
  }

  /// @param micros of processor time in each [#PERIOD_MICROS]
  record Cpu(long micros) implements GroupLimit {
    public Cpu {
      atLeast(MIN_CPU_MICROS, micros, "processor time");
    }

    @Override
    public Controller controller() {
      return Controller.CPU;
    }

    @Override
    public String noun() {
      return "processor time";
    }

    @Override
    public List<Setting> unified() {
      return List.of(new Setting("cpu.max", micros + " " + PERIOD_MICROS, false));
    }

    @Override
    public List<Setting> legacy() {
      return List.of(setting("cpu.cfs_period_us", PERIOD_MICROS), setting("cpu.cfs_quota_us", micros));
    }
  }

  /// What a disk may do in a second. The text of a setting lacks the disk's number, known at start, which it begins with.
  ///
  /// @param path of a block device, or of a file or folder on it
  /// @param rates not more than one of a kind
  record Disk(String path, List<Rate> rates) implements GroupLimit {
    public Disk {
      rates = List.copyOf(rates);
      if (rates.isEmpty()) {
        throw new IllegalArgumentException("no rate for " + path);
      }
    }

    @Override
    public Controller controller() {
      return Controller.IO;
    }

    @Override
    public String noun() {
      return "traffic with the disk of " + path;
    }

    @Override
    public List<Setting> unified() {
      var text = new StringBuilder();
      for (Rate rate : rates) {
        text.append(text.isEmpty() ? "" : " ").append(rate.kind().key()).append('=').append(rate.perSecond());
      }
      return List.of(new Setting("io.max", text.toString(), false));
    }

    @Override
    public List<Setting> legacy() {
      var settings = new ArrayList<Setting>();
      for (Rate rate : rates) {
        settings.add(setting("blkio.throttle." + rate.kind().legacyName() + "_device", rate.perSecond()));
      }
      return settings;
    }
  }

  /// @param perSecond bytes or operations
  record Rate(Kind kind, long perSecond) {
    /// Linux takes 0 for no bound in v1, and refuses 1 in v2.
    public static final int LEAST = 2;

    /// More is no bound.
    public static final long MOST_OPERATIONS = 0xFFFF_FFFEL;

    public Rate {
      atLeast(LEAST, perSecond, kind.key());
      if (!kind.ofBytes() && perSecond > MOST_OPERATIONS) {
        throw new IllegalArgumentException(
            "limit on " + kind.key() + " must be at most " + MOST_OPERATIONS + ", got " + perSecond);
      }
    }

    /// In the kernel's words.
    public enum Kind {
      RBPS("read_bps"), WBPS("write_bps"), RIOPS("read_iops"), WIOPS("write_iops");

      private final String legacyName;

      Kind(String legacyName) {
        this.legacyName = legacyName;
      }

      /// In `io.max`.
      public String key() {
        return legacyName.substring(0, 1) + legacyName.substring(legacyName.indexOf('_') + 1);
      }

      String legacyName() {
        return legacyName;
      }

      public boolean ofBytes() {
        return legacyName.endsWith("bps");
      }
    }
  }

  private static Setting setting(String file, long amount) {
    return new Setting(file, Long.toString(amount), false);
  }

  private static void atLeast(long least, long amount, String noun) {
    if (amount < least) {
      throw new IllegalArgumentException("limit on " + noun + " must be at least " + least + ", got " + amount);
    }
  }
}
