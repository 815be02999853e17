package io.springtide.partition.answer;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A host to empty and give back, because all that runs there fits elsewhere.
 *
 * @param host the host
 * @param pool its pool
 * @param moves where its instances would go now; nothing of it is booked
 */
public record Drain(String host, String pool, List<Placement> moves) {
  public Drain {
    requireNonNull(host);
    requireNonNull(pool);
    moves = List.copyOf(moves);
  }
}
