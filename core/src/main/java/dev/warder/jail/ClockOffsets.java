package dev.warder.jail;

import java.time.Duration;

/// What a time namespace adds to the clocks; negative to set them back. See time_namespaces(7).
///
/// @param monotonic added to CLOCK_MONOTONIC
/// @param boottime added to CLOCK_BOOTTIME, hence to the uptime
public record ClockOffsets(Duration monotonic, Duration boottime) {}
