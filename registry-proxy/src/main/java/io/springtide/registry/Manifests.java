package io.springtide.registry;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.Manifest.From;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Catalog.Link;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Catalog.Tag;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.Reply;
import io.springtide.registry.upstream.Upstream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manifests, by digest (content, never changes) and by tag (the one thing in a registry that does).
 * Stored as the exact bytes that the upstream sent. All futures fail with a {@link Refusal}.
 */
final class Manifests {
  private static final Logger log = LoggerFactory.getLogger(Manifests.class);

  /** Registries must take 4 MiB; some hold more. */
  private static final int MAX_MANIFEST = 16 << 20;

  private final BlobStore store;
  private final Catalog catalog;
  private final NegativeCache negative;
  private final PinRules pins;
  private final TagRules rules;
  private final Duration linkLife;
  private final Executor blocking;
  private final Clock clock;
  private final ProxyMetrics metrics;
  private final Patience patience;
  private final Coalescer<String, Manifest> fetches = new Coalescer<>();

  Manifests(
      BlobStore store,
      Catalog catalog,
      NegativeCache negative,
      PinRules pins,
      TagRules rules,
      Duration linkLife,
      Executor blocking,
      Clock clock,
      ProxyMetrics metrics,
      Patience patience) {
    this.store = store;
    this.catalog = catalog;
    this.negative = negative;
    this.pins = pins;
    this.rules = rules;
    this.linkLife = linkLife;
    this.blocking = blocking;
    this.clock = clock;
    this.metrics = metrics;
    this.patience = patience;
  }

  CompletableFuture<Manifest> byDigest(
      Upstream upstream, Place place, Digest digest, Accept accept) {
    String key = place + "@" + digest;
    Optional<Refusal> known = negative.find(key);
    if (known.isPresent()) {
      return CompletableFuture.failedFuture(known.get());
    }
    Optional<Link> link = link(place, digest).filter(l -> !l.mediaType().isEmpty());
    Optional<Manifest> stored = link.flatMap(l -> read(digest, l.mediaType(), From.HIT));
    if (stored.isPresent() && link.get().checked().plus(linkLife).isAfter(clock.instant())) {
      return CompletableFuture.completedFuture(stored.get());
    }
    Accept asked = accept.types().isEmpty() ? accept : Accept.ALL;
    CompletableFuture<Manifest> fetched =
        fetches.share(
            key,
            () -> fetch(upstream, place, digest.toString(), Optional.of(digest), asked, stored));
    return fetched.exceptionallyCompose(
        error -> {
          Refusal refusal = Refusal.from(error);
          if (refusal.isVerdict()) {
            removeLink(place, digest);
            negative.put(key, refusal);
          } else if (stored.isPresent()) {
            return CompletableFuture.completedFuture(stored.get().as(From.STALE));
          }
          return CompletableFuture.failedFuture(refusal);
        });
  }

  CompletableFuture<Manifest> byTag(Upstream upstream, Place place, TagName tag, Accept accept) {
    String key = tagKey(place, tag) + accept.variant() + accept.schema1();
    Optional<Refusal> known = negative.find(key);
    if (known.isPresent()) {
      return CompletableFuture.failedFuture(known.get());
    }
    Optional<Tag> record = tag(place, tag, accept);
    Optional<Manifest> stored = record.flatMap(r -> read(r.digest(), r.mediaType(), From.HIT));
    Instant now = clock.instant();
    if (stored.isPresent() && record.get().checked().plus(rules.ttl(tag.name())).isAfter(now)) {
      return CompletableFuture.completedFuture(stored.get());
    }
    return fetches
        .share(key, () -> refresh(upstream, place, tag, accept, stored))
        .exceptionallyCompose(
            error -> {
              Refusal refusal = Refusal.from(error);
              if (refusal.isVerdict()) {
                forget(place, tag);
                negative.put(key, refusal);
              } else if (stored.isPresent()
                  && record.get().checked().plus(rules.maxStale()).isAfter(now)) {
                return CompletableFuture.completedFuture(stored.get().as(From.STALE));
              }
              return CompletableFuture.failedFuture(refusal);
            });
  }

  /**
   * Asks upstream what the tag means now, whatever we believe: something told us that it was
   * pushed.
   */
  CompletableFuture<Manifest> refreshTag(Upstream upstream, Place place, TagName tag) {
    negative.forget(tagKey(place, tag));
    String key = tagKey(place, tag) + Accept.ALL.variant() + Accept.ALL.schema1();
    Optional<Manifest> stored =
        tag(place, tag, Accept.ALL).flatMap(r -> read(r.digest(), r.mediaType(), From.HIT));
    return fetches.share(key, () -> refresh(upstream, place, tag, Accept.ALL, stored));
  }

  /** Forgets what the tag meant; the next request asks upstream. */
  boolean forget(Place place, TagName tag) {
    negative.forget(tagKey(place, tag));
    try {
      return catalog.removeTag(place, tag);
    } catch (IOException e) {
      log.warn("cannot forget {}:{}: {}", place, tag, e.toString());
      return false;
    }
  }

  private CompletableFuture<Manifest> refresh(
      Upstream upstream, Place place, TagName tag, Accept accept, Optional<Manifest> stored) {
    if (stored.isEmpty()) {
      return fetch(upstream, place, tag.name(), Optional.empty(), accept, stored);
    }
    return upstream
        .ask(
            HttpMethod.HEAD,
            place.repository().toString(),
            path(place, tag.name()),
            headers(accept),
            0)
        .thenCompose(
            reply -> {
              Digest known = stored.get().digest();
              if (reply.status() == 200
                  && known.toString().equals(reply.headers().get("Docker-Content-Digest"))) {
                remember(place, stored.get(), Optional.of(tag), accept);
                return CompletableFuture.completedFuture(stored.get());
              }
              if (reply.status() == 200 || reply.status() == 405) {
                return fetch(upstream, place, tag.name(), Optional.empty(), accept, stored);
              }
              return CompletableFuture.failedFuture(
                  Refusal.ofStatus(reply.status(), place + ":" + tag));
            });
  }

  /** {@code stored}: what serves if the upstream fails; with that nobody waits for it to mend. */
  private CompletableFuture<Manifest> fetch(
      Upstream upstream,
      Place place,
      String reference,
      Optional<Digest> wanted,
      Accept accept,
      Optional<Manifest> stored) {
    Supplier<CompletableFuture<Reply>> question =
        () ->
            upstream.ask(
                HttpMethod.GET,
                place.repository().toString(),
                path(place, reference),
                headers(accept),
                MAX_MANIFEST);
    return (stored.isPresent() ? question.get() : patience.ask(question))
        .thenApplyAsync(reply -> accept(place, reference, wanted, accept, reply), blocking);
  }

  private Manifest accept(
      Place place, String reference, Optional<Digest> wanted, Accept accept, Reply reply) {
    String what = place + (wanted.isPresent() ? "@" : ":") + reference;
    if (reply.status() != 200) {
      throw new CompletionException(Refusal.ofStatus(reply.status(), what));
    }
    metrics.fromUpstream(reply.body().length);
    String length = reply.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null && !length.equals(Integer.toString(reply.body().length))) {
      throw new CompletionException(
          new Refusal(Refusal.Kind.UNAVAILABLE, what + " came only in part"));
    }
    String mediaType = mediaType(reply);
    Optional<Digest> named =
        Optional.ofNullable(reply.headers().get("Docker-Content-Digest")).flatMap(Digest::parse);
    if (Accept.isSchema1(mediaType)) {
      // Its digest is over a part of the bytes, and they may be signed anew each time: handed on,
      // never kept.
      Digest digest = wanted.or(() -> named).orElseGet(() -> Digest.of(reply.body()));
      return new Manifest(digest, mediaType, reply.body(), From.MISS);
    }
    Digest digest = wanted.or(() -> named).orElseGet(() -> Digest.of(reply.body()));
    if (!digest.names(reply.body())) {
      throw new CompletionException(
          new Refusal(Refusal.Kind.CORRUPT, "upstream sent other bytes for " + what));
    }
    Manifest manifest = new Manifest(digest, mediaType, reply.body(), From.MISS);
    try {
      if (store.put(digest, reply.body()).isPresent()) {
        remember(
            place,
            manifest,
            wanted.isPresent() ? Optional.empty() : TagName.parse(reference),
            accept);
      }
    } catch (IOException e) {
      log.warn("cannot keep {}, handing it on: {}", what, e.toString());
    }
    return manifest;
  }

  private static String mediaType(Reply reply) {
    String header = reply.headers().get(HttpHeaderNames.CONTENT_TYPE);
    String mediaType = header == null ? "" : Accept.withoutParameters(header);
    return mediaType.matches("[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
        ? mediaType
        : "application/octet-stream";
  }

  private void remember(Place place, Manifest manifest, Optional<TagName> tag, Accept accept) {
    try {
      catalog.putLink(place, manifest.digest(), new Link(manifest.mediaType(), clock.instant()));
      if (tag.isPresent()) {
        Tag value = new Tag(manifest.digest(), manifest.mediaType(), clock.instant());
        catalog.putTag(place, tag.get(), accept.variant(), value);
      }
      if (pins.pinned(place)) {
        store.pin(manifest.digest());
      }
    } catch (IOException e) {
      log.warn("cannot note what {} shows: {}", place, e.toString());
    }
  }

  private Optional<Manifest> read(Digest digest, String mediaType, From from) {
    Optional<StoredBlob> blob = store.find(digest);
    if (blob.isEmpty() || blob.get().size() > MAX_MANIFEST) {
      return Optional.empty();
    }
    try (FileChannel file = store.read(blob.get())) {
      ByteBuffer bytes = ByteBuffer.allocate((int) blob.get().size());
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
      return Optional.of(new Manifest(digest, mediaType, bytes.array(), from));
    } catch (IOException e) {
      log.warn("cannot read the manifest {}: {}", digest, e.toString());
      return Optional.empty();
    }
  }

  private Optional<Link> link(Place place, Digest digest) {
    try {
      return catalog.link(place, digest);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<Tag> tag(Place place, TagName tag, Accept accept) {
    if (!accept.schema1().isEmpty() && accept.types().isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<Tag> exact = catalog.tag(place, tag, accept.variant());
      // What was brought ahead was asked for under everything; it serves whoever can read it.
      Optional<Tag> any =
          catalog.tag(place, tag, Accept.ALL.variant()).filter(t -> accept.reads(t.mediaType()));
      return Stream.concat(exact.stream(), any.stream()).max(Comparator.comparing(Tag::checked));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void removeLink(Place place, Digest digest) {
    try {
      catalog.removeLink(place, digest);
    } catch (IOException e) {
      log.warn("cannot forget that {} shows {}: {}", place, digest, e.toString());
    }
  }

  private static HttpHeaders headers(Accept accept) {
    HttpHeaders headers = new DefaultHttpHeaders();
    accept.headers().forEach(value -> headers.add(HttpHeaderNames.ACCEPT, value));
    return headers;
  }

  private static String tagKey(Place place, TagName tag) {
    return place + ":" + tag + "?";
  }

  private static String path(Place place, String reference) {
    return "/v2/" + place.repository() + "/manifests/" + reference;
  }
}
