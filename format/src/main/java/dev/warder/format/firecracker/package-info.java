/// The filters of Firecracker's seccompiler: JSON with one filter for each kind of thread.
///
/// In: a tree of [dev.warder.format.tree]. Out: the policy of one thread; or a policy in, a filter out.
package dev.warder.format.firecracker;
