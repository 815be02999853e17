package io.springtide.server.loop;

import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Trail;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads around {@link CorePump}: one takes events from a queue and decides; another makes
 * what was decided happen. The core goes on deciding while earlier commits are under way, up to
 * {@link #AHEAD} turns.
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

  private final StateStore store;
  private final SteadyClock clock;
  private final CorePump pump;

  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final Semaphore room = new Semaphore(ROOM);
  private final Semaphore ahead = new Semaphore(AHEAD);
  private final Map<String, CompletableFuture<Outcome>> asked = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final Thread decider;
  private final ExecutorService doer;

  private volatile Consumer<Effect.Outside> sink = effect -> {};
  private volatile long handled;
  private volatile Instant lastTurn;

  /** An event, and whether it holds one of the places for events from outside. */
  private record Item(CorePump.Told told, boolean counted) {
    static Item of(Event event, boolean counted) {
      return new Item(new CorePump.Told(event, ""), counted);
    }
  }

  private static final Item END = Item.of(new Event.Tick(), false);

  /** One that writes down nowhere what is done. */
  public CoreLoop(
      SchedulerCore core,
      StateStore store,
      Published published,
      SteadyClock clock,
      Consumer<String> fatal) {
    this(core, store, published, clock, Trail.NONE, fatal);
  }

  /**
   * @param trail gets what is done by those who ask with a line
   * @param fatal called with a reason when this process must end
   */
  public CoreLoop(
      SchedulerCore core,
      StateStore store,
      Published published,
      SteadyClock clock,
      Trail trail,
      Consumer<String> fatal) {
    this.store = store;
    this.clock = clock;
    lastTurn = clock.instant();
    // An error that nothing catches must not leave a process that looks alive and decides nothing.
    Thread.UncaughtExceptionHandler last =
        (thread, e) -> {
          log.error("Thread {} died", thread.getName(), e);
          fatal.accept("thread " + thread.getName() + " died: " + e);
        };
    decider = thread("core", this::decide, last);
    doer = Executors.newSingleThreadExecutor(task -> thread("effects", task, last));
    pump =
        new CorePump(
            core,
            store,
            published,
            clock,
            doer,
            trail,
            effect -> sink.accept(effect),
            this::answer,
            fatal);
  }

  private static Thread thread(String name, Runnable task, Thread.UncaughtExceptionHandler last) {
    Thread thread = new Thread(task, name);
    thread.setUncaughtExceptionHandler(last);
    return thread;
  }

  /**
   * Begins.
   *
   * @param effects has done what is to be done outside; on one thread, in order
   */
  public void start(Consumer<Effect.Outside> effects) {
    sink = effects;
    decider.start();
  }

  /** Hands in an event from outside; waits while too many wait. */
  public void submit(Event event) {
    room.acquireUninterruptibly();
    queue.add(Item.of(event, true));
  }

  /** Hands in an event that an effect brought about; never waits, since effects must go on. */
  public void submitInside(Event event) {
    queue.add(Item.of(event, false));
  }

  /**
   * Hands in what a user asks.
   *
   * @param request makes it, given its id
   * @param line of the audit that is written if it is done: in the commit that makes it durable, or
   *     by this server alone where nothing changes; empty: none
   * @return its outcome, once it is durable and can be read
   * @throws BusyException if too many events wait already
   */
  public CompletableFuture<Outcome> ask(
      Function<String, ? extends Event.Request> request, String line)
      throws BusyException, InterruptedException {
    if (!room.tryAcquire(2, TimeUnit.SECONDS)) {
      throw new BusyException();
    }
    String id = "r" + requests.incrementAndGet();
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    asked.put(id, outcome);
    queue.add(new Item(new CorePump.Told(request.apply(id), line), true));
    return outcome;
  }

  /** The queue is full. */
  public static final class BusyException extends Exception {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("more than " + ROOM + " events wait");
    }
  }

  /** What is durable now, while the core goes on. */
  public CompletionStage<StateStore.Loaded> current() {
    return store.current();
  }

  public int queued() {
    return queue.size();
  }

  public long handled() {
    return handled;
  }

  /** How long ago the core last took a turn. */
  public Duration idle() {
    return Duration.between(lastTurn, clock.instant());
  }

  /** How far the wall clock has been set ahead of this process's time; negative: behind. */
  public Duration clockOffset() {
    return clock.offset();
  }

  /** Decides on what waits, makes it durable and does it, then ends. */
  @Override
  public void close() {
    queue.add(END);
    try {
      decider.join(CLOSING.toMillis());
      if (!ahead.tryAcquire(AHEAD, CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("What was decided could not be made durable in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Where a commit failed, no turn will ever be over.
    decider.interrupt();
    doer.shutdownNow();
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
    pump.decide(items.stream().map(Item::told).toList(), ahead::release);
    room.release((int) items.stream().filter(Item::counted).count());
    handled += items.size();
    lastTurn = clock.instant();
  }

  // ---- The doing thread.

  private void answer(Effect.Reply reply) {
    CompletableFuture<Outcome> outcome = asked.remove(reply.requestId());
    if (outcome != null) {
      outcome.complete(reply.outcome());
    }
  }
}
