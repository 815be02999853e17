package io.springtide.registry.swarm;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * The pieces that a download has, has asked for, and wants. Taken nearly in order, the rarest of
 * the window first: nearly, because in strict order all peers would want the same piece.
 */
final class Wanted {
  private final int pieces;
  private final int window;
  private final SplittableRandom random;
  private final BitSet held;
  private final BitSet asked;
  private final int[] copies;
  private int firstMissing;

  /** {@code window}: so many pieces from the first missing one on are taken before any other. */
  Wanted(int pieces, int window, SplittableRandom random) {
    this.pieces = pieces;
    this.window = window;
    this.random = random;
    this.held = new BitSet(pieces);
    this.asked = new BitSet(pieces);
    this.copies = new int[pieces];
  }

  /** One neighbour more has the piece. */
  void copyCame(int piece) {
    copies[piece]++;
  }

  void copyWent(int piece) {
    copies[piece]--;
  }

  void asked(int piece) {
    asked.set(piece);
  }

  void notAsked(int piece) {
    asked.clear(piece);
  }

  void noneAsked() {
    asked.clear();
  }

  /** The piece is here; false if it was before. */
  boolean arrived(int piece) {
    if (held.get(piece)) {
      return false;
    }
    held.set(piece);
    asked.clear(piece);
    firstMissing = held.nextClearBit(firstMissing);
    return true;
  }

  /** Pieces that are here without a gap, from the first on. */
  int inOrder() {
    return firstMissing;
  }

  int count() {
    return held.cardinality();
  }

  /** A copy of what is here. */
  BitSet held() {
    return (BitSet) held.clone();
  }

  /** What to ask a neighbour for that has these pieces; negative if it has nothing of use. */
  int choose(BitSet has) {
    int end = Math.min(pieces, firstMissing + window);
    int best = -1;
    int ties = 0;
    for (int piece = has.nextSetBit(firstMissing);
        piece >= 0 && piece < end;
        piece = has.nextSetBit(piece + 1)) {
      if (held.get(piece) || asked.get(piece)) {
        continue;
      }
      if (best < 0 || copies[piece] < copies[best]) {
        best = piece;
        ties = 1;
      } else if (copies[piece] == copies[best] && random.nextInt(++ties) == 0) {
        best = piece;
      }
    }
    return best >= 0 ? best : beyond(has, end);
  }

  /** Any piece after the window, from a random place on: peers then hold different ones to swap. */
  private int beyond(BitSet has, int end) {
    if (end >= pieces) {
      return -1;
    }
    int start = end + random.nextInt(pieces - end);
    int piece = useful(has, start, pieces);
    return piece >= 0 ? piece : useful(has, end, start);
  }

  private int useful(BitSet has, int from, int to) {
    for (int piece = has.nextSetBit(from);
        piece >= 0 && piece < to;
        piece = has.nextSetBit(piece + 1)) {
      if (!held.get(piece) && !asked.get(piece)) {
        return piece;
      }
    }
    return -1;
  }
}
