package io.springtide.partition.books;

import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Label;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The allocations, one row each in plain arrays (some 45 bytes a row besides the instance's id),
 * found by the id through an open-addressing table of rows.
 */
public final class AllocationTable {
  public static final Label[] LABELS = Label.values();

  public static final int[] NO_PORTS = {};

  /** A slot without a row: no row is as high. */
  private static final long EMPTY = -1;

  public String[] id = new String[64];
  public JobState[] job = new JobState[64];
  public int[] host = new int[64];
  private byte[] label = new byte[64];
  public long[] since = new long[64];
  int[][] ports = new int[64][];

  /** Neighbours in the list of the host's allocations, or -1. */
  public int[] next = new int[64];

  int[] previous = new int[64];

  /** Hash of the id above and row below, so that most misses need not look at any id; or -1. */
  private long[] slots = new long[128];

  private int rows;
  private int free = -1;
  private int live;

  AllocationTable() {
    Arrays.fill(slots, EMPTY);
  }

  AllocationTable(AllocationTable from, Function<JobState, JobState> jobs) {
    id = from.id.clone();
    job = new JobState[from.job.length];
    for (int row = 0; row < from.rows; row++) {
      job[row] = from.job[row] == null ? null : jobs.apply(from.job[row]);
    }
    host = from.host.clone();
    label = from.label.clone();
    since = from.since.clone();
    // What a row holds is replaced as a whole, never changed.
    ports = from.ports.clone();
    next = from.next.clone();
    previous = from.previous.clone();
    slots = from.slots.clone();
    rows = from.rows;
    free = from.free;
    live = from.live;
  }

  int live() {
    return live;
  }

  /** Upper bound of row numbers; a row without a job is unused. */
  public int rows() {
    return rows;
  }

  public int find(String instance) {
    int mask = slots.length - 1;
    int hash = spread(instance);
    int i = hash & mask;
    for (long slot = slots[i]; slot != EMPTY; slot = slots[i]) {
      if ((int) (slot >>> 32) == hash && id[(int) slot].equals(instance)) {
        return (int) slot;
      }
      i = (i + 1) & mask;
    }
    return -1;
  }

  int add(
      String instance, JobState of, int on, Label as, long sinceMillis, int[] held, int[] head) {
    int row = free;
    if (row >= 0) {
      free = next[row];
    } else {
      row = rows++;
      if (row == id.length) {
        grow();
      }
    }
    id[row] = instance;
    job[row] = of;
    host[row] = on;
    setLabel(row, as);
    since[row] = sinceMillis;
    ports[row] = held;
    previous[row] = -1;
    next[row] = head[on];
    if (head[on] >= 0) {
      previous[head[on]] = row;
    }
    head[on] = row;
    live++;
    if (live * 2 > slots.length) {
      rehash();
    }
    insert(row);
    return row;
  }

  void remove(int row, int[] head) {
    removeSlot(row);
    if (previous[row] >= 0) {
      next[previous[row]] = next[row];
    } else {
      head[host[row]] = next[row];
    }
    if (next[row] >= 0) {
      previous[next[row]] = previous[row];
    }
    id[row] = null;
    job[row] = null;
    ports[row] = NO_PORTS;
    next[row] = free;
    free = row;
    live--;
  }

  public Label labelOf(int row) {
    return LABELS[label[row]];
  }

  @SuppressWarnings("EnumOrdinal") // A byte for each of millions; nothing of it is kept.
  public void setLabel(int row, Label as) {
    label[row] = (byte) as.ordinal();
  }

  /** A row as it is now. */
  public Held held(int row) {
    return new Held(id[row], job[row], host[row], labelOf(row), since[row], ports[row]);
  }

  /** A row as others know it. */
  public Allocation allocation(int row, HostTable hosts) {
    return new Allocation(
        id[row],
        job[row].demand.id(),
        hosts.spec[host[row]].id(),
        labelOf(row),
        Instant.ofEpochMilli(since[row]),
        IntStream.of(ports[row]).boxed().toList());
  }

  /**
   * Whose the host is alone, or null: the job of the first allocation, from {@code head} on, whose
   * version asks for it. Another version of the same job may be there without asking.
   */
  Subject exclusiveOn(int head) {
    for (int row = head; row >= 0; row = next[row]) {
      if (job[row].exclusive) {
        return job[row].self;
      }
    }
    return null;
  }

  private void insert(int row) {
    insert(((long) spread(id[row]) << 32) | row);
  }

  private void insert(long entry) {
    int mask = slots.length - 1;
    int i = (int) (entry >>> 32) & mask;
    while (slots[i] != EMPTY) {
      i = (i + 1) & mask;
    }
    slots[i] = entry;
  }

  private void removeSlot(int row) {
    int mask = slots.length - 1;
    int i = spread(id[row]) & mask;
    while ((int) slots[i] != row) {
      i = (i + 1) & mask;
    }
    for (int j = (i + 1) & mask; slots[j] != EMPTY; j = (j + 1) & mask) {
      int home = (int) (slots[j] >>> 32) & mask;
      if (((j - home) & mask) >= ((j - i) & mask)) {
        slots[i] = slots[j];
        i = j;
      }
    }
    slots[i] = EMPTY;
  }

  /** Twice as many slots, for which no id needs to be looked at: the hashes are in the old ones. */
  private void rehash() {
    long[] old = slots;
    slots = new long[old.length * 2];
    Arrays.fill(slots, EMPTY);
    for (long entry : old) {
      if (entry != EMPTY) {
        insert(entry);
      }
    }
  }

  private void grow() {
    int to = id.length + (id.length >> 1);
    id = Arrays.copyOf(id, to);
    job = Arrays.copyOf(job, to);
    host = Arrays.copyOf(host, to);
    label = Arrays.copyOf(label, to);
    since = Arrays.copyOf(since, to);
    ports = Arrays.copyOf(ports, to);
    next = Arrays.copyOf(next, to);
    previous = Arrays.copyOf(previous, to);
  }

  private static int spread(String instance) {
    int h = instance.hashCode() * 0x9E3779B9;
    return h ^ (h >>> 16);
  }
}
