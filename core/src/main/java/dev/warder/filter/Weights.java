package dev.warder.filter;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Policy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// How often a filter is expected to meet a call, which decides whose path through the tree is short.
///
/// A call that is allowed whatever its arguments is answered by the kernel's bitmap: the filter sees it once, when it
/// is installed, so it weighs [#INSTALL]; the kernel has none for x32, whose allowed calls weigh as much as denied ones.
/// A call that is denied weighs [#DENIED]. A call whose arguments are checked runs the filter each time it is made: it
/// weighs twice to eight times as much, by how often programs make it. So does a denied one where it is known how often
/// the policy's own program makes it.
///
/// Why eight: up to there the path of a hot call gets shorter at no price for the others; at sixteen the mean over the
/// denied calls of Docker's profile is 5 % longer, at 128 it is 19 %.
public final class Weights {
  static final int INSTALL = 1;
  static final int DENIED = 64;
  private static final long INSTRUCTION = 16 * DENIED;
  private static final int RARE = 2;
  private static final int HOT = 8;
  /// All x32 numbers together, where a policy serves them: as a call that is made rarely. At twice that they have one
  /// instruction less to go, for some 1 % more of the calls of x86_64.
  static final int X32 = RARE * DENIED;
  /// All shares together.
  private static final int WHOLE = 10_000;

  private final Map<Long, Integer> shares;
  /// Whether the shares are those of the policy's own program, which goes on making calls that are denied.
  private final boolean own;
  private long instruction = INSTRUCTION;

  private Weights(Map<Long, Integer> shares, boolean own) {
    this.shares = new HashMap<>(shares);
    this.own = own;
  }

  /// Every checked call counts as rare.
  public static Weights uniform() {
    return new Weights(Map.of(), false);
  }

  /// What programs usually do: `weights.tsv`, measured.
  public static Weights usual() {
    return new Weights(Usual.WEIGHTS.shares, false);
  }

  /// What the policy's own program does, as far as the policy tells; else what programs usually do.
  ///
  /// @param policy its [Policy#frequencies] count
  /// @param architectures that the filter is for
  public static Weights of(Policy policy, List<Arch> architectures) {
    long total = 0;
    for (long frequency : policy.frequencies().values()) {
      total += frequency;
    }
    if (total == 0) {
      return usual();
    }
    var weights = new Weights(Map.of(), true);
    for (Map.Entry<String, Long> frequency : policy.frequencies().entrySet()) {
      int share = (int) (WHOLE * frequency.getValue() / total);
      for (Arch arch : architectures) {
        OptionalInt number = Catalog.get().table(arch).number(frequency.getKey());
        if (number.isPresent()) {
          weights.add(arch, number.getAsInt(), share);
        }
      }
    }
    return weights;
  }

  /// Read once.
  private static final class Usual {
    static final Weights WEIGHTS = read();
  }

  private static Weights read() {
    var weights = uniform();
    try (var in = new BufferedReader(new InputStreamReader(
        Weights.class.getResourceAsStream("weights.tsv"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.startsWith("#") && !line.startsWith("call\t")) {
          weights.addRow(line.split("\t"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return weights;
  }

  private void addRow(String[] row) {
    int share = Integer.parseInt(row[1]);
    add(Arch.X86_64, row[2], share);
    add(Arch.X86, row[3], share);
    add(Arch.X32, row[4], share);
    add(Arch.AARCH64, row[5], share);
    add(Arch.RISCV64, row[5], share);
    add(Arch.LOONGARCH64, row[5], share);
  }

  private void add(Arch arch, String number, int share) {
    if (!number.equals("-")) {
      add(arch, Integer.parseInt(number), share);
    }
  }

  /// Counts a call as made `share` times in 10,000.
  ///
  /// @param number as in `seccomp_data.nr`
  /// @throws IllegalArgumentException if the share is not 0 to 10,000
  public Weights add(Arch arch, int number, int share) {
    if (share < 0 || share > WHOLE) {
      throw new IllegalArgumentException("a share is 0 to 10000, got " + share);
    }
    shares.put(key(arch, number), share);
    return this;
  }

  /// Weighs an instruction of the program as this many executed for a denied call: more of it makes a filter shorter and
  /// its paths longer.
  Weights instruction(double denied) {
    instruction = Math.round(denied * DENIED);
    return this;
  }

  /// What an instruction of the program costs: the kernel checks and translates each at every launch.
  long instruction() {
    return instruction;
  }

  /// The weight of a call that is allowed whatever its arguments.
  int allowed(Arch arch) {
    return arch == Arch.X32 ? DENIED : INSTALL;
  }

  /// The weight of a call that is denied whatever its arguments.
  int denied(Arch arch, int number) {
    return own ? DENIED * Math.min(HOT, 1 + share(arch, number) / 10) : DENIED;
  }

  /// The weight of a call whose arguments are checked.
  int checked(Arch arch, int number) {
    return DENIED * Math.min(HOT, RARE + share(arch, number) / 10);
  }

  /// How many of 10,000 calls are this one.
  int share(Arch arch, int number) {
    return shares.getOrDefault(key(arch, number), 0);
  }

  private static long key(Arch arch, int number) {
    return (long) arch.ordinal() << 32 | Bits.unsigned(number);
  }
}
