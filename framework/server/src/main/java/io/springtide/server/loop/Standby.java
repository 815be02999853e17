package io.springtide.server.loop;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.access.Trail;
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
  private final Trail trail;

  /** Of whoever follows. */
  private SchedulerCore core;

  private long version;

  /** The newest that is known to have been durable; empty until anything was read. */
  private volatile Optional<Published> published = Optional.empty();

  /** When that was still all. */
  private volatile long reached;

  /**
   * @param nanos of the clock that {@link Tail} goes by
   */
  public Standby(CoreConfig config, InstantSource wall, LongSupplier nanos) {
    this(config, wall, nanos, Trail.NONE);
  }

  /**
   * @param nanos of the clock that {@link Tail} goes by
   * @param trail gets what commits carry
   */
  public Standby(CoreConfig config, InstantSource wall, LongSupplier nanos, Trail trail) {
    this.config = requireNonNull(config);
    this.wall = wall;
    this.nanos = nanos;
    this.trail = trail;
    restart();
  }

  @Override
  public void restart() {
    core = SchedulerCore.following(config, wall.instant());
    version = 0;
  }

  @Override
  public void follow(Commit commit) {
    core.follow(commit.version(), commit.changes(), wall.instant());
    version = commit.version();
    trail.replicated(version, commit.audit());
  }

  @Override
  public void reached(long at) {
    core.follow(version, List.of(), wall.instant());
    ClusterView view = core.view();
    synchronized (this) {
      reached = at;
      if (published.isEmpty()) {
        published = Optional.of(new Published(view));
      }
      published.get().publish(view);
      notifyAll();
    }
  }

  @Override
  public List<Change> durable() {
    return core.durable();
  }

  /** What is known to have been durable; empty until anything was read. */
  public Optional<Published> published() {
    return published;
  }

  /** Version of that; 0 where there is none. */
  public long shown() {
    return published.map(known -> known.view().version()).orElse(0L);
  }

  /** For how long there may have been something newer; empty where nothing is known. */
  public Optional<Duration> staleness() {
    return published.map(known -> Duration.ofNanos(nanos.getAsLong() - reached));
  }

  /**
   * Waits until that version, or a later one, is shown.
   *
   * @return whether it is
   */
  public synchronized boolean await(long wanted, Duration patience) throws InterruptedException {
    long deadline = nanos.getAsLong() + patience.toNanos();
    while (shown() < wanted) {
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

  /** Lets go of all that it knows, once another shows it. */
  public void end() {
    core = null;
    published = Optional.empty();
  }
}
