package io.springtide.registry.manifest;

import io.springtide.registry.manifest.Manifest.From;
import io.springtide.registry.rule.Links;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Catalog.Tag;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.store.TagName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manifests that are here: which ones each repository shows, what its tags meant, and when
 * upstream said so. What cannot be read or noted is asked for again: slower, never wrong.
 */
public record KeptManifests(BlobStore store, Catalog catalog, Links links, Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(KeptManifests.class);

  /** Upstream said at {@code checked} that this is what the repository, or the tag, shows. */
  record Kept(Manifest manifest, Instant checked) {}

  Optional<Kept> byDigest(Place place, Digest digest) {
    return links
        .find(place, digest)
        .filter(link -> !link.mediaType().isEmpty())
        .flatMap(link -> read(digest, link.mediaType(), link.checked()));
  }

  Optional<Kept> byTag(Place place, TagName tag, Accept accept) {
    if (!accept.schema1().isEmpty() && accept.types().isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<Tag> exact = catalog.tag(place, tag, accept.variant());
      // What was brought ahead was asked for under everything; it serves whoever can read it.
      Optional<Tag> any =
          catalog.tag(place, tag, Accept.ALL.variant()).filter(t -> accept.reads(t.mediaType()));
      return Stream.concat(exact.stream(), any.stream())
          .max(Comparator.comparing(Tag::checked))
          .flatMap(newest -> read(newest.digest(), newest.mediaType(), newest.checked()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<Kept> read(Digest digest, String mediaType, Instant checked) {
    Optional<StoredBlob> blob = store.find(digest);
    if (blob.isEmpty() || blob.get().size() > Manifest.MAX_SIZE) {
      return Optional.empty();
    }
    try (FileChannel file = store.read(blob.get())) {
      ByteBuffer bytes = ByteBuffer.allocate((int) blob.get().size());
      while (bytes.hasRemaining()) {
        if (file.read(bytes) < 0) {
          throw new IOException("it was cut");
        }
      }
      return Optional.of(
          new Kept(new Manifest(digest, mediaType, bytes.array(), From.HIT), checked));
    } catch (IOException e) {
      log.warn("cannot read the manifest {}: {}", digest, e.toString());
      return Optional.empty();
    }
  }

  /** Whether upstream said so no longer ago than {@code life}. */
  boolean isWithin(Kept one, Duration life) {
    return one.checked().plus(life).isAfter(clock.instant());
  }

  /** Stores the bytes, which are verified; false if there is no room. Blocks for the disk. */
  boolean store(Manifest manifest) {
    try {
      return store.put(manifest.digest(), manifest.bytes()).isPresent();
    } catch (IOException e) {
      log.warn("cannot keep {}, handing it on: {}", manifest.digest(), e.toString());
      return false;
    }
  }

  /** Notes that the repository shows a manifest that is stored. */
  void noteLink(Place place, Manifest manifest) {
    links.note(place, manifest.digest(), manifest.mediaType());
  }

  /** Notes that the tag means a manifest that is stored, for those who accept the same types. */
  void noteTag(Place place, TagName tag, Accept accept, Manifest manifest) {
    try {
      Tag value = new Tag(manifest.digest(), manifest.mediaType(), clock.instant());
      catalog.putTag(place, tag, accept.variant(), value);
    } catch (IOException e) {
      log.warn("cannot note what {}:{} means: {}", place, tag, e.toString());
    }
  }

  /** Forgets what the tag meant; false if nothing was known. */
  boolean forgetTag(Place place, TagName tag) {
    try {
      return catalog.removeTag(place, tag);
    } catch (IOException e) {
      log.warn("cannot forget {}:{}: {}", place, tag, e.toString());
      return false;
    }
  }

  void forgetLink(Place place, Digest digest) {
    try {
      links.forget(place, digest);
    } catch (IOException e) {
      log.warn("cannot forget that {} shows {}: {}", place, digest, e.toString());
    }
  }
}
