package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Right;
import io.springtide.server.store.StateFile;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** {@code GET /v1/state}: all that is durable, for a copy elsewhere. */
final class StateRoutes {
  /** Each holds on to a state, whatever becomes of it meanwhile, until it is read. */
  private static final int AT_ONCE = 2;

  private final Supplier<LeadingCore> core;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  StateRoutes(Supplier<LeadingCore> core) {
    this.core = core;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/state", "exportState", "All that is durable, for a copy elsewhere")
            .right(Right.ADMIN)
            .answers(
                new Route.Answer(
                    200, "A line for each record.", null, "application/x-ndjson", false))
            .does(this::export));
  }

  private void export(Context http) {
    if (!turns.tryAcquire()) {
      throw Problem.unavailable("the state is being read " + AT_ONCE + " times", "try again later");
    }
    try {
      StateStore.Loaded state = core.get().durable();
      Replies.stream(http, "application/x-ndjson", out -> StateFile.write(state, out));
    } finally {
      turns.release();
    }
  }
}
