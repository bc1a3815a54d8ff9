package dev.warder.format.tree;

import dev.warder.format.tree.Node.Position;

/// The file is no tree from here on. Never leaves this package.
final class SyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final String code;
  final transient Position at;
  final String fix;

  SyntaxException(String code, Position at, String what, String fix) {
    super(what, null, false, false);
    this.code = code;
    this.at = at;
    this.fix = fix;
  }
}
