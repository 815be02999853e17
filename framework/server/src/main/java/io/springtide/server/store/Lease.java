package io.springtide.server.store;

import io.springtide.server.thread.Daemon;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.curator.framework.CuratorFramework;

/**
 * Until when this process may say that it leads. Whoever sleeps, or cannot reach ZooKeeper, learns
 * too late that another has taken over; but no other can before our session has ended, and it has
 * not ended for as long as it lasts after ZooKeeper has last answered. What was read until then is
 * the newest; afterwards nobody knows.
 */
public final class Lease implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final CuratorFramework curator;
  private final long epoch;
  private final Duration session;
  private final LongSupplier nanos;
  private final Consumer<String> lost;
  private final ScheduledExecutorService thread = Daemon.named("lease");
  private volatile long asked;

  /**
   * @param epoch that was taken just now
   * @param session how long the session lasts without a word from us
   * @param nanos of a clock that goes on while the process sleeps
   * @param lost called with a reason when another leads
   */
  Lease(
      CuratorFramework curator,
      long epoch,
      Duration session,
      LongSupplier nanos,
      Consumer<String> lost) {
    this.curator = curator;
    this.epoch = epoch;
    this.session = session;
    this.nanos = nanos;
    this.lost = lost;
    this.asked = nanos.getAsLong();
  }

  Lease start() {
    var unused =
        thread.scheduleWithFixedDelay(this::ask, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return this;
  }

  /** Whether nobody else can have taken over yet. */
  public boolean holds() {
    return nanos.getAsLong() - asked < session.toNanos();
  }

  /** Asks ZooKeeper, once. */
  void ask() {
    long now = nanos.getAsLong();
    try {
      Head head =
          Curated.get(
              "ask who leads", () -> Head.fromBytes(curator.getData().forPath(Fence.LEADER)));
      if (head.epoch() == epoch) {
        asked = now;
      } else {
        lost.accept("another process leads now: its epoch is " + head.epoch());
      }
    } catch (StoreException e) {
      // Not known; the time runs on.
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
