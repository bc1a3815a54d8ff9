package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What container managers cover in `/proc` cannot be opened, and what they make read-only cannot be written: the kernel is
/// asked, path by path, in jails of all kinds.
class ProcIT {
  /// Their lists: runc's and Docker's, podman's, systemd-nspawn's.
  private static final String COVERED = "acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats";
  private static final String READ_ONLY = "bus fs irq sys sysrq-trigger";

  /// Says what can be opened of the first list and opened for writing of both, and how many paths it tried.
  private static final String TRY = """
      cd /proc
      { for path in %s; do
          [ ! -e $path ] || echo tried
          if [ -d $path ]; then ls $path > /tmp/list && echo "listed: $path"
          elif [ -e $path ]; then true < $path && echo "read: $path"; true >> $path && echo "written: $path"; fi
        done
        find %s -type f > /tmp/files
        while read -r file; do echo tried; true >> $file && echo "written: $file"; done < /tmp/files
      } 2> /dev/null | sort | uniq -c | sed 's/^ *//'
      """.formatted(COVERED, READ_ONLY);

  private static List<String> everyCapability() {
    var words = new ArrayList<String>();
    for (Capability capability : Capability.values()) {
      words.addAll(List.of("--capability", capability.name()));
    }
    return words;
  }

  private static Caller.Result run(Caller caller, List<String> options, String script) {
    var words = new ArrayList<>(options);
    words.addAll(List.of("--", "/bin/sh", "-c", script));
    return caller.run(words.toArray(String[]::new));
  }

  private static void assertNothingIsOpen(Caller caller, List<String> options) {
    var jail = run(caller, options, TRY);
    assertThat(jail.lines()).as(options + jail.err()).singleElement().asString().matches("[0-9]{3,} tried");
  }

  @ForEachCaller
  void whatContainerManagersGuardIsGuarded(Caller caller) throws IOException {
    Path root = Program.folder("root");
    for (String link : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    assertNothingIsOpen(caller, List.of());
    assertNothingIsOpen(caller, List.of("--landlock", "off"));
    assertNothingIsOpen(caller, List.of("--network", "host", "--capability", "CAP_NET_ADMIN"));
    assertNothingIsOpen(caller, List.of("-D", root.toString(), "--bind-ro", "/usr"));
    if (caller.isRoot()) {
      assertNothingIsOpen(caller, List.of("--private-users=200000:65536", "-u", "0:0"));
      assertNothingIsOpen(caller, List.of("--private-users=no"));
      assertNothingIsOpen(caller, List.of("--private-users=no", "-u", "0:0"));
    }
  }

  /// Of what all capabilities over the jail's own namespaces open, only the settings of its network stay.
  @ForEachCaller
  void capabilitiesOpenTheSettingsOfAnOwnNetworkAlone(Caller caller) {
    var jail = run(caller, everyCapability(), TRY);
    var written = jail.lines().stream().filter(line -> !line.endsWith(" tried")).toList();
    assertThat(written).as(jail.err()).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("1 written: sys/net/"));
    var forwards = run(caller, List.of("--capability", "CAP_NET_ADMIN"),
        "cd /proc/sys; echo 1 > net/ipv4/ip_forward; cat net/ipv4/ip_forward; umount -l /proc/sys || umount -l /proc/keys");
    assertThat(forwards.out()).as(forwards.err()).isEqualTo("1\n");
    assertThat(forwards.status()).isNotZero();
  }

  /// Else the tests above would say nothing.
  @Test
  void outsideItIsOpen() {
    Caller self = Caller.self();
    assertThat(self.sh("head -c 1 /proc/interrupts && ls /proc/sys/kernel/core_pattern").status()).isZero();
    if (self.isRoot()) {
      assertThat(self.sh("true >> /proc/sys/kernel/core_pattern").status()).isZero();
    }
  }

  @ForEachCaller
  void theOwnProcessesFilesAndWhatProgramsAskForStay(Caller caller) {
    var jail = caller.run("sh", "-c", """
        cd /proc; echo renamed > self/comm; cat self/comm; echo 500 > self/oom_score_adj; cat self/oom_score_adj
        cat cpuinfo meminfo stat uptime loadavg version filesystems vmstat sys/kernel/osrelease sys/vm/overcommit_memory \\
          sys/kernel/random/uuid pressure/cpu self/status self/mountinfo > /tmp/read && echo readable""");
    assertThat(jail.lines()).as(jail.err()).endsWith("500", "readable").hasSize(3);
  }
}
