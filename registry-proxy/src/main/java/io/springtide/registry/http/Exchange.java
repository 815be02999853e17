package io.springtide.registry.http;

/** A request under way. Safe from any thread. */
public interface Exchange {
  /** Drops the connection; the listener is told of nothing more. */
  void cancel();

  /** Stops reading from the server until {@link #resume}. */
  void pause();

  void resume();
}
