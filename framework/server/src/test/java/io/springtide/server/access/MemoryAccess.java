package io.springtide.server.access;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;

/** Tokens in memory, as their leader has them and as a follower reads them. */
public final class MemoryAccess {
  private final MemoryShelf shelf = new MemoryShelf();
  private final Access access = new Access(shelf, Instant::now, new SecureRandom());

  /** The leader's. */
  public Access access() {
    return access;
  }

  /** All documents by name. */
  public Map<String, byte[]> all() {
    return shelf.all();
  }
}
