package io.springtide.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What a command finds around it.
 *
 * @param environment the variables of the process
 * @param terminal whether a person reads what is printed, and can be asked
 * @param answer reads a line that a person writes; null where there is none any more
 * @param pause how time passes
 */
record Surroundings(
    PrintWriter out,
    PrintWriter err,
    Map<String, String> environment,
    boolean terminal,
    Supplier<String> answer,
    Pause pause) {

  /** Waits. */
  interface Pause {
    /**
     * Waits for so long.
     *
     * @return whether to go on; in earnest it always is, until the process is ended
     */
    boolean goOn(long millis) throws InterruptedException;
  }

  /** Those of this process, which prints elsewhere and asks nobody. */
  static Surroundings of(PrintWriter out, PrintWriter err) {
    return new Surroundings(out, err, System.getenv(), false, () -> null, Surroundings::sleep);
  }

  /** Those of this process. */
  @SuppressWarnings("SystemConsoleNull") // Only where standard input and output are a terminal.
  static Surroundings real() {
    return new Surroundings(
        new PrintWriter(System.out, true, Charset.defaultCharset()),
        new PrintWriter(System.err, true, Charset.defaultCharset()),
        System.getenv(),
        System.console() != null,
        () -> System.console().readLine(),
        Surroundings::sleep);
  }

  private static boolean sleep(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
    return true;
  }

  /** A variable that says something; null if it is not there or empty. */
  String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? null : value;
  }
}
