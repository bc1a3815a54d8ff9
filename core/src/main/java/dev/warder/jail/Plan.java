package dev.warder.jail;

import java.util.List;

/// The ordered steps of a jail, by who makes them.
///
/// @param sources made by the launcher when root calls, else by process 1 after the id maps
/// @param launcher made outside
/// @param inside made by process 1 of the jail
/// @param program made by the process that becomes the program
/// @param process see [JailSpec]
/// @param privileges see [JailSpec]
/// @param home value of `HOME`
/// @param origin see [JailSpec]
/// @param command see [JailSpec]
public record Plan(
    List<Step> sources,
    List<Step> launcher,
    List<Step> inside,
    List<Step> program,
    ProcessAttributes process,
    Privileges privileges,
    List<String> shownFolders,
    String home,
    Origin origin,
    List<String> command) {

  public Plan {
    sources = List.copyOf(sources);
    launcher = List.copyOf(launcher);
    inside = List.copyOf(inside);
    program = List.copyOf(program);
    shownFolders = List.copyOf(shownFolders);
    command = List.copyOf(command);
  }
}
