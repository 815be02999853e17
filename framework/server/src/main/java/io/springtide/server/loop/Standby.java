package io.springtide.server.loop;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.store.Tail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a process knows that does not lead: a core that follows what the leader makes durable, and
 * the newest view of it. Readers take that without waiting for the core.
 */
public final class Standby implements Tail.Reader {
  private final CoreConfig config;
  private final InstantSource wall;
  private final LongSupplier nanos;

  /** Of whoever follows. */
  private SchedulerCore core;

  private long version;

  /** What is shown; written by whoever follows. */
  private volatile Optional<Shown> shown = Optional.empty();

  /**
   * What was durable, and when that was still all.
   *
   * @param nanos as of the clock that was given
   */
  private record Shown(ClusterView view, long nanos) {}

  /**
   * @param nanos of the clock that {@link Tail} goes by
   */
  public Standby(CoreConfig config, InstantSource wall, LongSupplier nanos) {
    this.config = requireNonNull(config);
    this.wall = wall;
    this.nanos = nanos;
    restart();
  }

  @Override
  public void restart() {
    core = SchedulerCore.following(config, wall.instant());
    version = 0;
  }

  @Override
  public void follow(long next, List<Change> changes) {
    core.follow(next, changes, wall.instant());
    version = next;
  }

  @Override
  public void reached(long at) {
    core.follow(version, List.of(), wall.instant());
    synchronized (this) {
      shown = Optional.of(new Shown(core.view(), at));
      notifyAll();
    }
  }

  @Override
  public List<Change> durable() {
    return core.durable();
  }

  /** The newest that is known to have been durable; empty until anything was read. */
  public Optional<ClusterView> view() {
    return shown.map(Shown::view);
  }

  /** For how long there may have been something newer than the view; empty where there is none. */
  public Optional<Duration> staleness() {
    return shown.map(known -> Duration.ofNanos(nanos.getAsLong() - known.nanos()));
  }

  /**
   * Waits until that version, or a later one, is shown.
   *
   * @return whether it is
   */
  public synchronized boolean await(long wanted, Duration patience) throws InterruptedException {
    long deadline = nanos.getAsLong() + patience.toNanos();
    while (view().map(ClusterView::version).orElse(-1L) < wanted) {
      long left = Duration.ofNanos(deadline - nanos.getAsLong()).toMillis();
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /**
   * The core, which has followed all that is durable, to be led on with; nothing is followed here
   * any more.
   */
  public SchedulerCore core() {
    return core;
  }
}
