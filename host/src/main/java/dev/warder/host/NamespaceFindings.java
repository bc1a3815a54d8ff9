package dev.warder.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Settings, security modules and containers that stand in the way of namespaces.
///
/// Such a setting may have exceptions, so it counts as missing only where a jail could not be made.
final class NamespaceFindings {
  private static final List<String> KINDS = List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup");
  /// Covers of `/proc` that are named; container engines have a dozen.
  private static final int FEW = 3;
  private static final String KEEP = "; to keep it, put that into /etc/sysctl.d/60-warder.conf";

  private final Host host;
  private final boolean jailMade;

  NamespaceFindings(Host host, boolean jailMade) {
    this.host = host;
    this.jailMade = jailMade;
  }

  /// Root too makes a jail as an ordinary user, so what is refused to those is refused to it.
  Finding kinds() {
    var absent = new ArrayList<>(KINDS);
    absent.removeIf(kind -> host.has("/proc/self/ns/" + kind));
    if (!absent.isEmpty()) {
      return Finding.missing("namespaces", "this kernel has none of: " + String.join(" ", absent),
          "boot a kernel with CONFIG_USER_NS and the other kinds of namespace");
    }
    Map<String, String> obstacles = obstacles();
    if (!obstacles.isEmpty() && !jailMade) {
      return Finding.missing("namespaces", "refused by " + String.join(", ", obstacles.keySet()),
          "as root: sysctl -w " + String.join(" ", obstacles.values()) + KEEP + without(obstacles));
    }
    String found = obstacles.isEmpty() ? "no setting refuses them" : "made in spite of " + String.join(", ", obstacles.keySet());
    String most = host.setting("/proc/sys/user/max_user_namespaces").orElse("?");
    return new Finding(jailMade ? Finding.State.OK : Finding.State.NOTE, "namespaces",
        String.join(" ", KINDS) + "; " + found + "; at most " + most, "");
  }

  /// Root can do without a user namespace, where nothing else is in the way.
  private String without(Map<String, String> obstacles) {
    boolean userAlone = obstacles.keySet().stream().allMatch(name -> name.contains("userns") || name.contains(".max_user_"));
    return host.isRoot() && userAlone ? "; or as root run without a user namespace: --private-users=no" : "";
  }

  /// What is set, and what to set instead.
  private Map<String, String> obstacles() {
    var obstacles = new LinkedHashMap<String, String>();
    obstacle(obstacles, "kernel.unprivileged_userns_clone", "0", "1");
    obstacle(obstacles, "kernel.apparmor_restrict_unprivileged_userns", "1", "0");
    for (String kind : KINDS) {
      obstacle(obstacles, "user.max_" + kind + "_namespaces", "0", "65536");
    }
    return obstacles;
  }

  private void obstacle(Map<String, String> obstacles, String name, String bad, String good) {
    if (host.setting("/proc/sys/" + name.replace('.', '/')).orElse("").equals(bad)) {
      obstacles.put(name + "=" + bad, name + "=" + good);
    }
  }

  Finding proc() {
    List<String> covers = MountTable.of(host).coversOfProc();
    if (covers.isEmpty()) {
      return Finding.ok("/proc", "nothing covers the host's, so a jail may have its own");
    }
    boolean few = covers.size() <= FEW;
    String some = String.join(" ", few ? covers : covers.subList(0, FEW)) + (few ? "" : " …");
    return jailMade ? Finding.ok("/proc", "a jail can have its own in spite of " + some)
        : Finding.missing("/proc", "in part covered (" + some + "), so no jail may have its own",
            (few ? "as root: umount " + some + "; or " : "") + "start the container with docker run "
                + "--security-opt systempaths=unconfined; or with podman run --security-opt unmask=ALL");
  }

  /// What is around this process: a chroot, a filter, an AppArmor profile.
  Finding surroundings() {
    var around = new ArrayList<String>();
    var remedies = new ArrayList<String>();
    if (MountTable.of(host).isChroot()) {
      around.add("a chroot, in which the kernel makes no user namespace");
      remedies.add("leave the chroot, or enter that folder by systemd-nspawn -D or unshare with pivot_root");
    }
    if (host.status("Seccomp").equals("2")) {
      around.add("a seccomp filter");
      remedies.add("start the container with docker or podman run --security-opt seccomp=unconfined");
    }
    String profile = profile();
    if (!profile.isEmpty() && !profile.startsWith("unconfined")) {
      around.add("AppArmor profile " + profile);
      remedies.add("start the container with docker or podman run --security-opt apparmor=unconfined");
    }
    if (around.isEmpty()) {
      return Finding.ok("surroundings", "no filter, no chroot" + (profile.isEmpty() ? ", no AppArmor" : "; AppArmor: unconfined"));
    }
    String found = "this process is in " + String.join(", ", around);
    return jailMade ? Finding.ok("surroundings", found + ", which let a jail be made")
        : Finding.missing("surroundings", found, String.join("; ", remedies));
  }

  /// Empty without AppArmor.
  private String profile() {
    return host.setting("/sys/module/apparmor/parameters/enabled").orElse("N").equals("Y")
        ? host.setting("/proc/self/attr/current").orElse("") : "";
  }
}
