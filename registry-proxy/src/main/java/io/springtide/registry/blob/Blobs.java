package io.springtide.registry.blob;

import io.springtide.registry.fill.Fill;
import io.springtide.registry.fill.FillTable;
import io.springtide.registry.fill.FillTable.Joined;
import io.springtide.registry.http.AnswerSize;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.Why;
import io.springtide.registry.rule.Links;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.BlobSources;
import io.springtide.registry.upstream.Coalescer;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.SilentUpstreams;
import io.springtide.registry.upstream.Upstream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Finds a blob for one repository: from the store, from a fill under way, or by a new fill. Whoever
 * gets one has the upstream's word, not older than {@code linkLife}, that the repository shows it;
 * bytes of one repository are never shown in another by digest alone.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The inner future is flattened at once.
public final class Blobs {
  private final BlobStore store;
  private final Links links;
  private final FillTable fills;
  private final NegativeCache negative;
  private final SilentUpstreams silent;
  private final BlobSources route;
  private final Coalescer<String, Boolean> confirmations = new Coalescer<>();

  public Blobs(
      BlobStore store,
      Links links,
      FillTable fills,
      NegativeCache negative,
      SilentUpstreams silent,
      BlobSources route) {
    this.store = store;
    this.links = links;
    this.fills = fills;
    this.negative = negative;
    this.silent = silent;
    this.route = route;
  }

  /**
   * The blob; fails with a {@link ContentFailure}. {@code direct}: do not ask another proxy, it may
   * be the one asking.
   */
  public CompletableFuture<Found> open(
      Upstream upstream, Place place, Digest digest, boolean direct) {
    Optional<ContentFailure> known = negative.find(NegativeCache.key(place, digest));
    if (known.isPresent()) {
      return CompletableFuture.failedFuture(known.get());
    }
    Optional<StoredBlob> whole = store.find(digest);
    if (whole.isEmpty()) {
      return fill(upstream, place, digest, direct, true);
    }
    if (links.isFresh(place, digest)) {
      return CompletableFuture.completedFuture(new Found.Whole(whole.get(), false));
    }
    return confirm(upstream, place, digest)
        .thenCompose(
            stale ->
                store
                    .find(digest)
                    .map(
                        blob ->
                            CompletableFuture.<Found>completedFuture(new Found.Whole(blob, stale)))
                    .orElseGet(() -> fill(upstream, place, digest, direct, true)));
  }

  /**
   * Asks the upstream whether the repository shows the digest; true if it could not be asked and an
   * old link serves.
   */
  private CompletableFuture<Boolean> confirm(Upstream upstream, Place place, Digest digest) {
    boolean linkedBefore = links.find(place, digest).isPresent();
    if (linkedBefore && silent.recent(upstream.name())) {
      return CompletableFuture.completedFuture(true);
    }
    return confirmations.share(
        NegativeCache.key(place, digest),
        counts ->
            upstream
                .headBlob(place, digest)
                .handle((reply, error) -> judge(place, digest, linkedBefore, reply, error)));
  }

  private boolean judge(
      Place place, Digest digest, boolean linkedBefore, Reply reply, Throwable error) {
    if (error == null) {
      silent.answered(place.upstream());
    } else {
      silent.silent(place.upstream());
    }
    if (error == null && reply.status() == 200) {
      links.note(place, digest, "");
      return false;
    }
    ContentFailure failure =
        error == null
            ? ContentFailure.ofStatus(reply.status(), digest.toString())
            : new ContentFailure(ContentFailure.Kind.UNAVAILABLE, Why.of(error));
    if (failure.isVerdict()) {
      removeLink(place, digest);
      negative.put(NegativeCache.key(place, digest), failure);
    } else if (linkedBefore) {
      return true;
    }
    throw new CompletionException(failure);
  }

  private CompletableFuture<Found> fill(
      Upstream upstream, Place place, Digest digest, boolean direct, boolean mayRepeat) {
    BlobSource source = route.source(upstream, place, digest, direct);
    return fills
        .join(digest, place, source)
        .accept(
            new Joined.Visitor<CompletableFuture<Found>>() {
              @Override
              public CompletableFuture<Found> on(Joined.Arriving arriving) {
                Fill fill = arriving.fill();
                boolean ours = fill.place().equals(place);
                // A fill for another repository proves nothing about this one.
                CompletableFuture<Boolean> shown =
                    ours || links.isFresh(place, digest)
                        ? CompletableFuture.completedFuture(false)
                        : confirm(upstream, place, digest);
                return shown
                    .thenCompose(stale -> fill.ready())
                    .handle(
                        (ready, error) -> {
                          if (error == null) {
                            if (ours && !links.isFresh(place, digest)) {
                              links.note(place, digest, "");
                            }
                            return CompletableFuture.<Found>completedFuture(
                                new Found.Filling(ready, arriving.begun()));
                          }
                          ContentFailure failure = ContentFailure.from(error);
                          if (failure.kind() == ContentFailure.Kind.NO_ROOM) {
                            return CompletableFuture.<Found>completedFuture(
                                new Found.Passing(source, digest));
                          }
                          if (!ours && mayRepeat && fill.failure().isPresent()) {
                            return fill(upstream, place, digest, direct, false);
                          }
                          return CompletableFuture.<Found>failedFuture(failure);
                        })
                    .thenCompose(result -> result);
              }

              @Override
              public CompletableFuture<Found> on(Joined.Stored stored) {
                return open(upstream, place, digest, direct);
              }

              @Override
              public CompletableFuture<Found> on(Joined.Refused refused) {
                return CompletableFuture.failedFuture(refused.why());
              }

              @Override
              public CompletableFuture<Found> on(Joined.Full full) {
                return CompletableFuture.failedFuture(
                    new ContentFailure(
                        ContentFailure.Kind.OVERLOADED, "too many fills are waiting already"));
              }
            });
  }

  /**
   * Size of the blob as the upstream tells it, without fetching it; empty if the upstream shows it
   * and does not tell. Fails with a {@link ContentFailure}.
   */
  public CompletableFuture<Optional<Long>> size(Upstream upstream, Place place, Digest digest) {
    Optional<ContentFailure> known = negative.find(NegativeCache.key(place, digest));
    if (known.isPresent()) {
      return CompletableFuture.failedFuture(known.get());
    }
    return upstream
        .headBlob(place, digest)
        .handle(
            (reply, error) -> {
              judge(place, digest, false, reply, error);
              return AnswerSize.length(reply.headers());
            });
  }

  private void removeLink(Place place, Digest digest) {
    try {
      links.forget(place, digest);
    } catch (IOException e) {
      throw new CompletionException(
          new ContentFailure(ContentFailure.Kind.UNAVAILABLE, "cannot forget a link: " + e));
    }
  }
}
