package io.springtide.partition.place;

import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import java.util.Arrays;
import java.util.List;

/**
 * The few hosts of a packing pool that are worth a look while many small portions are placed: those
 * in use that still have room, then empty ones. Whoever finds no place among them looks at all, so
 * a window saves time and refuses nothing.
 */
public final class Window {
  private static final int FIRST_SIZE = 64;

  private static final int POSITION_BITS = 20;
  private static final int TURN_BITS = 30;

  private final HostTable hosts;
  private final PoolState pool;
  private final long[] least;

  /** Hosts yet to come, those in use before empty ones, these as they are opened. */
  private final int[] queue;

  private int next;
  private int wanted = FIRST_SIZE;

  int[] members;
  int size;

  private Window(HostTable hosts, PoolState pool, long[] least) {
    this.hosts = hosts;
    this.pool = pool;
    this.least = least;
    queue = new int[pool.size];
    members = new int[pool.size];
    Opening.refresh(pool, hosts);
    long[] order = new long[pool.size];
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      double turn = hosts.instances[h] == 0 ? 1 + hosts.opening[h] : 0;
      order[m] = (long) (turn * (1 << TURN_BITS)) << POSITION_BITS | m;
    }
    Arrays.sort(order);
    for (int i = 0; i < order.length; i++) {
      queue[i] = pool.members[(int) order[i] & ((1 << POSITION_BITS) - 1)];
    }
    slide();
  }

  /** A window for {@code jobs} on {@code pool}, or null where it would save nothing. */
  public static Window of(Cluster cluster, PoolState pool, List<JobState> jobs) {
    if (pool.size <= 2 * FIRST_SIZE
        || pool.pool.placement() != FitPolicy.PACK
        || !pool.pool.buffer().equals(Buffer.NONE)
        || !cluster.lendsAll(pool)) {
      return null;
    }
    long[] least = new long[cluster.dimensions.count()];
    for (int d = 0; d < least.length; d++) {
      least[d] = Long.MAX_VALUE;
      for (JobState job : jobs) {
        int i = job.each.position(d);
        least[d] = Math.min(least[d], i < 0 ? 0 : job.need[i]);
      }
    }
    return new Window(cluster.hosts, pool, least);
  }

  /** Whether the job cares for nothing but room: its best host is then a window's best. */
  public boolean serves(JobState job) {
    return job.domains.isEmpty() && !job.softOnHost && !job.nearItself;
  }

  /** Leaves hosts behind that no job fits on any more, and takes others in for them. */
  public void slide() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (open(members[i])) {
        members[kept++] = members[i];
      }
    }
    size = kept;
    while (size < wanted && next < queue.length) {
      int h = queue[next++];
      if (open(h)) {
        members[size++] = h;
      }
    }
  }

  /** Somebody found no place in it: it should be larger. */
  void tooSmall() {
    wanted = Math.min(pool.size, 2 * wanted);
    slide();
  }

  private boolean open(int h) {
    for (int d = 0; d < least.length; d++) {
      if (hosts.left[d][h] < least[d]) {
        return false;
      }
    }
    return true;
  }
}
