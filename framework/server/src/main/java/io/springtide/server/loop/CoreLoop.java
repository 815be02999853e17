package io.springtide.server.loop;

import io.springtide.scheduler.Effect;
import io.springtide.scheduler.Event;
import io.springtide.scheduler.Outcome;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the core: one thread takes events from a queue and decides; another makes what was decided
 * happen, in order, each batch after its commit is durable (promise 2). Commits are pipelined: the
 * core goes on deciding while earlier ones are under way, up to {@link #AHEAD} batches.
 *
 * <p>Whatever goes wrong here ends the process: nobody could say what is durable, and the next one
 * starts from what is.
 */
public final class CoreLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CoreLoop.class);

  /** Events from outside that may wait; more make their senders wait. */
  private static final int ROOM = 10_000;

  private static final int AHEAD = 64;
  private static final int BATCH = 256;
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final SchedulerCore core;
  private final StateStore store;
  private final Published published;
  private final Clock clock;
  private final int snapshotEvery;
  private final Consumer<String> fatal;

  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final Semaphore room = new Semaphore(ROOM);
  private final BlockingQueue<Batch> outbox = new LinkedBlockingQueue<>();
  private final Semaphore ahead = new Semaphore(AHEAD);
  private final Map<String, CompletableFuture<Outcome>> asked = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final Thread decider = new Thread(this::decide, "core");
  private final Thread doer = new Thread(this::act, "effects");

  private volatile Consumer<Effect> sink = effect -> {};
  private volatile long handled;
  private volatile long lastTurnNanos = System.nanoTime();

  // Touched by the deciding thread only.
  private Instant now = Instant.EPOCH;
  private int commitsSinceSnapshot;

  /** An event, and whether it holds one of the places for events from outside. */
  private record Item(Event event, boolean counted) {}

  /** Effects of one event, and the commit that they wait for. */
  private record Decision(CompletableFuture<Void> durable, List<Effect> effects) {}

  private record Batch(List<Decision> decisions, io.springtide.scheduler.ClusterView view) {}

  private static final Item END = new Item(new Event.Tick(), false);
  private static final Batch LAST = new Batch(List.of(), null);

  /**
   * @param snapshotEvery commits after which the log is replaced by a snapshot
   * @param fatal called once with a reason when this process must end
   */
  public CoreLoop(
      SchedulerCore core,
      StateStore store,
      Published published,
      Clock clock,
      int snapshotEvery,
      Consumer<String> fatal) {
    this.core = core;
    this.store = store;
    this.published = published;
    this.clock = clock;
    this.snapshotEvery = snapshotEvery;
    this.fatal = fatal;
  }

  /**
   * Begins.
   *
   * @param effects does every effect but Persist, Reply and Stop; on one thread, in order
   */
  public void start(Consumer<Effect> effects) {
    sink = effects;
    // An error that nothing catches must not leave a process that looks alive and decides nothing.
    Thread.UncaughtExceptionHandler last =
        (thread, e) -> {
          log.error("Thread {} died", thread.getName(), e);
          fatal.accept("thread " + thread.getName() + " died: " + e);
        };
    decider.setUncaughtExceptionHandler(last);
    doer.setUncaughtExceptionHandler(last);
    decider.start();
    doer.start();
  }

  /** Hands in an event from outside; waits while too many wait. */
  public void submit(Event event) {
    room.acquireUninterruptibly();
    queue.add(new Item(event, true));
  }

  /** Hands in an event that an effect brought about; never waits, since effects must go on. */
  public void submitInside(Event event) {
    queue.add(new Item(event, false));
  }

  /**
   * Hands in a command.
   *
   * @param command makes it, given its request id
   * @return its outcome, once it is durable and can be read
   * @throws BusyException if too many events wait already
   */
  public CompletableFuture<Outcome> ask(Function<String, Event.Command> command)
      throws BusyException, InterruptedException {
    if (!room.tryAcquire(2, TimeUnit.SECONDS)) {
      throw new BusyException();
    }
    String id = "r" + requests.incrementAndGet();
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    asked.put(id, outcome);
    queue.add(new Item(command.apply(id), true));
    return outcome;
  }

  /** Too much waits already. */
  public static final class BusyException extends Exception {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("more than " + ROOM + " events wait");
    }
  }

  public int queued() {
    return queue.size();
  }

  public long handled() {
    return handled;
  }

  /** How long ago the core last took a turn. */
  public Duration idle() {
    return Duration.ofNanos(System.nanoTime() - lastTurnNanos);
  }

  /** Decides on what waits, makes it durable and does it, then ends. */
  @Override
  public void close() {
    queue.add(END);
    try {
      decider.join(CLOSING.toMillis());
      outbox.add(LAST);
      doer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    asked.values().forEach(outcome -> outcome.cancel(false));
  }

  // ---- The deciding thread.

  @SuppressWarnings("ReferenceEquality") // END is a mark, like no other item.
  private void decide() {
    try {
      List<Item> items = new ArrayList<>();
      boolean end = false;
      while (!end) {
        items.clear();
        Item first = queue.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          items.add(first);
          queue.drainTo(items, BATCH);
        }
        end = items.removeIf(item -> item == END);
        turn(items);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread writes; others read.
  private void turn(List<Item> items) throws InterruptedException {
    ahead.acquire();
    List<Decision> decisions = new ArrayList<>();
    for (Item item : items) {
      decisions.add(handle(item.event()));
      if (item.counted()) {
        room.release();
      }
    }
    decisions.add(handle(new Event.Tick()));
    outbox.add(new Batch(decisions, core.view()));
    handled += items.size();
    lastTurnNanos = System.nanoTime();
    if (commitsSinceSnapshot >= snapshotEvery) {
      snapshot(decisions);
    }
  }

  private Decision handle(Event event) {
    Instant read = clock.instant();
    now = read.isBefore(now) ? now : read;
    List<Effect> effects = core.handle(event, now);
    CompletableFuture<Void> durable = CompletableFuture.completedFuture(null);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        commitsSinceSnapshot++;
        durable = store.commit(persist.version(), persist.changes()).toCompletableFuture();
      }
    }
    return new Decision(durable, effects);
  }

  /** A snapshot may only follow a durable commit, so the core waits for its last one. */
  private void snapshot(List<Decision> decisions) {
    decisions.forEach(decision -> decision.durable().join());
    commitsSinceSnapshot = 0;
    store
        .snapshot(core.version(), core.snapshot())
        .whenComplete(
            (done, e) -> {
              if (e != null) {
                fatal.accept("the state cannot be written: " + e.getMessage());
              }
            });
  }

  // ---- The doing thread.

  @SuppressWarnings("ReferenceEquality") // LAST is a mark, like no other batch.
  private void act() {
    try {
      while (true) {
        Batch batch = outbox.take();
        if (batch == LAST) {
          return;
        }
        carryOut(batch);
        ahead.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("An effect failed", e);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      fatal.accept("what was decided cannot be made to happen: " + cause.getMessage());
    }
  }

  private void carryOut(Batch batch) {
    List<Effect.Reply> replies = new ArrayList<>();
    for (Decision decision : batch.decisions()) {
      decision.durable().join();
      for (Effect effect : decision.effects()) {
        if (effect instanceof Effect.Reply reply) {
          replies.add(reply);
        } else if (effect instanceof Effect.Stop stop) {
          fatal.accept(stop.reason());
        } else if (!(effect instanceof Effect.Persist)) {
          sink.accept(effect);
        }
      }
    }
    // Replies last: whoever has one reads what it says.
    published.publish(batch.view());
    for (Effect.Reply reply : replies) {
      CompletableFuture<Outcome> outcome = asked.remove(reply.requestId());
      if (outcome != null) {
        outcome.complete(reply.outcome());
      }
    }
  }
}
