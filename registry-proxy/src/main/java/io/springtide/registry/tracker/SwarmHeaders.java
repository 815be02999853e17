package io.springtide.registry.tracker;

/** Headers between peers and proxy. */
public final class SwarmHeaders {
  /** Number of the piece that the body is. */
  public static final String PIECE = "Springtide-Piece";

  /** Its SHA-256 in hex. */
  public static final String PIECE_HASH = "Springtide-Piece-Hash";

  /** No piece now; milliseconds after which to ask again. */
  public static final String AGAIN = "Springtide-Again-Millis";

  /** Requests that wait at the peer that answers. */
  public static final String LOAD = "Springtide-Load";

  private SwarmHeaders() {}
}
