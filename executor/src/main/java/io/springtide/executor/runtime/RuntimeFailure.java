package io.springtide.executor.runtime;

/** A container could not be started, or an engine could not do what it was asked. */
public final class RuntimeFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message for the user: what failed and, in the engine's own words, why
   */
  public RuntimeFailure(String message) {
    super(message);
  }

  public RuntimeFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
