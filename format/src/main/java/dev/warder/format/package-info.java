/// Policy files: what people and other tools write, as a [dev.warder.policy.Policy], and back.
///
/// In: the name and bytes of a file. Out: a [PolicyFile], with what could not be carried over, or every problem found.
/// The one entry point is [PolicyFiles].
///
/// ```java
/// Parsed<PolicyFile> read = PolicyFiles.read("web.yaml", Files.newInputStream(path));
/// ```
///
/// What is lost never lets more through than the file does: where it would, reading fails.
package dev.warder.format;
