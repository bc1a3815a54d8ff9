package dev.warder.bench;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Verifier;
import dev.warder.format.PolicyFiles;
import dev.warder.format.ShippedProfiles;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the stages from a policy to its proved filter take in a warm JVM, in microseconds.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CompilerBenchmark {
  private static final Set<Capability> NONE = Set.of();

  @Param({"docker", "capejail", "nspawn", "default"})
  public String profile;

  /// One architecture, or x86_64 with x86 and x32.
  @Param({"1", "3"})
  public int architectures;

  private byte[] docker;
  private Policy policy;
  private List<Resolution> resolutions;
  private Filter filter;

  @Setup
  public void ready() throws IOException {
    try (var in = ShippedProfiles.class.getResourceAsStream("oci/docker-default.json")) {
      docker = in.readAllBytes();
    }
    policy = ShippedProfiles.named(profile).orElseThrow();
    resolutions = resolve();
    filter = compile();
  }

  /// Names to decisions.
  @Benchmark
  public List<Resolution> resolve() {
    var all = new ArrayList<Resolution>();
    for (Arch arch : Arch.X86_64.family().subList(0, architectures)) {
      all.add(policy.resolve(arch, NONE));
    }
    return all;
  }

  /// Decisions to a filter, its proof included.
  @Benchmark
  public Filter compile() {
    return FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
  }

  /// The proof alone.
  @Benchmark
  public List<Verifier.Difference> verify() {
    return Verifier.verify(filter, resolutions, Action.KILL_PROCESS);
  }

  /// Docker's file to a policy, whichever profile is measured.
  @Benchmark
  public Object readDocker() {
    return PolicyFiles.read("docker-default.json", docker);
  }
}
