package dev.warder.format;

import dev.warder.format.oci.Docker;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Every profile that `--profile` and `extends` know: those of [Profiles], and Docker's.
public final class ShippedProfiles {
  private ShippedProfiles() {}

  /// The names there are, the usual one first.
  public static List<String> names() {
    var names = new ArrayList<String>(Profiles.names());
    names.add(Docker.NAME);
    return List.copyOf(names);
  }

  /// Docker's profile as its authors write it.
  public static InputStream dockerFile() {
    return Docker.content();
  }

  public static Optional<Policy> named(String name) {
    return name.equals(Docker.NAME) ? Optional.of(Docker.profile()) : Profiles.named(name);
  }
}
