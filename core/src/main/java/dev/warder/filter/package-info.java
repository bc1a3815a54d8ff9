/// From what a policy decides to one seccomp filter for all its architectures, proved.
///
/// Input: a [dev.warder.policy.Resolution] for each architecture. Output: a [Filter], the array for `seccomp(2)`. The
/// one entry point is [FilterCompiler#compile(java.util.List, dev.warder.policy.Action)]:
///
/// ```
/// Filter filter = FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
/// byte[] program = filter.bytes();                       // struct sock_filter[], in the target's byte order
/// String text = Listing.of(filter);                      // for people
/// ```
///
/// The stages, each of which works on the one before: [Diagrams] say what a call's arguments decide, [SearchTree] finds
/// the order of the questions, [Nodes] hold the program as a graph, [Assembler] lays it out. [Verifier] shares nothing
/// with them and proves their result; [Interpreter] runs any filter, [Bitmap] tells which calls the kernel lets through
/// without running it.
package dev.warder.filter;
