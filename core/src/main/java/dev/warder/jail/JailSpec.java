package dev.warder.jail;

import dev.warder.filter.Filter;
import java.util.List;
import java.util.Optional;

/// What a jail shall be.
///
/// @param files what the program sees of files
/// @param hostname in the jail's own UTS namespace
/// @param network what it has for a network
/// @param landlock whether with rules of Landlock
/// @param filter installed last before the program is started
/// @param origin what the image is made from
/// @param command words put before the arguments that the image is given; empty if the image takes settings and command
public record JailSpec(
    FileSystem files,
    Privileges privileges,
    ProcessAttributes process,
    String hostname,
    Network network,
    Landlock landlock,
    Resources resources,
    Filter filter,
    Origin origin,
    List<String> command) {

  public JailSpec {
    command = List.copyOf(command);
  }

  /// The same jail for an image that is told its environment, the file for its result and its command at start.
  public JailSpec toldAtStart(Origin other) {
    return new JailSpec(files, privileges, process.withoutEnvironment(), hostname, network, landlock,
        resources.toldAtStart(), filter, other, List.of());
  }
}
