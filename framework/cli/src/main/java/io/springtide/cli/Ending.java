package io.springtide.cli;

/** What goes on until somebody ends it by Ctrl-C, which is then no failure. */
final class Ending {
  private Ending() {}

  /** Does it; who ends the process meanwhile gets 0 as its exit code. */
  static int well(Watch.Look endless) throws ApiException, InterruptedException {
    Thread end = new Thread(() -> Runtime.getRuntime().halt(ExitCodes.OK), "end");
    Runtime.getRuntime().addShutdownHook(end);
    try {
      return endless.print();
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(end);
      } catch (IllegalStateException e) {
        // It is being ended, as it is meant to be.
      }
    }
  }
}
