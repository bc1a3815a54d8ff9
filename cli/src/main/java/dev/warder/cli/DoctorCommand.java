package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.host.Diagnosis;
import dev.warder.host.Finding;
import dev.warder.host.Host;
import dev.warder.host.Trial;
import dev.warder.host.Trials;
import dev.warder.image.CallProbe;
import dev.warder.image.ImageWriter;
import dev.warder.jail.Planner;
import dev.warder.policy.Visible;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.Options;

/// `warder doctor`: what this kernel and host offer, what is missing, and the command that enables it.
final class DoctorCommand {
  private static final String INDENT = " ".repeat(20);
  private static final long LANDLOCK_CREATE_RULESET_VERSION = 1;

  private final Host host;
  private final Path cache;
  private final List<Path> folders;

  private DoctorCommand(Host host) {
    this.host = host;
    this.cache = cache(host.uid(), System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
    this.folders = List.of(Path.of(System.getProperty("java.io.tmpdir")), cache);
  }

  static int run(List<String> words) throws CommandException {
    List<String> rest = Arguments.parse(new Options(), words).rest();
    if (!rest.isEmpty()) {
      throw new CommandException("doctor takes no arguments, got '" + rest.getFirst() + "'");
    }
    try {
      var doctor = new DoctorCommand(Host.here());
      Trials trials = doctor.trials();
      var diagnosis = new Diagnosis(trials, doctor.x32(), doctor.landlock(), doctor.cache);
      System.out.print(text(diagnosis.of(doctor.host)));
      return trials.jail().passed() ? Status.OK : Status.NO;
    } catch (IOException e) {
      throw new CommandException("cannot tell who calls: " + e.getMessage() + "; is /proc mounted?");
    }
  }

  /// As the front script finds it.
  static Path cache(int uid, String cacheHome, String home) {
    if (uid == 0) {
      return Path.of("/var/cache/warder");
    }
    return cacheHome != null && !cacheHome.isEmpty() ? Path.of(cacheHome, "warder").toAbsolutePath()
        : Path.of(home, ".cache", "warder").toAbsolutePath();
  }

  private Trials trials() throws CommandException, IOException {
    Trial jail = trial();
    if (!jail.passed()) {
      return Trials.none(jail);
    }
    return new Trials(jail, ranges(), overlay(), trial("--monotonic=1h"));
  }

  private Trial ranges() {
    try {
      return trial(host.uid() == 0 ? "--private-users=100000:65536" : "--private-users=pick");
    } catch (CommandException e) {
      int end = e.getMessage().lastIndexOf("; ");
      return new Trial(Status.NO_JAIL, end < 0 ? e.getMessage() : e.getMessage().substring(0, end),
          end < 0 ? "" : e.getMessage().substring(end + 2));
    }
  }

  private Trial overlay() throws CommandException, IOException {
    Path layer = Files.createTempDirectory("warder");
    try {
      return trial("--overlay=" + layer + "::/overlay");
    } finally {
      Files.delete(layer);
    }
  }

  private Trial trial(String... options) throws CommandException {
    Arguments arguments = Arguments.parse(JailOptions.all(), List.of(options));
    var plan = Planner.plan(JailOptions.spec(arguments, List.of("/bin/sh", "-c", ":")));
    return Trial.of(ImageWriter.write(plan, Catalog.get().table(Arch.X86_64)), folders);
  }

  private Trial x32() {
    return Trial.of(CallProbe.write(Catalog.get().table(Arch.X32), "exit_group", 0), folders);
  }

  private Trial landlock() {
    return Trial.of(CallProbe.write(Catalog.get().table(Arch.X86_64), "landlock_create_ruleset", 0, 0,
        LANDLOCK_CREATE_RULESET_VERSION), folders);
  }

  static String text(List<Finding> findings) {
    var out = new StringBuilder();
    for (Finding finding : findings) {
      out.append(finding.state().mark()).repeat(" ", 4 - finding.state().mark().length());
      out.append(finding.name()).repeat(" ", INDENT.length() - 4 - finding.name().length());
      out.append(Paragraph.of(INDENT, Visible.of(finding.detail())).stripLeading());
      if (!finding.remedy().isEmpty()) {
        out.append("    fix: ").append(Visible.of(finding.remedy().replace("; ", "\n         "))).append('\n');
      }
    }
    return out.toString();
  }
}
