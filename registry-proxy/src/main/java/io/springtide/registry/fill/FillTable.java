package io.springtide.registry.fill;

import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.RetryPolicy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The fills under way, at most one per digest however many want it. Only so many run at once;
 * further ones wait in a bounded queue rather than being turned away, because clients answer a
 * rejection by going to the origin all at once.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // A retry that does not come is the stop of the proxy.
public final class FillTable implements Fetch.Surroundings {
  private final BlobStore store;
  private final NegativeCache negative;
  private final Executor blocking;
  private final ScheduledExecutorService timer;
  private final RetryPolicy retries;
  private final ProxyMetrics metrics;
  private final int maxRunning;
  private final int maxQueued;

  // Guarded by this.
  private final Map<Digest, Fill> fills = new HashMap<>();
  private final Deque<Fetch> queue = new ArrayDeque<>();
  private final Map<Fill, Long> started = new HashMap<>();

  public FillTable(
      BlobStore store,
      NegativeCache negative,
      Executor blocking,
      ScheduledExecutorService timer,
      RetryPolicy retries,
      ProxyMetrics metrics,
      int maxRunning,
      int maxQueued) {
    this.store = store;
    this.negative = negative;
    this.blocking = blocking;
    this.timer = timer;
    this.retries = retries;
    this.metrics = metrics;
    this.maxRunning = maxRunning;
    this.maxQueued = maxQueued;
    metrics.gauge("springtide_registry_fills_running", "Fills under way", this::running);
    metrics.gauge("springtide_registry_fills_queued", "Fills waiting for a place", this::queued);
  }

  /** The fill of {@code digest} under way, if there is one. */
  public synchronized Optional<Fill> find(Digest digest) {
    return Optional.ofNullable(fills.get(digest));
  }

  /** What came of {@link #join}. */
  public sealed interface Joined {
    /** Shows itself to the visitor, and hands back what that says. */
    <T> T accept(Visitor<T> visitor);

    /** Whoever must know everything that can come of it. */
    interface Visitor<T> {
      T on(Arriving joined);

      T on(Stored joined);

      T on(Refused joined);

      T on(Full joined);
    }

    /** {@code begun}: by this call. */
    record Arriving(Fill fill, boolean begun) implements Joined {
      @Override
      public <T> T accept(Visitor<T> visitor) {
        return visitor.on(this);
      }
    }

    /** A fill has ended since the caller looked: the blob is in the store. */
    record Stored() implements Joined {
      @Override
      public <T> T accept(Visitor<T> visitor) {
        return visitor.on(this);
      }
    }

    /** A fill has ended so since the caller looked. */
    record Refused(ContentFailure why) implements Joined {
      @Override
      public <T> T accept(Visitor<T> visitor) {
        return visitor.on(this);
      }
    }

    /** The queue is full. */
    record Full() implements Joined {
      @Override
      public <T> T accept(Visitor<T> visitor) {
        return visitor.on(this);
      }
    }
  }

  /**
   * Joins the fill of {@code digest}, or begins one for {@code place} from {@code source}. Looks
   * into the store and among the failures again, under the lock that every fill's end takes: else a
   * request that looked there just before a fill ended, and here just after, would ask once more.
   */
  public Joined join(Digest digest, Place place, BlobSource source) {
    Fetch fetch;
    synchronized (this) {
      Fill present = fills.get(digest);
      if (present != null) {
        return new Joined.Arriving(present, false);
      }
      if (store.has(digest)) {
        return new Joined.Stored();
      }
      Optional<ContentFailure> refused = negative.find(NegativeCache.key(place, digest));
      if (refused.isPresent()) {
        return new Joined.Refused(refused.get());
      }
      boolean run = started.size() < maxRunning;
      if (!run && queue.size() >= maxQueued) {
        return new Joined.Full();
      }
      Fill fill = new Fill(digest, place);
      fetch = new Fetch(fill, source, retries, this);
      fills.put(digest, fill);
      if (!run) {
        queue.add(fetch);
        return new Joined.Arriving(fill, true);
      }
      started.put(fill, System.nanoTime());
    }
    fetch.start();
    return new Joined.Arriving(fetch.fill(), true);
  }

  @Override
  public void over(Fill fill, ContentFailure failure) {
    Fetch next;
    long nanos;
    synchronized (this) {
      fills.remove(fill.digest(), fill);
      if (failure != null) {
        negative.put(NegativeCache.key(fill.place(), fill.digest()), failure);
      }
      nanos = System.nanoTime() - started.remove(fill);
      next = queue.poll();
      if (next != null) {
        started.put(next.fill(), System.nanoTime());
      }
    }
    metrics.fillOver(
        failure == null ? "stored" : failure.kind().name().toLowerCase(Locale.ROOT), nanos);
    if (next != null) {
      next.start();
    }
  }

  @Override
  public BlobStore store() {
    return store;
  }

  @Override
  public void blocking(Runnable action) {
    blocking.execute(action);
  }

  @Override
  public void later(long millis, Runnable action) {
    timer.schedule(action, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void received(int bytes) {
    metrics.fromUpstream(bytes);
  }

  private synchronized int running() {
    return started.size();
  }

  private synchronized int queued() {
    return queue.size();
  }
}
