package dev.warder.catalog;

import java.util.List;
import java.util.Optional;

/// What a capability is needed for.
///
/// Source: capabilities(7), man-pages 6.9; the launchers' own profiles (`catalog/capabilities.csv`).
///
/// @param since the first release that had it, such as `5.8`; `2.2` for those older than the manual's record
/// @param always calls that fail without it
/// @param sometimes uses of a call that need it
/// @param docker calls that docker's default profile opens with it, where present
/// @param podman the same for podman
/// @param nspawn the same for systemd-nspawn; may hold sets (`@module`)
public record CapabilityInfo(Capability capability, String since, List<String> always, List<Use> sometimes,
    List<String> docker, List<String> podman, List<String> nspawn) {
  public CapabilityInfo {
    always = List.copyOf(always);
    sometimes = List.copyOf(sometimes);
    docker = List.copyOf(docker);
    podman = List.copyOf(podman);
    nspawn = List.copyOf(nspawn);
  }

  /// A use of a call.
  ///
  /// @param operation the flag, command or option that needs the capability, as the manual names it; empty where it
  ///     depends on something else, such as the object
  public record Use(String syscall, Optional<String> operation) {}

  /// Reads the row of this capability.
  static CapabilityInfo of(Capability capability) {
    Text rows = Text.resource("capabilities.csv");
    int line = rows.nextLine(rows.start);
    for (int number = 0; number < capability.ordinal(); number++) {
      line = rows.nextLine(line);
    }
    List<String> row = rows.fields(line);
    return new CapabilityInfo(capability, row.get(2), Text.words(row.get(3)), uses(Text.words(row.get(4))),
        Text.words(row.get(5)), Text.words(row.get(6)), Text.words(row.get(7)));
  }

  private static List<Use> uses(List<String> words) {
    return words.stream().map(CapabilityInfo::use).toList();
  }

  private static Use use(String word) {
    int colon = word.indexOf(':');
    return colon < 0
        ? new Use(word, Optional.empty())
        : new Use(word.substring(0, colon), Optional.of(word.substring(colon + 1)));
  }
}
