/// What a jailed program may ask of the kernel: names in, decisions out, with the reason kept.
///
/// Input is a shipped profile or lists of rules; the one entry point is [Policy#resolve].
///
/// ```java
/// Policy policy = Profiles.named("default").orElseThrow()
///     .with(SyscallList.parse("~@network-io", "--system-call-filter").orThrow());
/// Resolution resolution = policy.resolve(Arch.X86_64, Set.of());
/// Outcome outcome = resolution.decide(41).decide(new long[] {2, 1, 0, 0, 0, 0});
/// outcome.action();  // Fail[errno=EPERM]
/// outcome.reason();  // Opens a socket, of any family. […] Denied by @network-io (--system-call-filter).
/// ```
///
/// Reading and resolving are part of every start in a cold JVM, so they use no regular expressions, streams, lambdas or
/// pattern switches.
package dev.warder.policy;
