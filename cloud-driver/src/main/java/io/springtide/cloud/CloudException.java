package io.springtide.cloud;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** A cloud did not do what it was asked; {@link #fault} says what the caller can do about it. */
public final class CloudException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What became of the request, and so what to do next. */
  public enum Fault {
    /** Nothing was done: there is no stock of this kind. Try another pool; come back later. */
    OUT_OF_STOCK,
    /** Nothing was done: too many requests. The same request may be repeated, later. */
    THROTTLED,
    /** Nothing was done, and the same request will never succeed. A person must look. */
    REFUSED,
    /** It may have been done. Repeat the request with the same token until it is known. */
    UNKNOWN_OUTCOME
  }

  private final Fault fault;
  private final Duration retryAfter;

  public CloudException(Fault fault, String detail, Throwable cause) {
    this(fault, detail, Duration.ZERO, cause);
  }

  /**
   * @param fault what became of the request
   * @param detail what the cloud said, and where
   * @param retryAfter how long the cloud wants to be left alone; zero where it does not say
   * @param cause what went wrong underneath, or null
   */
  public CloudException(Fault fault, String detail, Duration retryAfter, Throwable cause) {
    super(requireNonNull(detail), cause);
    this.fault = requireNonNull(fault);
    this.retryAfter = requireNonNull(retryAfter);
  }

  public Fault fault() {
    return fault;
  }

  /** How long the cloud wants to be left alone; zero where it does not say. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
