package io.springtide.partition;

import java.time.Instant;
import java.util.Arrays;

/** A pool, its hosts in the order of their ids, and what its growth remembers. */
final class PoolState {
  final int index;
  Pool pool;

  /** Rows of the pool's hosts, sorted by id, so that input order decides nothing. */
  int[] members = new int[16];

  int size;

  /** Capacity of its hosts and the guarantees promised on it; to be summed again when stale. */
  long[] capacity = new long[0];

  long[] promised = new long[0];
  boolean stale = true;

  /** Since when each number of hosts would have been enough; see {@link Shrinking}. */
  Instant surplusSince;

  int surplusFloor;
  Instant askAgainAt;
  int refusedInARow;

  PoolState(int index, Pool pool) {
    this.index = index;
    this.pool = pool;
  }

  void add(int h, HostSpec[] spec) {
    if (size == members.length) {
      members = Arrays.copyOf(members, size * 2);
    }
    int at = -search(spec[h].id(), spec) - 1;
    System.arraycopy(members, at, members, at + 1, size - at);
    members[at] = h;
    size++;
  }

  void remove(int h, HostSpec[] spec) {
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
