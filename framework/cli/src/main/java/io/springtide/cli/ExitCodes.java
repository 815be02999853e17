package io.springtide.cli;

/** What the command's exit code says. */
final class ExitCodes {
  /** Done. */
  static final int OK = 0;

  /** The server refuses, or what was waited for has failed. */
  static final int REFUSED = 1;

  /** Wrong arguments, or a file that does not read. */
  static final int USAGE = 2;

  /** No server answers. */
  static final int UNREACHABLE = 3;

  /** What was waited for did not come in time; it may still come. */
  static final int TIMEOUT = 4;

  private ExitCodes() {}
}
