package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.scheduler.Event;
import io.springtide.scheduler.Preview;
import io.springtide.server.document.PlanDocument;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** {@code /v1/plan}: what changes would bring about. */
final class Plans {
  /** Each works on a copy of the whole state; more callers wait for their turn. */
  private static final int AT_ONCE = 2;

  private static final long PATIENCE_SECONDS = 30;

  private final Supplier<Kernel> kernel;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  Plans(Supplier<Kernel> kernel) {
    this.kernel = kernel;
  }

  void register(RoutesConfig routes) {
    routes.post("/v1/plan", this::plan);
  }

  private void plan(Context http) {
    Requests.requireQuery(http, List.of());
    List<Event.Command> changes =
        PlanDocument.read(Requests.body(http), kernel.get().poolCheck(), kernel.get().failures());
    Preview preview = inTurn(() -> kernel.get().plan(changes));
    Map<String, Long> prices = new TreeMap<>();
    kernel
        .get()
        .view()
        .pools()
        .forEach((name, view) -> prices.put(name, view.pool().microsPerHour()));
    for (Event.Command change : changes) {
      if (change instanceof Event.PutPool put) {
        prices.put(put.pool().name(), put.pool().microsPerHour());
      }
    }
    Replies.json(http, PlanDocument.write(preview, prices));
  }

  /** Waits for a turn to work on a copy of the state. */
  <T> T inTurn(Supplier<T> work) {
    try {
      if (!turns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw Problem.unavailable("too many plans are being made", "try again later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("this process is ending", "try again");
    }
    try {
      return work.get();
    } finally {
      turns.release();
    }
  }
}
