package io.springtide.partition.share;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.place.Placer;
import io.springtide.partition.place.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves jobs of equal priority side by side: in each of many rounds every job places the same part
 * of what it waits for, and a round is about what fills one host. So a host gets a mixture in the
 * proportion of the whole, and fills up in all dimensions together.
 */
final class Rotation {
  /** Hosts looked at in all rounds together at most; beyond that, rounds get fewer and larger. */
  private static final long LOOKS = 20_000_000;

  /** The same where only the hosts of a window are looked at, which takes less for each. */
  private static final long WINDOW_LOOKS = 200_000_000;

  private static final int WINDOW = 64;

  private final Cluster cluster;
  private final Placer placer;

  Rotation(Cluster cluster, Placer placer) {
    this.cluster = cluster;
    this.placer = placer;
  }

  void serve(List<WaitingJob> turns, long now, List<Placement> placements) {
    if (turns.size() == 1) {
      WaitingJob only = turns.get(0);
      only.from += placer.place(only.job, only.left(), now, placements);
      return;
    }
    openWindows(turns);
    int rounds = rounds(turns);
    List<WaitingJob> going = TurnOrder.balanced(turns);
    for (int n = 0; n < going.size(); n++) {
      going.get(n).begin(n, rounds);
    }
    for (int round = 0; round < rounds && !going.isEmpty(); round++) {
      placer.windows.values().forEach(Window::slide);
      List<WaitingJob> next = new ArrayList<>(going.size());
      for (WaitingJob turn : going) {
        if (take(turn, turn.due(round, rounds), now, placements)) {
          next.add(turn);
        }
      }
      going = next;
    }
    placer.windows.clear();
  }

  /** Places the next {@code count}; returns whether the job should go on. */
  private boolean take(WaitingJob turn, int count, long now, List<Placement> placements) {
    if (count == 0) {
      return true;
    }
    List<String> some = turn.left().subList(0, count);
    int placed = placer.place(turn.job, some, now, placements);
    turn.from += placed;
    return placed == count && !turn.left().isEmpty();
  }

  private void openWindows(List<WaitingJob> turns) {
    List<JobState> jobs = turns.stream().map(turn -> turn.job).toList();
    for (PoolState pool : cluster.pools.values()) {
      Window window = Window.of(cluster, pool, jobs);
      if (window != null) {
        placer.windows.put(pool, window);
      }
    }
  }

  private int rounds(List<WaitingJob> turns) {
    double[] hosts = new double[cluster.dimensions.count()];
    long most = 1;
    long looks = 1;
    for (WaitingJob turn : turns) {
      most = Math.max(most, turn.left().size());
      boolean first = true;
      for (PoolState pool : cluster.poolsOf(turn.job)) {
        Window window = placer.windows.get(pool);
        boolean windowed = window != null && window.serves(turn.job);
        // Looks at a window are counted in looks at hosts outside of one.
        looks += windowed ? 1 + WINDOW * LOOKS / WINDOW_LOOKS : pool.size;
        if (first) {
          addHosts(hosts, turn, pool);
          first = false;
        }
      }
    }
    double worth = 1;
    for (double some : hosts) {
      worth = Math.max(worth, some);
    }
    long rounds = (long) Math.min((double) most, Math.ceil(worth));
    return (int) Math.max(1, Math.min(rounds, LOOKS / looks));
  }

  /** How many of the pool's hosts, in each dimension, the waiting instances would fill. */
  private void addHosts(double[] hosts, WaitingJob turn, PoolState pool) {
    cluster.refresh(pool);
    for (int i = 0; i < turn.job.dims.length; i++) {
      int d = turn.job.dims[i];
      double host = (double) Dimensions.at(pool.capacity, d) / Math.max(1, pool.size);
      if (host > 0) {
        hosts[d] += turn.job.need[i] * (double) turn.left().size() / host;
      }
    }
  }
}
