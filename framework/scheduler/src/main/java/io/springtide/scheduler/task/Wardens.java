package io.springtide.scheduler.task;

import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Seat;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first task of every host. It says that the host is ready and keeps its executor alive; a host
 * without one takes no other work.
 */
public final class Wardens {
  private static final Duration SOUND = Duration.ofSeconds(10);

  private final State state;
  private final CoreConfig config;
  private final Reconciler reconciler;
  private final AgentBook agents;
  private final Map<String, Instant> nextEnd = new HashMap<>();
  private final Ignored ignored;

  public Wardens(
      State state, CoreConfig config, Reconciler reconciler, AgentBook agents, Ignored ignored) {
    this.state = state;
    this.config = config;
    this.reconciler = reconciler;
    this.agents = agents;
    this.ignored = ignored;
  }

  /** Whether the host's warden runs, for all that anybody knows. */
  public boolean runs(Host host) {
    return host.wardenRuns() && !reconciler.unresolved(host.warden().orElseThrow().id());
  }

  /** Whether the host is to have a warden, and has none that lives or may live. */
  public boolean wanted(Host host) {
    boolean useful =
        switch (host.wish()) {
          case SERVE, CORDON -> true;
          // Whoever still has work there, or something to reap, needs an executor.
          case DRAIN, RELEASE -> !state.isEmpty(host.id());
        };
    AgentReport.State master = agents.state(host);
    boolean mayCome =
        master == AgentReport.State.ACTIVE
            // Its machine is still there, and goes only when nothing of ours is left on it.
            || (master == AgentReport.State.LEAVING && !state.remainsOn(host.id()).isEmpty());
    return useful
        && mayCome
        && host.agent().isPresent()
        && host.warden().filter(task -> !task.state().terminal()).isEmpty();
  }

  /** The launch of the host's warden, if these offers have the room and its back-off is over. */
  public Optional<TaskLaunch> launch(Host host, List<Offer> offers, Turn turn) {
    if (turn.now().isBefore(host.seat().notBefore())
        || !OfferBook.resources(offers).covers(need(offers))) {
      return Optional.empty();
    }
    long attempt = turn.nextAttempt();
    Task task =
        Task.attempt(
            "warden." + host.id().replaceAll("[^A-Za-z0-9.-]", "-") + "." + attempt,
            attempt,
            0,
            host.id(),
            host.agentId(),
            host.pool(),
            // Wardens are charged to no group; the label is never looked at.
            Label.GUARANTEED,
            List.of(),
            offers.get(0).reachedAt(),
            turn.now());
    turn.put(host.with(host.seat().with(task)));
    return Optional.of(new TaskLaunch(task, "", Optional.empty(), List.of()));
  }

  /** What a warden takes of these offers, with the executor that it starts unless one lives. */
  public Resources need(List<Offer> offers) {
    boolean executorLives =
        offers.stream().anyMatch(offer -> offer.executorIds().contains(config.executorId()));
    return executorLives ? config.warden() : config.overhead();
  }

  public void on(Host host, TaskUpdate update, Turn turn) {
    Task task = host.warden().orElseThrow();
    if (!TaskTable.believes(task.state(), update.state())) {
      ignored.warden(task.state(), update.state());
      return;
    }
    Task next = task.after(update, turn.now());
    if (!next.state().terminal()) {
      turn.put(host.with(host.seat().with(next)));
      return;
    }
    boolean wasSound =
        task.state() == TaskState.RUNNING
            && Duration.between(task.since(), turn.now()).compareTo(SOUND) >= 0;
    if (update.drained()) {
      // Mesos emptied its agent: no fault, and none to wait for when the agent is active again.
      turn.put(host.with(new Seat(Optional.of(next), 0, turn.now())));
      return;
    }
    int failures = wasSound ? 1 : host.seat().failures() + 1;
    Duration wait = config.times().hosts().warden().after(failures - 1);
    Instant earliest = wasSound ? turn.now() : turn.now().plus(wait);
    turn.put(host.with(new Seat(Optional.of(next), failures, earliest)));
  }

  /**
   * An instance's executor has died. There is one executor on a host, and an instance is launched
   * after the warden that it is with: so that warden has died too, though its own update may be
   * still to come.
   */
  void executorDied(Task instance, Turn turn) {
    state
        .host(instance.host())
        .filter(host -> host.wardenRuns() && host.agentId().equals(instance.agentId()))
        .filter(host -> host.warden().orElseThrow().generation() < instance.generation())
        .ifPresent(
            host -> {
              Task warden = host.warden().orElseThrow();
              on(
                  host,
                  new TaskUpdate(
                      warden.id(),
                      warden.agentId(),
                      TaskState.FAILED,
                      TaskUpdate.EXECUTOR_TERMINATED,
                      "its executor died",
                      Optional.empty(),
                      ""),
                  turn);
            });
  }

  /**
   * Ends the executor of a host that is to be empty and is: an idle executor would keep its agent
   * draining. Asked again until its warden has ended.
   */
  public void endIfIdle(Host host, Turn turn) {
    boolean idle =
        (host.wish() == Wish.DRAIN || host.wish() == Wish.RELEASE)
            && state.isEmpty(host.id())
            && host.warden().filter(task -> task.state().alive()).isPresent();
    if (!idle) {
      nextEnd.remove(host.id());
    } else if (!turn.now().isBefore(nextEnd.getOrDefault(host.id(), Instant.MIN))) {
      nextEnd.put(host.id(), turn.now().plus(config.times().tasks().kill().first()));
      turn.then(new Effect.ShutdownExecutor(host.agentId(), config.executorId()));
    }
  }
}
