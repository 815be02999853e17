package io.springtide.server.http;

import static java.util.Objects.requireNonNull;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import io.javalin.http.sse.SseHandler;
import io.springtide.scheduler.view.ClusterView;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code GET /v1/events}: what changes, as server-sent events {@code instance}, {@code host},
 * {@code job}, {@code pool} and {@code health}. Each carries the thing as it is now, so a reader
 * that misses some loses nothing: of changes between two looks only the last is told. It begins
 * with a comment, {@code from version <n>}: whoever reads the lists after it misses nothing.
 */
final class EventFeed implements AutoCloseable {
  private static final String EVENT_STREAM = "text/event-stream";
  private static final int READERS = 40;
  private static final int PAUSE_MILLIS = 100;
  private static final int COMMENT_SECONDS = 15;

  private final Supplier<LeadingCore> core;
  private final SseHandler stream = new SseHandler(this::feed);
  private final Semaphore places = new Semaphore(READERS);

  /** Each reader's, released when there is something to look at. */
  private final Set<Semaphore> changes = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  EventFeed(Supplier<LeadingCore> core) {
    this.core = core;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/events", this::open);
  }

  private void open(Context http) {
    String accept = http.header("Accept");
    if (accept == null || !accept.contains(EVENT_STREAM)) {
      throw new Problem(
          406,
          "Not acceptable",
          "events come as " + EVENT_STREAM,
          "Accept",
          "send the header Accept: " + EVENT_STREAM);
    }
    // Who does not lead says so before the stream begins.
    requireNonNull(core.get());
    stream.handle(http);
  }

  private void feed(SseClient client) {
    if (!places.tryAcquire()) {
      client.sendEvent("problem", "more than " + READERS + " readers already; try again later");
      client.close();
      return;
    }
    try {
      follow(client, core.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
    }
  }

  /** Only the newest view matters; a reader that is slow holds nothing up. */
  private void follow(SseClient client, LeadingCore leading) throws InterruptedException {
    Semaphore changed = new Semaphore(1);
    ClusterView told = leading.view();
    Runnable end = leading.published().watch(view -> changed.release());
    changes.add(changed);
    try {
      client.sendComment("from version " + told.version());
      while (!client.terminated() && !closed) {
        if (!changed.tryAcquire(COMMENT_SECONDS, TimeUnit.SECONDS)) {
          client.sendComment("still here");
          continue;
        }
        changed.drainPermits();
        ClusterView next = leading.view();
        for (News news : News.between(told, next)) {
          client.sendEvent(news.event(), news.data().toString());
        }
        told = next;
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } finally {
      changes.remove(changed);
      end.run();
    }
  }

  /** Ends all streams: the server's stop would wait for them. */
  @Override
  public void close() {
    closed = true;
    changes.forEach(Semaphore::release);
  }
}
