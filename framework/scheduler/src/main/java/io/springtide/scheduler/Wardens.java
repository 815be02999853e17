package io.springtide.scheduler;

import io.springtide.partition.Label;
import io.springtide.partition.Resources;
import io.springtide.scheduler.Host.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The first task of every host. It says that the host is ready and keeps its executor alive; a host
 * without one takes no other work.
 */
final class Wardens {
  private static final Duration SOUND = Duration.ofSeconds(10);

  private final State state;
  private final CoreConfig config;

  Wardens(State state, CoreConfig config) {
    this.state = state;
    this.config = config;
  }

  /** Whether the host is to have a warden, and has none that lives or may live. */
  boolean wanted(Host host) {
    boolean useful =
        switch (host.wish()) {
          case SERVE, CORDON -> true;
          // Whoever still has work there, or something to reap, needs an executor.
          case DRAIN, RELEASE -> !state.isEmpty(host.id());
        };
    return useful
        && !host.agentId().isEmpty()
        && host.warden().filter(task -> !task.state().terminal()).isEmpty();
  }

  /** The launch of the host's warden, if these offers have the room and its back-off is over. */
  Optional<Launch> launch(Host host, List<Offer> offers, Turn turn) {
    boolean executorLives =
        offers.stream().anyMatch(offer -> offer.executorIds().contains(config.executorId()));
    Resources need = executorLives ? config.warden() : config.overhead();
    if (turn.now().isBefore(host.notBefore()) || !OfferBook.resources(offers).covers(need)) {
      return Optional.empty();
    }
    long attempt = turn.nextAttempt();
    Task task =
        new Task(
            "warden." + host.id().replaceAll("[^A-Za-z0-9.-]", "-") + "." + attempt,
            attempt,
            0,
            host.id(),
            host.agentId(),
            host.pool(),
            // Wardens are charged to no group; the label is never looked at.
            Label.GUARANTEED,
            List.of(),
            false,
            TaskState.STAGING,
            Optional.empty(),
            Matching.address(offers),
            turn.now(),
            turn.now());
    turn.put(host.withWarden(Optional.of(task), host.wardenFailures(), host.notBefore()));
    return Optional.of(new Launch(task, "", Optional.empty()));
  }

  void on(Host host, TaskUpdate update, Turn turn) {
    Task task = host.warden().orElseThrow();
    if (!TaskTable.believes(task.state(), update.state())) {
      return;
    }
    Task next = task.after(update, turn.now());
    if (!next.state().terminal()) {
      turn.put(host.withWarden(Optional.of(next), host.wardenFailures(), host.notBefore()));
      return;
    }
    boolean wasSound =
        task.state() == TaskState.RUNNING
            && Duration.between(task.since(), turn.now()).compareTo(SOUND) >= 0;
    int failures = wasSound ? 1 : host.wardenFailures() + 1;
    Duration wait =
        Durations.doubled(
            config.times().wardenBackoff(), failures - 1, config.times().wardenBackoffMost());
    Instant earliest = wasSound ? turn.now() : turn.now().plus(wait);
    turn.put(host.withWarden(Optional.of(next), failures, earliest));
  }

  /** Whether an operator or a cloud is to have the host to itself, now that nothing is left. */
  boolean toEnd(Host host) {
    return (host.wish() == Wish.DRAIN || host.wish() == Wish.RELEASE)
        && state.isEmpty(host.id())
        && host.warden().filter(task -> task.state().alive()).isPresent();
  }
}
