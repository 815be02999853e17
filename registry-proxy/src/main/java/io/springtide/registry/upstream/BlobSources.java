package io.springtide.registry.upstream;

import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;

/**
 * Chooses where the bytes of a blob come from: the upstream, or somebody nearer who may have them.
 */
public interface BlobSources {
  /**
   * @param direct whether it must be the upstream itself: the one who asks is another proxy, which
   *     must not be asked in turn
   */
  BlobSource source(Upstream upstream, Place place, Digest digest, boolean direct);
}
