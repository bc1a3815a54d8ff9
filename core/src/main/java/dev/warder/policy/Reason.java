package dev.warder.policy;

/// Why a call is denied.
///
/// @param text one or two sentences for people
/// @param dangerous whether the call is a known way out of a jail
public record Reason(String text, boolean dangerous) {}
