/// What policies and programs mean, so that they can be compared and explained.
///
/// Input: [Rules], a policy or a filter of anyone's making. Entries: [Comparison#of] finds where two differ;
/// [Program#of] tells what a filter does:
///
/// ```
/// Comparison.of(new Rules.Written(policy), new Rules.Compiled(filter), List.of(Arch.X86_64)).same();
/// Program.of(filter).answers(Arch.X86_64, 41);            // ALLOW if domain == AF_UNIX, else ERRNO EPERM
/// ```
///
/// Both become functions of the bits of a call ([Diagrams]): [Execution] runs a program on all calls at once, with
/// arithmetic and scratch memory; [PolicyMeaning] transcribes decisions, for all sets of capabilities. Equal functions
/// are one object, so "the same" is proved and not sampled. [Wording] writes sets of arguments as conditions.
package dev.warder.meaning;
