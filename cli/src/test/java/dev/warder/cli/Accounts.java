package dev.warder.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// An account for the ordinary caller, with ranges of ids, which only a mount namespace of the tests' own shows in `/etc`.
/// Only root can have that made.
final class Accounts {
  static final int START = 300_000;
  private static final List<String> FILES = List.of("passwd", "group", "subuid", "subgid");

  static final Accounts INSTANCE = new Accounts();

  private final Path etc;

  private Accounts() {
    try {
      etc = Program.readableFolder("etc");
      int id = Caller.all().getLast().uid();
      for (String name : FILES) {
        Path host = Path.of("/etc", name);
        String text = Files.exists(host) ? Files.readString(host) : "";
        Files.writeString(etc.resolve(name), text + switch (name) {
          case "passwd" -> "warder-it:x:" + id + ":" + id + "::/nosuch:/bin/sh\n";
          case "group" -> "warder-it:x:" + id + ":\n";
          default -> "warder-it:" + START + ":65536\n";
        });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean usable() {
    return Caller.self().isRoot() && Tools.found("newuidmap")
        && FILES.stream().allMatch(name -> Files.exists(Path.of("/etc", name)));
  }

  /// What a command is begun with so that it sees the account.
  List<String> shown() {
    if (!Caller.self().isRoot()) {
      return List.of();
    }
    return List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", "for f in $1; do "
        + "[ ! -e /etc/$f ] || mount --bind \"$0/$f\" /etc/$f || exit 99; done; shift; exec \"$@\"",
        etc.toString(), String.join(" ", FILES));
  }
}
