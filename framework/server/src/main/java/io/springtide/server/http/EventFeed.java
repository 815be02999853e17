package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.sse.SseClient;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Fields;
import io.springtide.server.document.PoolStatus;
import io.springtide.server.document.ReadDocuments;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * {@code GET /v1/events}: what changes, as server-sent events {@code instance}, {@code host},
 * {@code job}, {@code pool} and {@code health}. Each carries the thing as it is now, so a reader
 * that misses some loses nothing: of changes between two looks only the last is told.
 */
final class EventFeed {
  private static final int READERS = 40;
  private static final int PAUSE_MILLIS = 100;
  private static final int COMMENT_SECONDS = 15;

  private final Supplier<Kernel> kernel;
  private final AtomicInteger readers = new AtomicInteger();

  EventFeed(Supplier<Kernel> kernel) {
    this.kernel = kernel;
  }

  void register(RoutesConfig routes) {
    routes.sse("/v1/events", this::feed);
  }

  private void feed(SseClient client) {
    Kernel leading = kernel.get();
    if (readers.incrementAndGet() > READERS) {
      readers.decrementAndGet();
      client.sendEvent("problem", "more than " + READERS + " readers already; try again later");
      client.close();
      return;
    }
    BlockingQueue<ClusterView> news = new ArrayBlockingQueue<>(1);
    ClusterView told = leading.view();
    Runnable end =
        leading
            .published()
            .watch(
                view -> {
                  // Only the newest matters; a reader that is slow holds nothing up.
                  news.poll();
                  news.offer(view);
                });
    try {
      while (!client.terminated()) {
        ClusterView next = news.poll(COMMENT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          client.sendComment("still here");
          continue;
        }
        tell(client, told, next);
        told = next;
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end.run();
      readers.decrementAndGet();
    }
  }

  @SuppressWarnings("ReferenceEquality") // Views are used again where nothing has changed.
  private static void tell(SseClient client, ClusterView before, ClusterView now) {
    for (Map.Entry<String, JobView> entry : now.jobs().entrySet()) {
      JobView old = before.jobs().get(entry.getKey());
      if (old != entry.getValue()) {
        tell(client, old, entry.getValue());
      }
    }
    for (String gone : before.jobs().keySet()) {
      if (!now.jobs().containsKey(gone)) {
        send(client, "job", Documents.object().put("id", gone).put("removed", true));
      }
    }
    for (Map.Entry<String, PoolView> entry : now.pools().entrySet()) {
      PoolView old = before.pools().get(entry.getKey());
      if (!entry.getValue().equals(old)) {
        send(client, "pool", PoolStatus.of(now).document(entry.getValue()));
      }
    }
    for (String gone : before.pools().keySet()) {
      if (!now.pools().containsKey(gone)) {
        send(client, "pool", Documents.object().put("name", gone).put("removed", true));
      }
    }
    if (before.wave().isPresent() != now.wave().isPresent()) {
      send(client, "health", health(now));
    }
    for (Map.Entry<String, HostView> entry : now.hosts().entrySet()) {
      HostView old = before.hosts().get(entry.getKey());
      HostView one = entry.getValue();
      if (old == null
          || !old.host().condition().equals(one.host().condition())
          || !old.warnings().equals(one.warnings())) {
        ObjectNode event =
            Documents.object()
                .put("id", one.host().id())
                .put("pool", one.host().pool())
                .put("condition", Fields.word(one.host().condition()));
        if (!one.warnings().isEmpty()) {
          var warnings = event.putArray("warnings");
          one.warnings().forEach(warning -> warnings.add(warning.detail()));
        }
        send(client, "host", event);
      }
    }
    for (String gone : before.hosts().keySet()) {
      if (!now.hosts().containsKey(gone)) {
        send(client, "host", Documents.object().put("id", gone).put("removed", true));
      }
    }
  }

  /** Whether so many fail their health checks at once that they are restarted slowly. */
  private static ObjectNode health(ClusterView view) {
    ObjectNode node = Documents.object().put("slowed", view.wave().isPresent());
    view.wave()
        .ifPresent(
            wave ->
                node.put("failing", wave.failing())
                    .put("checked", wave.checked())
                    .put("restartsPerMinute", wave.perMinute()));
    return node;
  }

  private static void tell(SseClient client, JobView old, JobView now) {
    if (old == null || old.job().version() != now.job().version()) {
      send(client, "job", ReadDocuments.job(now));
    }
    Map<String, InstanceView> earlier = new HashMap<>();
    if (old != null) {
      old.instances().forEach(view -> earlier.put(view.instance().id(), view));
    }
    for (InstanceView view : now.instances()) {
      InstanceView was = earlier.remove(view.instance().id());
      if (was == null
          || !was.instance().equals(view.instance())
          || was.condemned().isPresent() != view.condemned().isPresent()) {
        send(client, "instance", ReadDocuments.instance(view));
      }
    }
    for (String gone : earlier.keySet()) {
      send(client, "instance", Documents.object().put("id", gone).put("removed", true));
    }
  }

  private static void send(SseClient client, String event, ObjectNode data) {
    client.sendEvent(event, data.toString());
  }
}
