package io.springtide.registry.tracker;

import io.springtide.registry.swarm.Pieces;
import java.util.Arrays;

/**
 * The SHA-256 of each piece of a blob, from the first on, as far as they are known. Thread-safe.
 */
public final class PieceHashes {
  /** Bytes of one hash. */
  public static final int LENGTH = 32;

  private final Pieces pieces;
  private byte[] hashes = new byte[64 * LENGTH];
  private int count;

  public PieceHashes(Pieces pieces) {
    this.pieces = pieces;
  }

  public Pieces pieces() {
    return pieces;
  }

  /** Of the next piece. */
  public synchronized void add(byte[] hash) {
    if (hash.length != LENGTH || count == pieces.count()) {
      throw new IllegalArgumentException("not the hash of a next piece");
    }
    if (hashes.length < (count + 1) * LENGTH) {
      hashes = Arrays.copyOf(hashes, hashes.length * 2);
    }
    System.arraycopy(hash, 0, hashes, count * LENGTH, LENGTH);
    count++;
  }

  /** Takes those of {@code more}, which start at piece {@code from}, that are not known yet. */
  public synchronized void addAll(int from, byte[] more) {
    for (int piece = count; piece >= from; piece++) {
      int at = (piece - from) * LENGTH;
      if (at + LENGTH > more.length || count == pieces.count()) {
        return;
      }
      add(Arrays.copyOfRange(more, at, at + LENGTH));
    }
  }

  public synchronized int count() {
    return count;
  }

  public boolean isComplete() {
    return count() == pieces.count();
  }

  /** The hash of a piece that is known. */
  public synchronized byte[] of(int piece) {
    if (piece < 0 || piece >= count) {
      throw new IllegalArgumentException("the hash of piece " + piece + " is not known");
    }
    return Arrays.copyOfRange(hashes, piece * LENGTH, (piece + 1) * LENGTH);
  }

  /** At most {@code max} hashes from {@code piece} on, one after the other. */
  public synchronized byte[] from(int piece, int max) {
    int begin = Math.min(Math.max(piece, 0), count);
    return Arrays.copyOfRange(
        hashes, begin * LENGTH, (int) Math.min(count, begin + (long) max) * LENGTH);
  }
}
