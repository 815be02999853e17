package io.springtide.registry.manifest;

import io.springtide.registry.store.Digest;

/**
 * A manifest's exact bytes and their type.
 *
 * @param from where this answer came from, for the log and the counters
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from hand to hand, never compared.
public record Manifest(Digest digest, String mediaType, byte[] bytes, From from) {
  /** Registries must take 4 MiB; some hold more. */
  static final int MAX_SIZE = 16 << 20;

  public enum From {
    HIT,
    MISS,
    STALE
  }

  Manifest as(From other) {
    return new Manifest(digest, mediaType, bytes, other);
  }
}
