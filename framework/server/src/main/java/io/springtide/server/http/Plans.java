package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.access.Right;
import io.springtide.server.document.PlanDocument;
import io.springtide.server.document.Shape;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** {@code /v1/plan}: what changes would bring about. */
final class Plans {
  /** Each works on a copy of the whole state; more callers wait for their turn. */
  private static final int AT_ONCE = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long a change waits for its effects to be planned. */
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(2);

  private final Supplier<LeadingCore> core;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  Plans(Supplier<LeadingCore> core) {
    this.core = core;
  }

  List<Route> routes() {
    return List.of(
        Route.post("/v1/plan", "plan", "What changes would bring about; nothing is done")
            .right(Right.READ)
            .body(PlanDocument.FORM)
            .answers(200, Shape.PLAN, "The end that things would come to.")
            .refuses(404, 409)
            .does(this::plan));
  }

  private void plan(Context http) {
    Asked.refuseKey(http, "a plan changes nothing", "leave it out, and repeat as you like");
    List<Event.Command> changes =
        PlanDocument.read(RequestReader.body(http), core.get().poolCheck(), core.get().failures());
    Plan plan = inTurn(PATIENCE, () -> core.get().plan(changes));
    Map<String, Long> prices = new TreeMap<>();
    core.get()
        .view()
        .pools()
        .forEach((name, view) -> prices.put(name, view.pool().microsPerHour()));
    for (Event.Command change : changes) {
      if (change instanceof Event.PutPool put) {
        prices.put(put.pool().name(), put.pool().microsPerHour());
      }
    }
    Replies.json(http, PlanDocument.write(plan, prices));
  }

  /**
   * What a change displaces, as a plan says it: by the same code, a moment before. Empty where it
   * would be refused, which the change itself then says, or where too many plans are being made.
   *
   * @param job whose instances end for the change itself; empty: no job's
   */
  Optional<ObjectNode> effects(Event.Command change, String job) {
    try {
      return Optional.of(
          inTurn(
              SHORT_PATIENCE,
              () ->
                  PlanDocument.effects(
                      core.get().plan(List.of(change)),
                      () -> core.get().plan(List.of()),
                      own(job, core.get().view()))));
    } catch (Problem refused) {
      return Optional.empty();
    }
  }

  /**
   * Instances of the job that is changed, those apart that are on their way out already: if they
   * end, it is for the change, whatever they would have ended for before.
   */
  private static Predicate<String> own(String job, ClusterView view) {
    JobView before = view.jobs().get(job);
    if (before == null) {
      return instance -> false;
    }
    Set<String> own =
        before.instances().stream()
            .map(InstanceView::instance)
            .filter(instance -> instance.goal() == Goal.RUN)
            .map(Instance::id)
            .collect(Collectors.toSet());
    return own::contains;
  }

  /** Waits for a turn to work on a copy of the state. */
  private <T> T inTurn(Duration patience, Supplier<T> work) {
    try {
      if (!turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
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
