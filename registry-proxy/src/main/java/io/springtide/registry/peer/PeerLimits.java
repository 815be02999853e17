package io.springtide.registry.peer;

import java.time.Duration;

/**
 * How patient a peer is.
 *
 * @param connect to open a connection to another peer
 * @param stall without a byte from one that owes us some
 * @param piece from asking for a piece to having it
 * @param giveUp without any piece from anybody, before the proxy alone is asked
 * @param announce between two announcements of a blob
 * @param announceFilling the same while the proxy itself still fills, and hashes come
 * @param present between two reports of the host
 */
public record PeerLimits(
    Duration connect,
    Duration stall,
    Duration piece,
    Duration giveUp,
    Duration announce,
    Duration announceFilling,
    Duration present) {
  public static final PeerLimits DEFAULT =
      new PeerLimits(
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofSeconds(5));
}
