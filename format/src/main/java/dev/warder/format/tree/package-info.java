/// The text of a file, and YAML and JSON as one tree that remembers where each value stands.
///
/// In: the bytes of a file, hostile or not. Out: a [Document], or problems. Bounds on size, depth and number of values
/// hold whatever comes in; see [Limits].
package dev.warder.format.tree;
