package io.springtide.registry.upstream;

import io.springtide.registry.http.ResponseListener;

/** Somewhere to read one blob from. */
public interface BlobSource {
  /**
   * Asks for the bytes from {@code from} to the end; for {@code from} 0 without a Range.
   *
   * @param attempt 0 for the first request of a fill, then counting up: a source with several
   *     servers takes turns
   */
  void open(long from, int attempt, ResponseListener listener);
}
