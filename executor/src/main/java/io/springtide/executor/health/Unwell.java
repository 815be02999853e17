package io.springtide.executor.health;

/** A probe's verdict: unhealthy. */
public final class Unwell extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unwell(String message) {
    // One of these every few seconds for each sick container: no stack trace, nobody reads it.
    super(message, null, false, false);
  }
}
