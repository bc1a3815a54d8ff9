package dev.warder.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the kernel itself offers.
final class KernelFindings {
  /// The floor: the mount calls by file, `mount_setattr`, `close_range`, `openat2`, `user.max_*` of all namespaces.
  private static final int[] FLOOR = {5, 14};

  /// `SECCOMP_CACHE_ALLOW`: calls that are allowed whatever their arguments are answered without running the filter.
  private static final int[] BITMAP = {5, 11};

  private static final List<String> ACTIONS = List.of("kill_process", "kill_thread", "trap", "errno", "user_notif", "trace",
      "log", "allow");

  /// As an exit status; lower ones are no errors.
  private static final int FIRST_ERROR = 128;

  /// The first version of Landlock that lets files be renamed from folder to folder, without which no rules are made.
  private static final int RENAMES_ABI = 2;

  /// The version of Landlock that can cut off abstract sockets.
  private static final int SCOPES_ABI = 6;

  private final Host host;
  private final String release;

  KernelFindings(Host host) {
    this.host = host;
    this.release = host.setting("/proc/sys/kernel/osrelease").orElse("0");
  }

  /// @param machine as `os.arch` names it
  Finding version(String machine) {
    String found = release + " on " + machine;
    if (!machine.equals("amd64")) {
      return Finding.missing("kernel", found, "images are made for x86-64 only; compile, eval and check work here too");
    }
    return isFrom(FLOOR) ? Finding.ok("kernel", found + "; the floor is 5.14")
        : Finding.missing("kernel", found + " is too old", "boot Linux 5.14 or newer");
  }

  private boolean isFrom(int[] version) {
    String[] numbers = release.split("[^0-9]+");
    for (int i = 0; i < version.length; i++) {
      int number = i < numbers.length && !numbers[i].isEmpty() ? Integer.parseInt(numbers[i]) : 0;
      if (number != version[i]) {
        return number > version[i];
      }
    }
    return true;
  }

  Finding seccomp() {
    Optional<String> actions = host.setting("/proc/sys/kernel/seccomp/actions_avail");
    if (actions.isEmpty()) {
      return Finding.missing("seccomp", "no filters", "boot a kernel with CONFIG_SECCOMP_FILTER");
    }
    var lacking = new ArrayList<>(ACTIONS);
    lacking.removeAll(List.of(actions.get().split(" ")));
    return Finding.ok("seccomp", (lacking.isEmpty() ? "all actions" : "no action " + String.join(", ", lacking))
        + (isFrom(BITMAP) ? "; what is always allowed runs no filter" : "; each call runs the filter (until 5.11)"));
  }

  /// Only how fast a filter is depends on it.
  Finding compiler() {
    return switch (host.setting("/proc/sys/net/core/bpf_jit_enable").orElse("")) {
      case "0" -> new Finding(Finding.State.NOTE, "filter JIT", "off: filters are interpreted",
          "as root: sysctl -w net.core.bpf_jit_enable=1");
      case "" -> Finding.note("filter JIT", "not told in this network namespace");
      default -> Finding.ok("filter JIT", "on");
    };
  }

  /// Programs of these ABIs run here, and filters have to know them.
  ///
  /// @param x32 whether a call by its number was answered
  Finding abis(boolean x32) {
    boolean x86 = host.has("/proc/sys/abi/vsyscall32");
    return Finding.note("other ABIs", "x86 " + (x86 ? "served" : "not built in") + ", x32 " + (x32 ? "served" : "not served")
        + "; profiles cover both");
  }

  /// @param version what landlock_create_ruleset(2) answered, as an exit status
  Finding landlock(int version) {
    boolean on = version > 0 && version < FIRST_ERROR;
    String found = on ? "ABI " + version : "off";
    if (on && version >= SCOPES_ABI) {
      return Finding.ok("Landlock", found + ": a second wall for files, and with --network host for abstract sockets");
    }
    return Finding.missing("Landlock", found + (on && version >= RENAMES_ABI ? ": a second wall for files, but " : ": no second wall for files; ")
        + "--network host leaves the host's abstract sockets in reach",
        on ? "boot Linux 6.12 or newer" : "boot with landlock added to lsm= on the kernel's command line, see "
            + "/sys/kernel/security/lsm");
  }
}
