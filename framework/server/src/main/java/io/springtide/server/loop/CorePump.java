package io.springtide.server.loop;

import static java.util.Objects.requireNonNull;

import io.springtide.mesos.Why;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.access.Trail;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order in which things happen: decide, make durable, carry out, show, reply (promise 2). It
 * has no thread: whoever drives it decides when {@link #decide} is called, and its executor when
 * what has become durable is done. Commits are pipelined; what they bring about is done in the
 * order of the decisions, each after its own commit and all earlier ones are durable.
 *
 * <p>After a commit that failed nothing is done any more: nobody could say what is durable.
 */
public final class CorePump {
  private static final Logger log = LoggerFactory.getLogger(CorePump.class);
  private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

  private final SchedulerCore core;
  private final StateStore store;
  private final Published published;
  private final SteadyClock clock;
  private final Executor executor;
  private final Trail trail;
  private final Consumer<Effect.Outside> outside;
  private final Consumer<Effect.Reply> answer;
  private final Consumer<String> fatal;
  private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean failed = new AtomicBoolean();

  /**
   * An event, and who brought it about.
   *
   * @param line of the audit; empty: nobody whose doing is written down
   */
  public record Told(Event event, String line) {}

  /** What is done once {@code durable} is, and every step before this one. */
  private record Step(CompletableFuture<Void> durable, Runnable act) {}

  /**
   * @param executor runs what is durable: one piece at a time, in the order given
   * @param trail gets the lines of what was done, on the executor, before anybody hears of it
   * @param outside has done what is to be done outside, on the executor
   * @param answer gives a reply to whoever asked, on the executor
   * @param fatal called once with a reason when this process must end, on any thread
   */
  public CorePump(
      SchedulerCore core,
      StateStore store,
      Published published,
      SteadyClock clock,
      Executor executor,
      Trail trail,
      Consumer<Effect.Outside> outside,
      Consumer<Effect.Reply> answer,
      Consumer<String> fatal) {
    this.core = requireNonNull(core);
    this.store = requireNonNull(store);
    this.published = requireNonNull(published);
    this.clock = requireNonNull(clock);
    this.executor = requireNonNull(executor);
    this.trail = requireNonNull(trail);
    this.outside = requireNonNull(outside);
    this.answer = requireNonNull(answer);
    this.fatal = requireNonNull(fatal);
  }

  /**
   * One turn: decides on these events and on the time that has passed, and hands what follows to
   * the store. Calls come from one thread.
   *
   * @param done run on the executor once all that was decided is durable, carried out and shown;
   *     never, if that cannot be
   */
  public void decide(List<Told> events, Runnable done) {
    List<Effect.Reply> replies = new ArrayList<>();
    for (Told event : events) {
      handle(event, replies);
    }
    handle(new Told(new Event.Tick(), ""), replies);
    ClusterView view = core.view();
    steps.add(
        new Step(
            NOTHING,
            () -> {
              // Replies last: whoever has one reads what it says.
              published.publish(view);
              replies.forEach(answer);
              done.run();
            }));
    executor.execute(this::carryOut);
  }

  private void handle(Told told, List<Effect.Reply> replies) {
    if (failed.get()) {
      return;
    }
    List<Effect> effects = core.handle(told.event(), clock.instant());
    if (effects.isEmpty()) {
      return;
    }
    List<String> lines =
        isDone(effects) && !told.line().isEmpty() ? List.of(told.line()) : List.of();
    if (effects.get(0) instanceof Effect.Persist persist) {
      Commit commit = new Commit(persist.version(), persist.changes(), lines);
      CompletableFuture<Void> durable = store.commit(commit).toCompletableFuture();
      steps.add(
          new Step(
              durable,
              () -> {
                trail.replicated(commit.version(), lines);
                carryOut(effects, new Decided(replies));
              }));
      durable.whenComplete(this::committed);
    } else {
      steps.add(
          new Step(
              NOTHING,
              () -> {
                lines.forEach(trail::changed);
                carryOut(effects, new Decided(replies));
              }));
    }
  }

  /** Whether a command was not refused. */
  private static boolean isDone(List<Effect> effects) {
    return effects.stream()
        .anyMatch(
            effect ->
                effect instanceof Effect.Reply reply && reply.outcome() instanceof Outcome.Done);
  }

  /** On whichever thread the store says it. */
  private void committed(Void done, Throwable e) {
    if (e == null) {
      executor.execute(this::carryOut);
    } else {
      fail("what was decided cannot be made durable", e);
    }
  }

  // ---- On the executor.

  /** Takes all steps that may be taken. */
  private void carryOut() {
    while (!failed.get()) {
      Step next = steps.peek();
      if (next == null || !next.durable().isDone() || next.durable().isCompletedExceptionally()) {
        return;
      }
      steps.remove();
      try {
        next.act().run();
      } catch (RuntimeException e) {
        log.error("An effect failed", e);
        fail("what was decided cannot be made to happen", e);
      }
    }
  }

  private void carryOut(List<Effect> effects, Decided decided) {
    for (Effect effect : effects) {
      if (failed.get()) {
        return;
      }
      effect.accept(decided);
    }
  }

  private void fail(String what, Throwable e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    fail(what + ": " + Why.of(cause));
  }

  private void fail(String reason) {
    if (failed.compareAndSet(false, true)) {
      fatal.accept(reason);
    }
  }

  /** Carries out what was decided in one turn. */
  private final class Decided implements Effect.Visitor {
    private final List<Effect.Reply> replies;

    Decided(List<Effect.Reply> replies) {
      this.replies = replies;
    }

    @Override
    public void on(Effect.Persist effect) {
      // It is durable by now.
    }

    @Override
    public void on(Effect.Outside effect) {
      outside.accept(effect);
    }

    @Override
    public void on(Effect.Reply effect) {
      replies.add(effect);
    }

    @Override
    public void on(Effect.Stop effect) {
      fail(effect.reason());
    }
  }
}
