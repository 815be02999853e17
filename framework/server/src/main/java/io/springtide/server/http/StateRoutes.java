package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.scheduler.state.StateStore;
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

  void register(RoutesConfig routes) {
    routes.get("/v1/state", this::export);
  }

  private void export(Context http) {
    RequestReader.requireQuery(http, List.of());
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
