/// Reads `linux.seccomp` of the OCI runtime specification, and what Docker and Podman make of it.
///
/// In: a tree of [dev.warder.format.tree]. Out: a policy and losses. Where Warder makes something else of a file than
/// the tools do, it is the stricter; [OciReader] says where.
package dev.warder.format.oci;
