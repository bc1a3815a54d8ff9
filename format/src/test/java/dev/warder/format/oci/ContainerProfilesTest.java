package dev.warder.format.oci;

import static dev.warder.format.Files.action;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.convert.Loss;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The profiles of Docker and Podman mean here what they mean there.
class ContainerProfilesTest {
  private static final Action EPERM = Action.fail(Errno.EPERM);
  private static final Set<Capability> NONE = Set.of();
  private static final Set<Capability> ADMIN = Set.of(Capability.CAP_SYS_ADMIN);

  @Test
  void dockerDecidesAsItsAuthorsSay() {
    Policy docker = Docker.profile();
    record Row(Set<Capability> kept, String call, long arg0, Action expected) {}
    for (Row row : List.of(
        new Row(NONE, "clone", 0x11, Action.ALLOW),
        new Row(NONE, "clone", 0x10000000, EPERM),
        new Row(NONE, "clone", 0x00020011, EPERM),
        new Row(NONE, "clone", 0x02000000, EPERM),
        new Row(ADMIN, "clone", 0x10000000, Action.ALLOW),
        new Row(NONE, "clone3", 0, Action.fail(Errno.ENOSYS)),
        new Row(ADMIN, "clone3", 0, Action.ALLOW),
        new Row(NONE, "personality", 0, Action.ALLOW),
        new Row(NONE, "personality", 8, Action.ALLOW),
        new Row(NONE, "personality", 0x20000, Action.ALLOW),
        new Row(NONE, "personality", 0x20008, Action.ALLOW),
        new Row(NONE, "personality", 0xFFFFFFFFL, Action.ALLOW),
        new Row(NONE, "personality", 0x40000, EPERM),
        new Row(NONE, "personality", 0x400000, EPERM),
        new Row(NONE, "socket", 2, Action.ALLOW),
        new Row(NONE, "socket", 16, Action.ALLOW),
        new Row(NONE, "socket", 38, EPERM),
        new Row(NONE, "socket", 39, Action.ALLOW),
        new Row(NONE, "socket", 40, EPERM),
        new Row(NONE, "socket", 41, Action.ALLOW),
        new Row(NONE, "socket", 38 + (1L << 32), EPERM),
        new Row(NONE, "ptrace", 16, Action.ALLOW),
        new Row(NONE, "bpf", 0, EPERM),
        new Row(Set.of(Capability.CAP_BPF), "bpf", 0, Action.ALLOW),
        new Row(NONE, "io_uring_setup", 0, EPERM),
        new Row(NONE, "mount", 0, EPERM),
        new Row(ADMIN, "mount", 0, Action.ALLOW),
        new Row(NONE, "open_by_handle_at", 0, EPERM),
        new Row(NONE, "arch_prctl", 0, Action.ALLOW))) {
      assertThat(action(docker, Arch.X86_64, row.kept(), row.call(), row.arg0())).as(row.toString())
          .isEqualTo(row.expected());
    }
    assertThat(action(docker, Arch.S390X, NONE, "clone", 0, 0x10000000)).isEqualTo(EPERM);
    assertThat(action(docker, Arch.S390X, NONE, "clone", 0x10000000, 0)).isEqualTo(Action.ALLOW);
    assertThat(docker.architectures().of(Arch.X86_64)).containsExactly(Arch.X86_64, Arch.X86, Arch.X32);
    assertThat(docker.architectures().of(Arch.PPC64LE)).containsExactly(Arch.PPC64LE);
  }

  @Test
  void dockerEqualsItsJson() throws IOException {
    PolicyFile docker = read("docker-default.json");
    assertThat(docker.losses()).extracting(loss -> loss.problem().code()).containsExactlyInAnyOrder(
        "argument-width", "argument-width", "host-dependent", "lost-architecture");
    compare(docker.policy(), "docker-default.json", Set.of("arch_prctl on x86"));
  }

  @Test
  void podmanEqualsItsJsonSaveForASetnsThatItAllowsAndDenies() throws IOException {
    PolicyFile podman = read("podman-default.json");
    List<Problem> conflicts =
        podman.losses().stream().map(Loss::problem).filter(loss -> loss.code().equals("conflicting-rules")).toList();
    assertThat(conflicts).singleElement().satisfies(loss -> assertThat(loss.what()).contains("setns"));
    compare(podman.policy(), "podman-default.json", Set.of("arch_prctl on x86", "setns"));
  }

  private static PolicyFile read(String name) throws IOException {
    try (InputStream in = Docker.class.getResourceAsStream(name)) {
      return PolicyFiles.read(name, in).orThrow();
    }
  }

  /// Every call of every host's ABIs under many capabilities and arguments.
  ///
  /// @param apart calls that differ on purpose
  private static void compare(Policy policy, String name, Set<String> apart) throws IOException {
    Map<String, Object> profile = json(name);
    long[] values = {0, 1, 8, 9, 16, 37, 38, 39, 40, 41, 0x11, 0x20000, 0x20008, 0x10000000, 0x7E020000, 0xFFFFFFFFL};
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (Arch host : List.of(Arch.X86_64, Arch.AARCH64, Arch.S390X, Arch.RISCV64, Arch.PPC64LE, Arch.MIPS64)) {
      for (Set<Capability> kept : capabilities(random)) {
        for (Arch abi : policy.architectures().of(host)) {
          var evaluator = new Evaluator(profile, host, abi, kept);
          Resolution resolution = policy.resolve(abi, kept);
          for (Map.Entry<Integer, String> call : Catalog.get().table(abi).names().entrySet()) {
            boolean skip = Set.of("socketcall", "ipc").contains(call.getValue())
                || apart.contains(call.getValue()) || apart.contains(call.getValue() + " on " + abi);
            for (int i = 0; i < values.length && !skip; i++) {
              long[] args = {values[i], values[(i + 3) % values.length], i % 2 == 0 ? 9 : 0, 0, 0, 0};
              Action ours = resolution.decide(call.getKey()).decide(args).action();
              Action theirs = evaluator.action(call.getValue(), args);
              if (!ours.equals(theirs)) {
                throw new AssertionError("seed " + seed + ": " + call.getValue() + List.of(args[0], args[1], args[2])
                    + " on " + abi + " keeping " + kept + ": " + ours + " instead of " + theirs);
              }
            }
          }
        }
      }
    }
  }

  private static List<Set<Capability>> capabilities(Random random) {
    var sets = new ArrayList<Set<Capability>>();
    sets.add(NONE);
    sets.add(EnumSet.allOf(Capability.class));
    sets.add(EnumSet.complementOf(EnumSet.of(Capability.CAP_SYS_ADMIN)));
    for (Capability capability : Capability.values()) {
      sets.add(EnumSet.of(capability));
    }
    for (int i = 0; i < 8; i++) {
      var some = EnumSet.noneOf(Capability.class);
      for (Capability capability : Capability.values()) {
        if (random.nextBoolean()) {
          some.add(capability);
        }
      }
      sets.add(some);
    }
    return sets;
  }

  /// What Docker and libseccomp make of a profile, read from their sources: rules are filtered by the host, those like
  /// the default are dropped, the first without tests wins, then the strictest of those that match.
  private static final class Evaluator {
    private static final List<String> ORDER = List.of("SCMP_ACT_KILL", "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW");
    private static final Map<Arch, String> GO = Map.of(
        Arch.X86_64, "amd64", Arch.AARCH64, "arm64", Arch.S390X, "s390x", Arch.RISCV64, "riscv64", Arch.PPC64LE,
        "ppc64le", Arch.MIPS64, "mips64");

    private final Map<String, List<Map<String, Object>>> rules = new LinkedHashMap<>();
    private final Action defaultAction;

    Evaluator(Map<String, Object> profile, Arch host, Arch abi, Set<Capability> kept) {
      this.defaultAction = action(profile.get("defaultAction"), profile.get("defaultErrnoRet"));
      for (Map<String, Object> rule : maps(profile.get("syscalls"))) {
        Map<String, Object> includes = map(rule.get("includes"));
        Map<String, Object> excludes = map(rule.get("excludes"));
        boolean applies = list(includes.get("caps")).stream().allMatch(cap -> holds(kept, cap))
            && list(excludes.get("caps")).stream().noneMatch(cap -> holds(kept, cap))
            && (list(includes.get("arches")).isEmpty() || list(includes.get("arches")).contains(GO.get(host)))
            && !list(excludes.get("arches")).contains(GO.get(host));
        if (applies && !action(rule).equals(defaultAction)) {
          list(rule.get("names")).forEach(name -> add((String) name, abi, rule));
        }
      }
    }

    private static boolean holds(Set<Capability> kept, Object name) {
      return kept.contains(Capability.valueOf((String) name));
    }

    /// A second name of a call (`sync_file_range2` on arm) is that call.
    private void add(String name, Arch abi, Map<String, Object> rule) {
      OptionalInt number = Catalog.get().table(abi).number(name);
      if (number.isPresent()) {
        String call = Catalog.get().table(abi).name(number.getAsInt()).orElseThrow();
        rules.computeIfAbsent(call, _ -> new ArrayList<>()).add(rule);
      }
    }

    Action action(String call, long[] args) {
      List<Map<String, Object>> candidates = rules.getOrDefault(call, List.of());
      for (Map<String, Object> rule : candidates) {
        if (list(rule.get("args")).isEmpty()) {
          return action(rule);
        }
      }
      return candidates.stream()
          .filter(rule -> maps(rule.get("args")).stream().allMatch(test -> holds(test, args)))
          .min(Comparator.comparingInt(rule -> ORDER.indexOf(rule.get("action"))))
          .map(Evaluator::action)
          .orElse(defaultAction);
    }

    private static boolean holds(Map<String, Object> test, long[] args) {
      long arg = args[((Long) test.get("index")).intValue()];
      long value = (Long) test.get("value");
      return switch ((String) test.get("op")) {
        case "SCMP_CMP_EQ" -> arg == value;
        case "SCMP_CMP_NE" -> arg != value;
        case "SCMP_CMP_LT" -> arg < value;
        case "SCMP_CMP_GT" -> arg > value;
        case "SCMP_CMP_MASKED_EQ" -> (arg & value) == (Long) test.getOrDefault("valueTwo", 0L);
        default -> throw new AssertionError(test);
      };
    }

    private static Action action(Map<String, Object> rule) {
      return action(rule.get("action"), rule.get("errnoRet"));
    }

    private static Action action(Object name, Object errno) {
      return switch ((String) name) {
        case "SCMP_ACT_ALLOW" -> Action.ALLOW;
        case "SCMP_ACT_ERRNO" ->
            Action.fail(Errno.of(errno == null ? 1 : ((Long) errno).intValue()).orElseThrow());
        default -> throw new AssertionError(name);
      };
    }
  }

  private static List<?> list(Object value) {
    return value == null ? List.of() : (List<?>) value;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  private static List<Map<String, Object>> maps(Object value) {
    return list(value).stream().map(ContainerProfilesTest::map).toList();
  }

  private static Map<String, Object> json(String name) throws IOException {
    try (InputStream in = Docker.class.getResourceAsStream(name);
        JsonParser parser = new JsonFactory().createParser(in)) {
      parser.nextToken();
      return map(value(parser));
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var map = new LinkedHashMap<String, Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          map.put(key, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        var list = new ArrayList<Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }
}
