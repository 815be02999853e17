package io.springtide.server.mesos;

import io.springtide.mesos.Backoff;
import io.springtide.mesos.OperatorException;
import io.springtide.mesos.Why;
import io.springtide.scheduler.event.Event;
import io.springtide.server.thread.Daemon;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.master.Protos.Response.GetAgents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the master every few seconds what it makes of its agents. Nothing in the scheduler's own API
 * says that an agent is drained or deactivated, or how large it is; and the master's event stream
 * says nothing of it either.
 *
 * <p>A master that refuses to answer is asked seldom, and what offers say must do.
 */
public final class AgentsDesk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentsDesk.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration FAILING_MOST = Duration.ofMinutes(1);
  private static final Duration REFUSED = Duration.ofMinutes(5);

  private final Supplier<CompletableFuture<GetAgents>> master;
  private final Supplier<CompletableFuture<Schedule>> schedule;
  private final String role;
  private final Consumer<Event> events;
  private final ScheduledExecutorService thread = Daemon.named("agents");

  // Touched by the one thread only.
  private final Backoff backoff =
      new Backoff(EVERY.multipliedBy(2), FAILING_MOST, ThreadLocalRandom.current());

  private boolean refused;

  /**
   * @param master asks it for its agents
   * @param schedule asks it when machines go away
   * @param role ours
   * @param events where the core hears of it; may block while the core is behind
   */
  public AgentsDesk(
      Supplier<CompletableFuture<GetAgents>> master,
      Supplier<CompletableFuture<Schedule>> schedule,
      String role,
      Consumer<Event> events) {
    this.master = master;
    this.schedule = schedule;
    this.role = role;
    this.events = events;
  }

  private record Answer(GetAgents agents, Optional<Schedule> schedule) {}

  /** Begins. */
  public void start() {
    thread.execute(this::ask);
  }

  private void ask() {
    // Inverse offers say it too, to whoever uses the machine: the list may be refused.
    CompletableFuture<Optional<Schedule>> known =
        schedule.get().handle((answer, e) -> Optional.ofNullable(answer));
    master
        .get()
        .thenCombine(known, Answer::new)
        .whenCompleteAsync(
            (answer, e) -> {
              Duration pause = e == null ? heard(answer.agents(), answer.schedule()) : failed(e);
              try {
                thread.schedule(this::ask, pause.toMillis(), TimeUnit.MILLISECONDS);
              } catch (RejectedExecutionException closed) {
                log.debug("No more questions about agents: the process ends");
              }
            },
            thread);
  }

  /** Returns how long to wait before the next question. */
  public Duration heard(GetAgents answer, Optional<Schedule> machines) {
    if (refused) {
      log.info("The master says again what it makes of its agents");
    }
    refused = false;
    backoff.reset();
    events.accept(Agents.read(answer, machines, role));
    return EVERY;
  }

  /** Returns how long to wait before the next question. */
  Duration failed(Throwable e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    int status = cause instanceof OperatorException answer ? answer.status() : 0;
    if (status == 401 || status == 403) {
      if (!refused) {
        log.warn(
            "The master does not let us ask about agents ({}): hosts that it drains or deactivates"
                + " show as initialising, and their size is taken from offers. Let the principal"
                + " view agents, or let it be",
            Why.of(cause));
      }
      refused = true;
      return REFUSED;
    }
    log.debug("The master does not say what it makes of its agents: {}", Why.of(cause));
    return backoff.next();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
