package io.springtide.executor.discovery;

/** A directory of endpoints. Its failure never stops a container. */
public interface Discovery extends AutoCloseable {
  /** Whether this directory takes such an entry. */
  boolean takes(InstanceEndpoint endpoint);

  /** Registers an endpoint, not passing yet. */
  Announcement announce(InstanceEndpoint endpoint);

  /** Ends all background work; entries stay as they are. */
  @Override
  void close();
}
