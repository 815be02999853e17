package io.springtide.executor.discovery;

/** A directory of endpoints. It being down never stops a container. */
public interface Discovery extends AutoCloseable {
  /** Whether this directory takes such an entry. */
  boolean takes(Endpoint endpoint);

  /** Puts an endpoint in, not yet for clients to use. */
  Announcement announce(Endpoint endpoint);

  /** Ends all background work; entries stay as they are. */
  @Override
  void close();
}
