package io.springtide.executor.runtime;

/**
 * Whether a runtime can run containers.
 *
 * @param ready whether
 * @param detail its version, or why not and what to do
 */
public record Readiness(boolean ready, String detail) {
  public static Readiness yes(String detail) {
    return new Readiness(true, detail);
  }

  public static Readiness no(String detail) {
    return new Readiness(false, detail);
  }
}
