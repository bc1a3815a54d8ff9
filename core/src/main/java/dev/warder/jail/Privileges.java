package dev.warder.jail;

import dev.warder.catalog.Capability;
import java.util.Optional;
import java.util.Set;

/// Whom the program runs as, and what that lets it do.
///
/// @param identity whom to run as; empty for the caller, or nobody when root calls
/// @param capabilities kept, inside the jail's own user namespace only
public record Privileges(Optional<Identity> identity, Set<Capability> capabilities) {
  public static final Privileges NONE = new Privileges(Optional.empty(), Set.of());

  public Privileges {
    capabilities = Set.copyOf(capabilities);
  }
}
