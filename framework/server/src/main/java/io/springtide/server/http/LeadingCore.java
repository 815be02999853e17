package io.springtide.server.http;

import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The API's access to the core while this process leads.
 *
 * @param loop null: of another process, which leads
 * @param poolCheck refuses a pool whose template its cloud driver cannot use, with
 *     InvalidModelException
 * @param failures what a job gets that does not say what follows a failure
 */
public record LeadingCore(
    CoreLoop loop, Published published, Consumer<Pool> poolCheck, FailurePolicy failures) {
  private static final long PATIENCE_SECONDS = 30;

  public LeadingCore(CoreLoop loop, Published published, Consumer<Pool> poolCheck) {
    this(loop, published, poolCheck, FailurePolicy.DEFAULT);
  }

  /** What can be read of a cluster that another process leads: nothing can be asked of it. */
  static LeadingCore toRead(Published published) {
    return new LeadingCore(null, published, pool -> {});
  }

  ClusterView view() {
    return published.view();
  }

  /**
   * Has a command decided and made durable, with its line of the audit.
   *
   * @return the document's version now; of a repeat, that after the first
   * @throws Problem if it is refused, or takes too long
   */
  long ask(Asked asked, Function<String, Event.Command> command) {
    var done = (Outcome.Done) outcome(id -> asked.request(command.apply(id)), asked.line());
    Gate.isWritten(asked.http());
    return done.version();
  }

  /**
   * Says what changes would bring about. The core only hands out a copy of its state; the plan is
   * worked out on the caller's thread.
   *
   * @throws Problem if one of them would be refused, or it takes too long
   */
  Plan plan(List<Event.Command> changes) {
    var deferred = (Outcome.Deferred) outcome(id -> new Event.AskPlan(id, changes), "");
    return ((Outcome.Planned) accepted(deferred.forecast().get())).plan();
  }

  private static Outcome accepted(Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      throw Problem.refused(refused);
    }
    return outcome;
  }

  /**
   * All that is durable.
   *
   * @throws Problem if it takes too long
   */
  StateStore.Loaded durable() {
    return await(() -> loop.current().toCompletableFuture(), "the state was not read");
  }

  private Outcome outcome(Function<String, ? extends Event.Request> request, String line) {
    return accepted(
        await(
            () -> loop.ask(request, line),
            "the change was not durable within 30 s; it may still come"));
  }

  private interface Question<T> {
    CompletableFuture<T> ask() throws CoreLoop.BusyException, InterruptedException;
  }

  private <T> T await(Question<T> question, String late) {
    if (loop == null) {
      throw Problem.unavailable("this process does not lead", "ask the leader");
    }
    try {
      return question.ask().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (CoreLoop.BusyException e) {
      throw Problem.unavailable(e.getMessage(), "try again later");
    } catch (TimeoutException e) {
      throw Problem.unavailable(late, "read what there is to see, then try again");
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      throw Problem.unavailable("this process is ending", "try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("this process is ending", "try again");
    }
  }
}
