/// What all writers share: what they are told, how they collect what gets lost, and how a decision becomes a list of
/// rules.
///
/// In: a policy and a [Target]. Out: [Written] text with its losses, or problems where the text would let more through
/// than the policy. [Includes] is for readers.
package dev.warder.format.convert;
