package dev.warder.jail;

import dev.warder.catalog.Capability;
import java.util.Optional;
import java.util.Set;

/// Whom the program runs as, and what that lets it do.
///
/// @param identity whom to run as; empty for the caller, or nobody when root calls
/// @param ids the ids of the jail; empty for those of the identity alone, which are the host's then and none of them 0: a
///     namespace that maps host id 0 would leave root's files open to the program
/// @param capabilities kept: inside the jail's own user namespace or, without one, the host's
/// @param userNamespace whether the jail has a user namespace of its own, which only root can do without
public record Privileges(
    Optional<Identity> identity, Optional<IdMap> ids, Set<Capability> capabilities, boolean userNamespace) {
  public static final Privileges NONE = new Privileges(Optional.empty(), Optional.empty(), Set.of());

  public Privileges {
    capabilities = Set.copyOf(capabilities);
    if (ids.isPresent() && identity.isEmpty()) {
      throw new IllegalArgumentException("ids are mapped, but not said for whom");
    }
    if (userNamespace) {
      checkWithin(identity, ids);
    } else {
      checkWithout(ids, capabilities);
    }
  }

  /// In a user namespace of its own.
  public Privileges(Optional<Identity> identity, Optional<IdMap> ids, Set<Capability> capabilities) {
    this(identity, ids, capabilities, true);
  }

  private static void checkWithin(Optional<Identity> identity, Optional<IdMap> ids) {
    Identity host = onHost(identity, ids);
    if (host.uid() == 0 || host.gid() == 0 || host.groups().contains(0)) {
      throw new IllegalArgumentException("an id of " + host.name() + " is root's of the host");
    }
    if (ids.isEmpty()) {
      IdMap.of(host);                              // refuses more groups than the kernel takes
    }
  }

  private static void checkWithout(Optional<IdMap> ids, Set<Capability> capabilities) {
    if (ids.isPresent()) {
      throw new IllegalArgumentException("ids are mapped by a user namespace, and there is to be none");
    }
    if (capabilities.contains(Capability.CAP_SYS_ADMIN)) {
      throw new IllegalArgumentException("CAP_SYS_ADMIN without a user namespace undoes the jail's own mounts");
    }
  }

  /// Whom the host sees when root calls.
  public Identity onHost() {
    return onHost(identity, ids);
  }

  private static Identity onHost(Optional<Identity> identity, Optional<IdMap> ids) {
    Identity inside = identity.orElse(Identity.NOBODY);
    return ids.isPresent() ? ids.get().onHost(inside) : inside;
  }

  /// What the launcher maps for process 1 when root calls; empty where process 1 can map its one id itself.
  public Optional<IdMap> mapsByRoot() {
    if (!userNamespace || ids.isPresent() || identity.isEmpty() || identity.get().groups().isEmpty()) {
      return ids;
    }
    return Optional.of(IdMap.of(identity.get()));
  }

  /// Whether an ordinary caller's groups are replaced by those of the identity: as somebody else the program has no use for
  /// them, and no right.
  public boolean replacesGroups() {
    return mayChangeGroups() || !identity.get().groups().isEmpty() || onHost().uid() != identity.get().uid();
  }

  /// Whether the program may change its groups: who can drop one reaches what is closed to that group, see
  /// user_namespaces(7).
  public boolean mayChangeGroups() {
    return ids.isPresent() && capabilities.contains(Capability.CAP_SETGID);
  }
}
