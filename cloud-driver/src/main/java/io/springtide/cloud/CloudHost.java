package io.springtide.cloud;

import static java.util.Objects.requireNonNull;

/**
 * A host as its cloud knows it.
 *
 * @param id the cloud's id, which the host's agent carries as its attribute {@code node}
 * @param pool the pool it was ordered for
 * @param token the order that asked for it; empty where the cloud does not say
 * @param state where its life is
 */
public record CloudHost(String id, String pool, String token, State state) {

  /** The life of a host in the cloud's eyes; what its agent does is Mesos' to say. */
  public enum State {
    /** Ordered, and on its way. */
    BOOTING,
    /** It runs, and is paid for. */
    RUNNING,
    /** Given back or vanished; no longer paid for. */
    RELEASED
  }

  public CloudHost {
    requireNonNull(id);
    requireNonNull(pool);
    requireNonNull(token);
    requireNonNull(state);
  }
}
