package io.springtide.registry.fill;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.springtide.registry.fill.FillTable.Joined;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.StoreLimits;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.RetryPolicy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who joins a fill, who begins one, and who comes just after its end. */
class FillTableTest {
  private static final Place PLACE = new Place("up", RepoName.parse("feed/api").orElseThrow());

  @TempDir Path directory;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void close() {
    timer.shutdownNow();
  }

  @Test
  void whatWasRefusedSinceTheCallerLookedIsNotAskedForAgain() throws Exception {
    BlobStore store =
        BlobStore.open(directory, new StoreLimits(1 << 20, 0.9, 0.8, 0), Clock.systemUTC());
    NegativeCache negative = new NegativeCache(Clock.systemUTC(), Duration.ofMinutes(1));
    FillTable fills =
        new FillTable(
            store, negative, Runnable::run, timer, RetryPolicy.DEFAULT, new ProxyMetrics(), 1, 1);
    Digest digest = Digest.of(new byte[] {1});
    AtomicReference<ResponseListener> upstream = new AtomicReference<>();
    BlobSource asked = (from, attempt, listener) -> upstream.set(listener);
    Place other = new Place("up", new RepoName("feed/other"));

    Fill fill = ((Joined.Arriving) fills.join(digest, PLACE, asked)).fill();
    upstream.get().head(404, new DefaultHttpHeaders(), new NoExchange());

    assertThat(fill.failure()).isPresent();
    assertThat(fills.join(digest, PLACE, asked)).isInstanceOf(Joined.Refused.class);
    assertThat(fills.join(digest, other, asked))
        .as("it says nothing of another repository")
        .isInstanceOf(Joined.Arriving.class);
  }

  private static final class NoExchange implements ServerExchange {
    @Override
    public void cancel() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  @Test
  void whatWasStoredSinceTheCallerLookedIsNotFetchedAgain() throws Exception {
    BlobStore store =
        BlobStore.open(directory, new StoreLimits(1 << 20, 0.9, 0.8, 0), Clock.systemUTC());
    FillTable fills =
        new FillTable(
            store,
            new NegativeCache(Clock.systemUTC(), Duration.ZERO),
            Runnable::run,
            timer,
            RetryPolicy.DEFAULT,
            new ProxyMetrics(),
            1,
            1);
    byte[] bytes = {1, 2, 3};
    Digest digest = Digest.of(bytes);
    BlobSource silent = (from, attempt, listener) -> {};

    assertThat(fills.join(digest, PLACE, silent))
        .isInstanceOfSatisfying(Joined.Arriving.class, a -> assertThat(a.begun()).isTrue());
    assertThat(fills.join(digest, PLACE, silent))
        .isInstanceOfSatisfying(Joined.Arriving.class, a -> assertThat(a.begun()).isFalse());

    Digest stored = store.put(Digest.of(new byte[] {4}), new byte[] {4}).orElseThrow().digest();
    assertThat(fills.join(stored, PLACE, silent)).isInstanceOf(Joined.Stored.class);
  }
}
