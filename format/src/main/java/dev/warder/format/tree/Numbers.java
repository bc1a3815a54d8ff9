package dev.warder.format.tree;

/// Tells numbers from other words.
final class Numbers {
  private Numbers() {}

  /// Whether a plain word of YAML is a number by its core schema.
  static boolean isYaml(String word) {
    if (word.startsWith("0x") || word.startsWith("0o")) {
      return word.length() > 2 && digits(word, 2, word.charAt(1) == 'x' ? 16 : 8) == word.length();
    }
    int sign = word.startsWith("-") || word.startsWith("+") ? 1 : 0;
    int end = digits(word, sign);
    boolean any = end > sign;
    if (end < word.length() && word.charAt(end) == '.') {
      int fraction = digits(word, end + 1);
      any |= fraction > end + 1;
      end = fraction;
    }
    return any && (end == word.length() || isExponent(word, end));
  }

  private static boolean isExponent(String word, int at) {
    if (word.charAt(at) != 'e' && word.charAt(at) != 'E') {
      return false;
    }
    boolean signed = at + 1 < word.length() && (word.charAt(at + 1) == '-' || word.charAt(at + 1) == '+');
    int from = signed ? at + 2 : at + 1;
    return from < word.length() && digits(word, from) == word.length();
  }

  private static int digits(String word, int from) {
    return digits(word, from, 10);
  }

  private static int digits(String word, int from, int radix) {
    int at = from;
    while (at < word.length() && word.charAt(at) < 128 && Character.digit(word.charAt(at), radix) >= 0) {
      at++;
    }
    return at;
  }
}
