package io.springtide.partition.books;

import io.springtide.partition.grow.Consolidation;
import io.springtide.partition.grow.Shrinking;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.Pool;
import io.springtide.partition.place.Opening;
import java.time.Instant;
import java.util.Arrays;

/** A pool, its hosts in the order of their ids, and what its growth remembers. */
public final class PoolState {
  private static final long NOT_SHARED = -1;

  public final int index;
  public Pool pool;

  /** Rows of the pool's hosts, sorted by id, so that input order decides nothing. */
  public int[] members = new int[16];

  public int size;

  /** Capacity of its hosts; to be summed again when stale. */
  public long[] capacity = new long[0];

  boolean stale = true;

  /** Whether its hosts are to be rated anew by {@link Opening}. */
  public boolean unrated = true;

  /** Guarantees promised on it, and whether all of them is lent; the same. */
  public long[] promised = new long[0];

  boolean lendsAll;
  public boolean promisesStale = true;

  /** What its instances take together. */
  public long[] used = new long[Dimensions.GPUS + 1];

  /** What its hosts share, by dimension, or {@link #NOT_SHARED}; past the end nothing is. */
  private long[] shared = new long[0];

  /** Since when each number of hosts would have been enough; see {@link Shrinking}. */
  public Instant surplusSince;

  public int surplusFloor;

  /** The same of hosts that could be emptied; see {@link Consolidation}. */
  public Instant sparseSince;

  public int sparseFloor;

  /** Since when the buffer has been short with nothing on its way to fill it. */
  public Instant bufferShortSince;

  public Instant askAgainAt;
  public int refusedInARow;

  public PoolState(int index, Pool pool, Dimensions dimensions) {
    this.index = index;
    describe(pool, dimensions);
  }

  PoolState(PoolState from) {
    index = from.index;
    pool = from.pool;
    members = from.members.clone();
    size = from.size;
    capacity = from.capacity.clone();
    stale = from.stale;
    unrated = from.unrated;
    promised = from.promised.clone();
    lendsAll = from.lendsAll;
    promisesStale = from.promisesStale;
    used = from.used.clone();
    shared = from.shared.clone();
    surplusSince = from.surplusSince;
    surplusFloor = from.surplusFloor;
    sparseSince = from.sparseSince;
    sparseFloor = from.sparseFloor;
    bufferShortSince = from.bufferShortSince;
    askAgainAt = from.askAgainAt;
    refusedInARow = from.refusedInARow;
  }

  public void describe(Pool next, Dimensions dimensions) {
    pool = next;
    changed();
    promisesStale = true;
    next.shared().keySet().forEach(dimensions::of);
    shared = new long[next.shared().isEmpty() ? 0 : dimensions.count()];
    Arrays.fill(shared, NOT_SHARED);
    next.shared().forEach((scalar, amount) -> shared[dimensions.of(scalar)] = amount);
  }

  /** Its hosts are not what they were. */
  public void changed() {
    stale = true;
    unrated = true;
  }

  /** Whether dimension {@code d} is the pool's and not its hosts'. */
  public boolean shares(int d) {
    return d < shared.length && shared[d] != NOT_SHARED;
  }

  public boolean sharesAnything() {
    return shared.length > 0;
  }

  /** What all hosts together may give of a dimension that they share. */
  public long shared(int d) {
    return shared[d];
  }

  public void add(int h, HostSpec[] spec) {
    if (size == members.length) {
      members = Arrays.copyOf(members, size * 2);
    }
    int at = -search(spec[h].id(), spec) - 1;
    System.arraycopy(members, at, members, at + 1, size - at);
    members[at] = h;
    size++;
  }

  public void remove(int h, HostSpec[] spec) {
    int at = search(spec[h].id(), spec);
    System.arraycopy(members, at + 1, members, at, size - at - 1);
    size--;
  }

  private int search(String id, HostSpec[] spec) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = spec[members[middle]].id().compareTo(id);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }
}
