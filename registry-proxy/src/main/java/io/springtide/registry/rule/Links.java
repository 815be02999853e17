package io.springtide.registry.rule;

import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Catalog.Link;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which content each repository shows, and when upstream said so. What a pinned repository shows is
 * never evicted.
 *
 * @param life for so long upstream's word holds
 */
public record Links(Catalog catalog, PinRules pins, BlobStore store, Clock clock, Duration life) {
  private static final Logger log = LoggerFactory.getLogger(Links.class);

  public Optional<Link> find(Place place, Digest digest) {
    try {
      return catalog.link(place, digest);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether upstream said lately that the repository shows the digest. */
  public boolean isFresh(Place place, Digest digest) {
    return find(place, digest)
        .filter(link -> link.checked().plus(life).isAfter(clock.instant()))
        .isPresent();
  }

  /**
   * Upstream says now that the repository shows it. {@code mediaType}: empty unless it is a
   * manifest.
   */
  public void note(Place place, Digest digest, String mediaType) {
    try {
      catalog.putLink(place, digest, new Link(mediaType, clock.instant()));
      if (pins.pinned(place)) {
        store.pin(digest);
      }
    } catch (IOException e) {
      // Without its link the digest is asked for again upstream: slower, never wrong.
      log.warn("cannot note that {} shows {}: {}", place, digest, e.toString());
    }
  }

  /** The repository does not show it any more. */
  public void forget(Place place, Digest digest) throws IOException {
    catalog.removeLink(place, digest);
  }
}
