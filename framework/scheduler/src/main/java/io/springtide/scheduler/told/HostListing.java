package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

/**
 * A host as its cloud reports it.
 *
 * @param id the cloud's id, which its agent carries as the attribute {@code node}
 * @param pool that it was ordered for; empty if the cloud does not say
 * @param token of the order that brought it; empty if the cloud does not say
 * @param state what the cloud knows
 */
public record HostListing(String id, String pool, String token, State state) {
  /** What the cloud knows of a host. */
  public enum State {
    BOOTING,
    RUNNING,
    RELEASED
  }

  public HostListing {
    requireNonNull(id);
    requireNonNull(pool);
    requireNonNull(token);
    requireNonNull(state);
  }
}
