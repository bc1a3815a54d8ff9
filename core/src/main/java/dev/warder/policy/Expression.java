package dev.warder.policy;

/// A condition as a person writes it, by the names of arguments and constants; [Condition] is the same bound to one architecture.
///
/// @param text such as `domain == AF_NETLINK && protocol == NETLINK_AUDIT`
public record Expression(String text) {}
