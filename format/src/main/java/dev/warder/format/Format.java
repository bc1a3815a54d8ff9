package dev.warder.format;

import java.util.Optional;

/// The formats of policy files. All are read and told apart by [PolicyFiles]; each can be written.
public enum Format {
  /// Warder's own, YAML or JSON.
  WARDER("warder"),
  /// `linux.seccomp` of the OCI runtime specification, alone or in a `config.json`.
  OCI("oci"),
  /// The profiles of Docker and Podman: the same, with conditions on capabilities and hosts. Read as [#OCI].
  DOCKER("docker"),
  /// The call filters of a systemd unit, a drop-in or an `.nspawn` file.
  SYSTEMD("systemd"),
  /// A policy of minijail.
  MINIJAIL("minijail"),
  /// `SeccompProfile` of the Kubernetes Security Profiles Operator. The profiles that a node keeps are of [#OCI].
  KUBERNETES("kubernetes"),
  /// The filters of Firecracker's seccompiler.
  FIRECRACKER("firecracker");

  private final String label;

  Format(String label) {
    this.label = label;
  }

  /// The name used on the command line.
  public String label() {
    return label;
  }

  public static Optional<Format> named(String label) {
    for (Format format : values()) {
      if (format.label.equals(label)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }
}
