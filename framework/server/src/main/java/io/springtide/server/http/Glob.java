package io.springtide.server.http;

/** A pattern in which {@code *} stands for any characters, or none, and {@code ?} for one. */
record Glob(String pattern) {
  /**
   * Whether the whole of {@code text} is of that pattern. Takes at most the product of both lengths
   * in steps, whatever the pattern: an expression that backtracks would not.
   */
  boolean matches(String text) {
    int at = 0;
    int next = 0;
    int star = -1;
    int taken = 0;
    while (at < text.length()) {
      if (next < pattern.length() && pattern.charAt(next) == '*') {
        star = next++;
        taken = at;
      } else if (next < pattern.length()
          && (pattern.charAt(next) == '?' || pattern.charAt(next) == text.charAt(at))) {
        next++;
        at++;
      } else if (star >= 0) {
        // The last star takes one more.
        next = star + 1;
        at = ++taken;
      } else {
        return false;
      }
    }
    while (next < pattern.length() && pattern.charAt(next) == '*') {
      next++;
    }
    return next == pattern.length();
  }
}
