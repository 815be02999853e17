package io.springtide.registry.http;

/** A request under way at a server. Safe from any thread. */
public interface ServerExchange {
  /** Drops the connection; the listener is told of nothing more. */
  void cancel();

  /** Stops reading from the server until {@link #resume}. */
  void pause();

  void resume();
}
