package dev.warder.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The control groups of this machine, as the tests find them by themselves.
final class ControlGroups {
  static final Path TOP = Path.of("/sys/fs/cgroup");
  static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu");

  private ControlGroups() {}

  static boolean isUnified() {
    return Files.exists(TOP.resolve("cgroup.controllers"));
  }

  /// Skips the test, and says so, where this process may make no group, or cgroup v2 would refuse to divide its own.
  static void need() {
    String why = isUnified() ? unifiedTrouble() : legacyTrouble();
    Tools.skipUnless(why == null, why);
  }

  private static String unifiedTrouble() {
    Path own = own("");
    String handedDown = read(own.resolve("cgroup.subtree_control"));
    boolean divides = own.equals(TOP) && read(own.resolve("cgroup.controllers")).contains("memory")
        || CONTROLLERS.stream().allMatch(List.of(handedDown.strip().split(" "))::contains);
    return !divides ? "the tests' own control group has processes, so it hands no controllers down" : trouble(own);
  }

  private static String legacyTrouble() {
    for (String controller : CONTROLLERS) {
      String why = trouble(own(controller));
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private static String trouble(Path group) {
    Path attempt = group.resolve("warder-test-" + ProcessHandle.current().pid());
    try {
      Files.delete(Files.createDirectory(attempt));
      return null;
    } catch (IOException e) {
      return "no control group can be made: " + e;
    }
  }

  /// This process's group of a controller; of cgroup v2 if that is empty.
  static Path own(String controller) {
    for (String line : read(Path.of("/proc/self/cgroup")).lines().toList()) {
      String[] fields = line.split(":", 3);
      if (List.of(fields[1].split(",")).contains(controller)) {
        return TOP.resolve(controller).resolve(fields[2].substring(1));
      }
    }
    throw new AssertionError("no group of " + controller);
  }

  /// The group with a limit of the jail that this process launches.
  static Path ofJail(long launcher, String controller) {
    return own(isUnified() ? "" : controller).resolve("warder-" + launcher);
  }

  /// What is there of the groups of a jail's launcher. Other jails' come and go meanwhile.
  static List<String> left(long launcher) {
    var left = new ArrayList<String>();
    for (String controller : isUnified() ? List.of("") : CONTROLLERS) {
      for (String name : own(controller).toFile().list()) {
        if (name.equals("warder-" + launcher) || name.equals("warder-" + launcher + "-launcher")) {
          left.add(controller + " " + name);
        }
      }
    }
    return left;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
