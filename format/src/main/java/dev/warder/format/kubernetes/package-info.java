/// `SeccompProfile` of the Kubernetes Security Profiles Operator: a profile of the OCI runtime in a resource.
///
/// In and out: a tree or a policy, as in [dev.warder.format.oci], which does most of it.
package dev.warder.format.kubernetes;
