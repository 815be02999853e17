package io.springtide.executor.health;

/** A probe's verdict: unhealthy. */
public final class Unwell extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unwell(String message) {
    // Made every few seconds for each unhealthy container: no stack trace.
    super(message, null, false, false);
  }
}
