package dev.warder.format.convert;

import java.util.List;

/// A policy as the text of some format.
///
/// @param losses what the policy says and the text does not
public record Written(String text, List<Loss> losses) {
  public Written {
    losses = List.copyOf(losses);
  }
}
