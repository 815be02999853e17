package io.springtide.registry.swarm;

/**
 * A blob cut into pieces of equal size, the last one shorter.
 *
 * @param size bytes of the blob, positive
 * @param pieceSize bytes of a piece
 */
public record Pieces(long size, int pieceSize) {
  private static final int SMALLEST = 256 << 10;
  private static final int LARGEST = 4 << 20;

  /**
   * What a swarm loses to storing before forwarding is about log2(hosts) / pieces (Mundinger, Weber
   * and Weiss, "Optimal scheduling of peer-to-peer file dissemination"); what it pays is a request
   * a piece. Some 512 pieces keep both small.
   */
  private static final int WANTED = 512;

  public Pieces {
    if (size <= 0 || pieceSize <= 0) {
      throw new IllegalArgumentException("sizes must be positive: " + size + ", " + pieceSize);
    }
  }

  public static Pieces of(long size) {
    return new Pieces(size, (int) Math.max(SMALLEST, Math.min(LARGEST, size / WANTED)));
  }

  public int count() {
    return Math.toIntExact((size + pieceSize - 1) / pieceSize);
  }

  public long offset(int piece) {
    return (long) piece * pieceSize;
  }

  public int length(int piece) {
    return (int) Math.min(pieceSize, size - offset(piece));
  }
}
