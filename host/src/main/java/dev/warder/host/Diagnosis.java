package dev.warder.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What this kernel and host offer, and what helps where something is missing. Nothing is changed.
///
/// @param trials jails that were tried
/// @param x32 how a program that ends by a call of x32 ended
/// @param landlock how a program that asks for the version of Landlock ended
/// @param cache where `warder run` keeps images
public record Diagnosis(Trials trials, Trial x32, Trial landlock, Path cache) {
  /// All findings, the jail first.
  public List<Finding> of(Host host) {
    var kernel = new KernelFindings(host);
    var namespaces = new NamespaceFindings(host, trials.jail().passed());
    var others = new HostFindings(host);
    var causes = List.of(
        kernel.version(System.getProperty("os.arch")),
        namespaces.kinds(),
        namespaces.proc(),
        namespaces.surroundings(),
        kernel.seccomp());
    var all = new ArrayList<Finding>();
    all.add(jail(causes));
    all.addAll(causes);
    all.add(kernel.compiler());
    all.add(others.cache(cache));
    all.add(new GroupFinding(host, ProcessHandle.current().pid()).find());
    all.add(others.ranges(trials));
    all.add(others.userNetworks());
    all.add(trials.finding(trials.overlay(), "overlays", "--overlay and --volatile work", ""));
    all.add(trials.finding(trials.clocks(), "clocks", "--monotonic and --boottime work", ""));
    all.add(others.terminals());
    all.add(kernel.abis(x32.passed()));
    all.add(kernel.landlock(landlock.status()));
    all.add(Finding.ok("Java", System.getProperty("java.version") + " in " + System.getProperty("java.home")));
    return all;
  }

  /// The image's own remedy covers all that may be the cause, so it is told only where none was found.
  private Finding jail(List<Finding> causes) {
    Trial jail = trials.jail();
    if (jail.passed()) {
      return Finding.ok("default jail", "made one: warder run works here");
    }
    boolean explained = causes.stream().anyMatch(cause -> cause.state() == Finding.State.MISSING);
    return Finding.missing("default jail", jail.why(), explained ? "" : jail.remedy());
  }
}
