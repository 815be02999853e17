package io.springtide.registry.swarm;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The origin's part: which piece to give to a peer that asks for any. Every piece once before any
 * piece twice, up to a bounded number of copies; then only peers that are stuck get a piece.
 */
public final class OriginShare {
  private final int[] copies;
  private final int budget;
  private int fewest;
  private int cursor;

  public OriginShare(int pieces, SwarmRules rules) {
    this.copies = new int[pieces];
    this.budget = rules.originCopies();
  }

  /**
   * The piece to send to a peer that has {@code held}; empty if it must ask its neighbours.
   *
   * @param ready how many pieces from the start the origin has itself: it may still be filling
   */
  public OptionalInt give(BitSet held, boolean stuck, int ready) {
    OptionalInt piece = OptionalInt.empty();
    for (int level = fewest; level < budget && piece.isEmpty(); level++) {
      piece = find(held, level, ready);
    }
    if (piece.isEmpty() && stuck) {
      int missing = held.nextClearBit(0);
      piece = missing < ready ? OptionalInt.of(missing) : OptionalInt.empty();
    }
    piece.ifPresent(this::count);
    return piece;
  }

  private OptionalInt find(BitSet held, int level, int ready) {
    for (int i = 0; i < copies.length; i++) {
      int piece = (cursor + i) % copies.length;
      if (piece >= ready) {
        continue;
      }
      if (copies[piece] == level && !held.get(piece)) {
        return OptionalInt.of(piece);
      }
    }
    return OptionalInt.empty();
  }

  private void count(int piece) {
    copies[piece]++;
    cursor = (piece + 1) % copies.length;
    if (cursor == 0) {
      int least = Integer.MAX_VALUE;
      for (int count : copies) {
        least = Math.min(least, count);
      }
      fewest = least;
    }
  }

  /** Pieces sent, as copies of the whole. */
  public double copiesSent() {
    long sum = 0;
    for (int count : copies) {
      sum += count;
    }
    return (double) sum / copies.length;
  }
}
