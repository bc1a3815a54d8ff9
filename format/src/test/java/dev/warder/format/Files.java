package dev.warder.format;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.format.convert.Loss;
import dev.warder.policy.Action;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Reads texts as files, and asks policies.
public final class Files {
  private Files() {}

  public static Parsed<PolicyFile> read(String name, String text) {
    return PolicyFiles.read(name, text.getBytes(StandardCharsets.UTF_8));
  }

  public static Policy policy(String text) {
    return read("test", text).orThrow().policy();
  }

  /// Problems as `code line:column`.
  public static List<String> problems(String text) {
    return read("test", text).problems().stream().map(Files::brief).toList();
  }

  public static List<String> losses(String text) {
    return read("test", text).orThrow().losses().stream().map(Loss::problem).map(Files::brief).toList();
  }

  private static String brief(Problem problem) {
    return problem.code() + " " + problem.where().line() + ":" + problem.where().column();
  }

  public static Action action(Policy policy, Arch arch, Set<Capability> kept, String call, long... args) {
    int number = Catalog.get().table(arch).number(call).orElseThrow();
    return policy.resolve(arch, kept).decide(number).decide(Arrays.copyOf(args, 6)).action();
  }

  public static Action action(Policy policy, String call, long... args) {
    return action(policy, Arch.X86_64, Set.of(), call, args);
  }
}
