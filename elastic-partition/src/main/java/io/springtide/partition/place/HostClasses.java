package io.springtide.partition.place;

import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The hosts that fit a job, in classes of equal values in the attributes of its domain rules. Class
 * {@code c} has two heaps of keys, the lowest on top: segment {@code 2c} of hosts in use and {@code
 * 2c + 1} of empty ones, where a pool keeps a buffer and they must be told apart. The arrays are
 * kept from batch to batch.
 */
final class HostClasses {
  /** How fine the fit policy's rating is. */
  static final int FIT_BITS = 32;

  private static final int POSITION_BITS = 20;

  int count;
  int rules;

  /** The top of a heap without hosts. */
  static final long NONE = Long.MAX_VALUE;

  /** Value of rule {@code r}, plus one, in class {@code c} at {@code c * rules + r}. */
  int[] value = new int[8];

  /** The lowest key of each segment, or {@link #NONE}. */
  long[] top = new long[8];

  private int[] size = new int[8];

  /** How many empty hosts may be taken before the buffer is touched. */
  int openable;

  private int[] start = new int[8];
  private long[] key = new long[64];
  private int[] classOf = new int[64];
  private boolean[] empty = new boolean[64];
  private long[] heap = new long[64];
  private int found;
  private int remaining;
  private JobState job;
  private HostTable hosts;
  private int[] direct = new int[0];
  private long combinations;
  private final Map<Long, Integer> sparse = new HashMap<>();

  private static final int DIRECT = 1 << 14;

  void open(JobState of, HostTable table, int atMost) {
    job = of;
    hosts = table;
    found = 0;
    count = 0;
    rules = of.domains.size();
    if (key.length < atMost) {
      key = new long[atMost];
      classOf = new int[atMost];
      empty = new boolean[atMost];
    }
    combinations = 1;
    for (int r = 0; r < rules; r++) {
      int values = table.attributes.valueCount(of.domains.get(r).attribute) + 1;
      combinations = Math.min(Long.MAX_VALUE / (1 << 20), combinations * values);
    }
    if (combinations <= DIRECT) {
      if (direct.length < combinations) {
        direct = new int[(int) combinations];
      }
      Arrays.fill(direct, 0, (int) combinations, -1);
    } else {
      sparse.clear();
    }
  }

  /** A host's key: the soft rules it breaks, then how it fits, then its place in the pool. */
  static long key(long broken, long fit, int position) {
    return (broken << (FIT_BITS + POSITION_BITS)) | (fit << POSITION_BITS) | position;
  }

  static long broken(long key) {
    return key >>> (FIT_BITS + POSITION_BITS);
  }

  /** How the host fits, and its place in the pool where two fit alike. */
  static long fit(long key) {
    return key & ((1L << (FIT_BITS + POSITION_BITS)) - 1);
  }

  static int position(long key) {
    return (int) (key & ((1L << POSITION_BITS) - 1));
  }

  int candidates() {
    return remaining;
  }

  void add(int h, long k, boolean buffered) {
    int c = rules == 0 ? only() : classify(h);
    key[found] = k;
    classOf[found] = c;
    boolean fresh = buffered && (hosts.instances[h] == 0 || hosts.keptForBuffer[h]);
    empty[found++] = fresh;
    size[2 * c + (fresh ? 1 : 0)]++;
  }

  /** All hosts are in: makes the heaps. */
  void close() {
    remaining = found;
    if (start.length < 2 * count) {
      start = new int[size.length];
    }
    int at = 0;
    for (int c = 0; c < count; c++) {
      start[2 * c] = at;
      // Empty hosts move over once used, so the first heap has room for them too.
      at += size[2 * c] + size[2 * c + 1];
      start[2 * c + 1] = at;
      at += size[2 * c + 1];
    }
    if (heap.length < at) {
      heap = new long[at];
    }
    Arrays.fill(size, 0, 2 * count, 0);
    for (int i = 0; i < found; i++) {
      int segment = 2 * classOf[i] + (empty[i] ? 1 : 0);
      heap[start[segment] + size[segment]++] = key[i];
    }
    for (int segment = 0; segment < 2 * count; segment++) {
      for (int i = size[segment] / 2 - 1; i >= 0; i--) {
        sink(segment, i);
      }
      top[segment] = size[segment] > 0 ? heap[start[segment]] : NONE;
    }
  }

  void pop(int segment) {
    int last = --size[segment];
    remaining--;
    heap[start[segment]] = heap[start[segment] + last];
    sink(segment, 0);
    top[segment] = last > 0 ? heap[start[segment]] : NONE;
  }

  void replaceTop(int segment, long k) {
    heap[start[segment]] = k;
    sink(segment, 0);
    top[segment] = heap[start[segment]];
  }

  void push(int segment, long k) {
    int base = start[segment];
    int i = size[segment]++;
    remaining++;
    while (i > 0 && heap[base + (i - 1) / 2] > k) {
      heap[base + i] = heap[base + (i - 1) / 2];
      i = (i - 1) / 2;
    }
    heap[base + i] = k;
    top[segment] = heap[base];
  }

  private void sink(int segment, int from) {
    int base = start[segment];
    int end = size[segment];
    if (from >= end) {
      return;
    }
    long k = heap[base + from];
    int i = from;
    for (int child = 2 * i + 1; child < end; child = 2 * i + 1) {
      if (child + 1 < end && heap[base + child + 1] < heap[base + child]) {
        child++;
      }
      if (heap[base + child] >= k) {
        break;
      }
      heap[base + i] = heap[base + child];
      i = child;
    }
    heap[base + i] = k;
  }

  private int only() {
    return count == 0 ? fresh() : 0;
  }

  private int classify(int h) {
    long code = 0;
    for (int r = 0; r < rules; r++) {
      int attribute = job.domains.get(r).attribute;
      code =
          code * (hosts.attributes.valueCount(attribute) + 1)
              + hosts.attributes.value(attribute, h)
              + 1;
    }
    int known = combinations <= DIRECT ? direct[(int) code] : sparse.getOrDefault(code, -1);
    if (known >= 0) {
      return known;
    }
    int c = fresh();
    if (combinations <= DIRECT) {
      direct[(int) code] = c;
    } else {
      sparse.put(code, c);
    }
    if (value.length < (c + 1) * rules) {
      value = Arrays.copyOf(value, Math.max(value.length * 2, (c + 1) * rules));
    }
    for (int r = 0; r < rules; r++) {
      value[c * rules + r] = hosts.attributes.value(job.domains.get(r).attribute, h) + 1;
    }
    return c;
  }

  private int fresh() {
    int c = count++;
    if (size.length < 2 * count) {
      size = Arrays.copyOf(size, size.length * 2);
      top = Arrays.copyOf(top, size.length);
    }
    size[2 * c] = 0;
    size[2 * c + 1] = 0;
    return c;
  }
}
