package dev.warder.format.convert;

import dev.warder.policy.Problem;

/// What one side says and the other cannot. Nothing is let through by it; where it would be, there is a problem instead.
///
/// @param stricter whether calls are denied that were let through; else all stays as strict as it was
public record Loss(Problem problem, boolean stricter) {
  /// The loss as one line: `web.yaml:3:5: what [code]; stricter`.
  public String line() {
    String rendered = problem.render();
    return rendered.substring(0, rendered.indexOf('\n')) + (stricter ? "; stricter" : "; as strict as before");
  }
}
