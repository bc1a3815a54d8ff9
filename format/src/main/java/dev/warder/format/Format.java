package dev.warder.format;

/// The formats that [PolicyFiles] tells apart.
public enum Format {
  /// Warder's own, YAML or JSON.
  WARDER("warder"),
  /// `linux.seccomp` of the OCI runtime specification, alone or in a `config.json`; the profiles of Docker and Podman.
  OCI("oci");

  private final String label;

  Format(String label) {
    this.label = label;
  }

  /// The name used on the command line.
  public String label() {
    return label;
  }
}
