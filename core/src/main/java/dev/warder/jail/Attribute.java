package dev.warder.jail;

import java.util.List;

/// A property that a process leaves to its children.
public sealed interface Attribute {
  /// The setting in a few words that complete "cannot …".
  String what();

  /// @param value absolute, from -20, the most favourable, to 19
  record Nice(int value) implements Attribute {
    public Nice {
      check("nice value", value, -20, 19);
    }

    @Override
    public String what() {
      return "set the nice value to " + value;
    }
  }

  /// How gladly the kernel ends a process when memory runs out.
  ///
  /// @param value from -1000, never, to 1000
  record OomScore(int value) implements Attribute {
    public OomScore {
      check("OOM score adjustment", value, -1000, 1000);
    }

    @Override
    public String what() {
      return "set the OOM score adjustment to " + value;
    }
  }

  /// @param mask a bit a processor, 64 an element; at least one is set
  record CpuAffinity(List<Long> mask) implements Attribute {
    public CpuAffinity {
      mask = List.copyOf(mask);
    }

    @Override
    public String what() {
      return "choose the processors";
    }
  }

  /// @param persona as in personality(2)
  record Personality(long persona) implements Attribute {
    /// `uname -m` tells the 32-bit machine.
    public static final long PER_LINUX32 = 8;

    @Override
    public String what() {
      return "set the personality";
    }
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(what + " must be " + least + " to " + most + ", got " + value);
    }
  }
}
